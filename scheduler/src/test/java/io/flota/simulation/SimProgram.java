package io.flota.simulation;

import com.google.common.base.Splitter;
import io.flota.unit.PlacementRules;
import io.flota.unit.UnitFile;
import io.flota.unit.UnitFileException;
import io.flota.unit.UnitName;
import java.time.Duration;
import java.util.Optional;

/// How a simulated unit's program behaves, as its file says: `ExecStart=/sim start=<ms> stop=<ms> fails=<ms or never>
/// restarts=<times> pause=<ms>`.
///
/// @param failsAfter how long it runs until it fails; empty: for ever
/// @param restarts how often its failure makes it start anew
record SimProgram(Duration start, Duration stop, Optional<Duration> failsAfter, int restarts, Duration pause) {
    static SimProgram of(UnitFile file) {
        var command = file.settings().stream()
                .filter(setting -> setting.key().equals("ExecStart"))
                .map(UnitFile.Setting::value)
                .findFirst()
                .orElseThrow();
        var words = Splitter.on(' ').withKeyValueSeparator('=').split(command.substring("/sim ".length()));
        return new SimProgram(
                Duration.ofMillis(Long.parseLong(words.get("start"))),
                Duration.ofMillis(Long.parseLong(words.get("stop"))),
                Optional.of(words.get("fails"))
                        .filter(fails -> !fails.equals("never"))
                        .map(fails -> Duration.ofMillis(Long.parseLong(fails))),
                Integer.parseInt(words.get("restarts")),
                Duration.ofMillis(Long.parseLong(words.get("pause"))));
    }

    static boolean isExclusive(UnitName name, UnitFile file) {
        return rules(name, file).partition().exclusive();
    }

    static PlacementRules rules(UnitName name, UnitFile file) {
        try {
            return PlacementRules.of(name.full(), name, file);
        } catch (UnitFileException e) {
            throw new IllegalStateException(e);
        }
    }

    /// As the command line of a unit file.
    static String command(long start, long stop, String fails, int restarts, long pause) {
        return "/sim start=%d stop=%d fails=%s restarts=%d pause=%d".formatted(start, stop, fails, restarts, pause);
    }
}
