package io.flota.daemon;

import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import picocli.CommandLine.Option;

/// The options that say how a daemon's listeners are protected. There is no authentication but TLS with client
/// certificates, so whoever reaches a listener without it may do everything: hence the rule of [#check].
public final class ListenOptions {
    @Option(names = "--tls-cert-file", paramLabel = "FILE", description = "certificate of this daemon (PEM)")
    Optional<Path> certFile = Optional.empty();

    @Option(names = "--tls-key-file", paramLabel = "FILE", description = "its private key (PEM, PKCS #8)")
    Optional<Path> keyFile = Optional.empty();

    @Option(
            names = "--tls-ca-file",
            paramLabel = "FILE",
            description = "certificate authority (PEM); with it, clients must show a certificate signed by it")
    Optional<Path> caFile = Optional.empty();

    @Option(names = "--insecure", description = "listen beyond loopback without TLS: whoever reaches it rules the cluster")
    boolean insecure;

    /// The TLS files, if given.
    public Optional<TlsFiles> tls() {
        return certFile.isPresent() && keyFile.isPresent()
                ? Optional.of(new TlsFiles(certFile.get(), keyFile.get(), caFile))
                : Optional.empty();
    }

    /// Refuses listeners that would be open to others: an address beyond loopback needs TLS files or `--insecure`.
    ///
    /// @param listeners option name to its address
    /// @throws SettingsException with every problem
    public void check(Map<String, ListenAddress> listeners) throws SettingsException {
        var problems = new ArrayList<>(fileProblems());
        new TreeMap<>(listeners).forEach((option, address) -> {
            try {
                boolean loopback = address.resolve().getAddress().isLoopbackAddress();
                if (!loopback && tls().isEmpty() && !insecure) {
                    problems.add(option + " " + address + " is beyond loopback, where anybody could rule the cluster:"
                            + " give --tls-cert-file and --tls-key-file, or accept it with --insecure");
                }
            } catch (UnknownHostException _) {
                problems.add(option + " " + address + ": no such host \"" + address.host() + "\"");
            }
        });
        if (!problems.isEmpty()) {
            throw new SettingsException(problems);
        }
    }

    private List<String> fileProblems() {
        var problems = new ArrayList<String>();
        if (certFile.isPresent() != keyFile.isPresent()) {
            problems.add("--tls-cert-file and --tls-key-file belong together: give both");
        }
        if (caFile.isPresent() && certFile.isEmpty()) {
            problems.add("--tls-ca-file needs --tls-cert-file and --tls-key-file");
        }
        unreadable("--tls-cert-file", certFile).ifPresent(problems::add);
        unreadable("--tls-key-file", keyFile).ifPresent(problems::add);
        unreadable("--tls-ca-file", caFile).ifPresent(problems::add);
        return problems;
    }

    static Optional<String> unreadable(String option, Optional<Path> file) {
        return file.filter(path -> !Files.isReadable(path)).map(path -> option + " " + path + " cannot be read");
    }
}
