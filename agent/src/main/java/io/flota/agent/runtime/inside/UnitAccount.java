package io.flota.agent.runtime.inside;

import com.google.common.collect.ImmutableList;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// A user as a unit's own files know it.
///
/// @param groups numbers of the groups that it is in beside its first one
record UnitAccount(String name, String uid, String gid, ImmutableList<String> groups, String home) {
    private static final int MOST_DIGITS = 9;

    /// @param user name or number; a number needs no entry
    /// @return empty if there is no such user
    static Optional<UnitAccount> of(UnitRoot root, String user) throws IOException {
        var entry = entries(root, "/etc/passwd", 6)
                .filter(fields -> fields.get(0).equals(user) || fields.get(2).equals(user))
                .findFirst();
        if (entry.isPresent()) {
            var fields = entry.get();
            var groups = entries(root, "/etc/group", 4)
                    .filter(group -> Arrays.asList(group.get(3).split(",")).contains(fields.get(0)))
                    .map(group -> group.get(2))
                    .filter(UnitAccount::isNumber)
                    .collect(ImmutableList.toImmutableList());
            return Optional.of(new UnitAccount(fields.get(0), fields.get(2), fields.get(3), groups, fields.get(5)))
                    .filter(account -> isNumber(account.uid) && isNumber(account.gid));
        }
        return isNumber(user)
                ? Optional.of(new UnitAccount(user, user, "0", ImmutableList.of(), "/"))
                : Optional.empty();
    }

    private static Stream<List<String>> entries(UnitRoot root, String table, int atLeast) throws IOException {
        var file = root.find(table).filter(Files::isRegularFile);
        return file.isPresent() ? entries(file.get(), atLeast) : Stream.empty();
    }

    private static Stream<List<String>> entries(Path file, int atLeast) throws IOException {
        return new String(Files.readAllBytes(file), StandardCharsets.UTF_8)
                .lines()
                .map(line -> List.of(line.split(":", -1)))
                .filter(fields -> fields.size() >= atLeast);
    }

    private static boolean isNumber(String text) {
        return !text.isEmpty() && text.length() <= MOST_DIGITS && text.chars().allMatch(c -> c >= '0' && c <= '9');
    }
}
