package io.flota.examples.faults;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// The units that random faults are tried on: of each sort that Flota treats in a way of its own, some that operators
/// leave alone and some that they have to do with.
final class Company {
    /// Of these, a line comes every so many milliseconds: often enough to see the shortest overlap that matters.
    private static final int OFTEN = 5;

    private static final int NOW_AND_THEN = 20;
    private static final String EXCLUSIVE = "\n[X-Flota]\nExclusive=true";

    /// Who follows whom.
    static final Map<String, String> ANCHORS = Map.of("follower.service", "anchor.service");

    private Company() {}

    /// @return a folder for each version of the files
    static List<Path> write(Witnesses witnesses, Path folder) {
        return IntStream.range(0, 2).mapToObj(version -> write(witnesses, folder.resolve("files-" + version), version)).toList();
    }

    private static Path write(Witnesses witnesses, Path folder, int version) {
        var versioned = "Environment=VERSION=" + version;
        witnesses.unit(folder, "steady@.service", NOW_AND_THEN, "");
        witnesses.unit(folder, "busy@.service", NOW_AND_THEN, "", versioned);
        witnesses.unit(folder, "only@.service", OFTEN, "", EXCLUSIVE);
        witnesses.unit(folder, "busyonly@.service", OFTEN, "", versioned, EXCLUSIVE);
        witnesses.unit(folder, "stubborn@.service", OFTEN, "stubborn", EXCLUSIVE);
        witnesses.unit(folder, "everywhere.service", NOW_AND_THEN, "", "\n[X-Fleet]\nGlobal=true");
        witnesses.unit(folder, "anchor.service", NOW_AND_THEN, "");
        witnesses.unit(folder, "follower.service", NOW_AND_THEN, "", "\n[X-Fleet]\nMachineOf=anchor.service");
        witnesses.unit(folder, "restless@.service", NOW_AND_THEN, "fails=17", "Restart=on-failure", "RestartSec=1");
        return folder;
    }

    static List<String> all() {
        return Stream.concat(
                        Stream.of(
                                "steady@1", "steady@2", "steady@3", "only@1", "only@2", "stubborn@1", "everywhere", "anchor",
                                "follower", "restless@1"),
                        operated().stream())
                .toList();
    }

    /// Those that operators have to do with.
    static List<String> operated() {
        return List.of("busy@1", "busy@2", "busy@3", "busyonly@1", "busyonly@2");
    }

    static boolean isExclusive(String unit) {
        return unit.contains("only@") || unit.startsWith("stubborn@");
    }

    static boolean isGlobal(String unit) {
        return unit.startsWith("everywhere.");
    }

    static boolean isRestless(String unit) {
        return unit.startsWith("restless@");
    }
}
