package io.flota.agent.runtime.exec;

import io.flota.agent.runtime.exec.Launch.ImpossibleException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;

/// Users and groups of this host.
final class Accounts {
    /// @param group number of its first group
    record Account(String name, String uid, String group, String home, String shell) {}

    private Accounts() {}

    static Account user(String user) throws ImpossibleException {
        var fields = find("passwd", user)
                .orElseThrow(() -> new ImpossibleException(ExitStatus.USER, "User=" + user + ": no such user"));
        if (fields.length < 7) {
            throw new ImpossibleException(ExitStatus.USER, "User=" + user + ": its entry in passwd is cut short");
        }
        return new Account(fields[0], fields[2], fields[3], fields[5], fields[6]);
    }

    /// The group's number.
    static String group(String group) throws ImpossibleException {
        return find("group", group)
                .orElseThrow(() -> new ImpossibleException(ExitStatus.GROUP, "Group=" + group + ": no such group"))[2];
    }

    /// By name or number: from the file, else from whatever else the host asks for names.
    private static Optional<String[]> find(String table, String key) throws ImpossibleException {
        try {
            var inFile = Files.readAllLines(Path.of("/etc", table), StandardCharsets.UTF_8).stream()
                    .map(line -> line.split(":", -1))
                    .filter(fields -> fields.length > 2 && Arrays.asList(fields[0], fields[2]).contains(key))
                    .findFirst();
            return inFile.isPresent() ? inFile : ask(table, key);
        } catch (IOException e) {
            throw new ImpossibleException(ExitStatus.USER, "cannot read /etc/" + table + ": " + e.getMessage());
        }
    }

    private static Optional<String[]> ask(String table, String key) throws IOException {
        var getent = new ProcessBuilder("getent", table, "--", key)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        try (var reader = getent.inputReader(StandardCharsets.UTF_8)) {
            return Optional.ofNullable(reader.readLine()).map(line -> line.split(":", -1));
        }
    }
}
