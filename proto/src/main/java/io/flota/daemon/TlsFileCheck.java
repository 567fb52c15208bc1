package io.flota.daemon;

import io.flota.tls.PemException;
import io.flota.tls.PemFiles;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Finds out before a start whether TLS files can be used.
final class TlsFileCheck {
    private TlsFileCheck() {}

    /// @param prefix of the options: `--tls` for `--tls-ca-file`, `--tls-cert-file` and `--tls-key-file`
    /// @return what is wrong, each beginning with its option; empty if nothing is
    static List<String> problems(String prefix, PemFiles files) {
        var problems = new ArrayList<String>();
        files.authority().ifPresent(ca -> check(prefix, new PemFiles(Optional.of(ca), Optional.empty()), problems));
        files.identity()
                .ifPresent(own -> check(prefix, new PemFiles(Optional.empty(), Optional.of(own)), problems));
        return problems;
    }

    /// Of files that are for the cluster's own listeners, where one authority signs for all.
    static List<String> problemsOfListener(String prefix, PemFiles files) {
        var problems = problems(prefix, files);
        if (problems.isEmpty() && !isOfItsAuthority(files)) {
            problems.add(prefix + "-cert-file " + files.identity().orElseThrow().certificate()
                    + " is not of the authority in " + files.authority().orElseThrow());
        }
        return problems;
    }

    private static boolean isOfItsAuthority(PemFiles files) {
        try {
            return files.read().isOfItsAuthority();
        } catch (PemException _) {
            return true; // changed since they were checked: the start will say how
        }
    }

    private static void check(String prefix, PemFiles files, List<String> problems) {
        try {
            files.read().check();
        } catch (PemException e) {
            problems.add(prefix + option(files, e.file()) + " " + e.getMessage());
        }
    }

    private static String option(PemFiles files, Path file) {
        if (files.authority().filter(file::equals).isPresent()) {
            return "-ca-file";
        }
        return files.identity().map(PemFiles.Identity::key).filter(file::equals).isPresent()
                ? "-key-file"
                : "-cert-file";
    }
}
