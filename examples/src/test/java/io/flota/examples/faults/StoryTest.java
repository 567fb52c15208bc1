package io.flota.examples.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.flota.examples.faults.Registrar.Change;
import io.flota.machine.MachineId;
import io.flota.registry.Fact;
import io.flota.registry.Key;
import io.flota.unit.UnitName;
import io.flota.unit.UnitState;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/// The oracles find what they are there to find.
class StoryTest {
    private static final String UNIT = "u.service";
    private static final String ONE = "0".repeat(31) + "1";
    private static final String TWO = "0".repeat(31) + "2";

    private final Deeds deeds = new Deeds();

    @Test
    void anExclusiveUnitThatIsThereTwiceForAMillisecondIsFound() {
        var story = story(List.of(), run(ONE, 1, 1, 1000, 2000), run(TWO, 2, 2, 1999, 3000));

        assertThat(story.overlaps(_ -> true)).singleElement().asString().contains("1.000 ms of overlap");
        assertThat(story.longestOverlap(_ -> true)).isEqualTo(1.0);
        assertThat(story.overlaps(_ -> false)).isEmpty();
    }

    @Test
    void oneThatOverlapsWithAnEarlierThanTheLastIsFound() {
        var story = story(
                List.of(), run(ONE, 1, 1, 0, 5000), run(TWO, 2, 2, 1000, 1500), run(TWO, 3, 3, 2000, 3000));

        assertThat(story.overlaps(_ -> true)).hasSize(2);
    }

    @Test
    void oneAfterTheOtherIsNoOverlap() {
        var story = story(List.of(), run(ONE, 1, 1, 1000, 2000), run(TWO, 2, 2, 2001, 3000));

        assertThat(story.overlaps(_ -> true)).isEmpty();
        assertThat(story.longestOverlap(_ -> true)).isZero();
        assertThat(story.epochsThatDoNotRise(_ -> true)).isEmpty();
    }

    @Test
    void anEpochThatStaysIsFound() {
        var story = story(List.of(), run(ONE, 1, 7, 1000, 2000), run(TWO, 2, 7, 2001, 3000));

        assertThat(story.epochsThatDoNotRise(_ -> true)).singleElement().asString().contains("after 7");
    }

    @Test
    void aSecondProcessForTheSameDecisionIsARestartWithoutAReason() {
        var reports = List.of(report(1, ONE, 1, "p", 1), report(2, ONE, 2, "p", 1));

        var story = story(reports, run(ONE, 1, 1, 1000, 2000), run(ONE, 2, 2, 2100, 3000));

        assertThat(story.groundlessRestarts(_ -> false)).hasSize(1);
    }

    @Test
    void aSecondProcessForARestartThatWasAskedForHasItsReason() {
        var reports = List.of(report(1, ONE, 1, "p", 1), report(2, ONE, 2, "p", 2));

        var story = story(reports, run(ONE, 1, 1, 1000, 2000), run(ONE, 2, 2, 2100, 3000));

        assertThat(story.groundlessRestarts(_ -> false)).isEmpty();
    }

    @Test
    void aSecondProcessAfterTheMachineWasKilledHasItsReason() {
        var reports = List.of(report(1, ONE, 1, "p", 1), report(2, ONE, 2, "p", 1));
        var fault = new Fault.MachineKilled("machine-1");
        deeds.inflicted(fault, nanos(1990), nanos(2050));

        var story = story(reports, run(ONE, 1, 1, 1000, 2000), run(ONE, 2, 2, 2100, 3000));

        assertThat(story.groundlessRestarts(_ -> false)).isEmpty();
    }

    private Story story(List<Change> changes, Run... runs) {
        return new Story(Map.of(UNIT, List.of(runs)), changes, deeds, Map.of(ONE, "machine-1", TWO, "machine-2"), nanos(10_000));
    }

    private static Run run(String machine, long pid, long epoch, long first, long last) {
        return new Run(UNIT, machine, pid, OptionalLong.of(epoch), nanos(first), nanos(last), Run.Ending.SILENT);
    }

    private static long nanos(long millis) {
        return TimeUnit.MILLISECONDS.toNanos(millis);
    }

    private static Change report(long revision, String machine, long pid, String placement, long generation) {
        var id = new MachineId(machine);
        var name = new UnitName(UNIT);
        var state = new UnitState(
                "loaded", "active", "running", "hash", placement, generation, Instant.EPOCH, "", pid, 0);
        return new Change(
                revision, 0, new Key.StateKey(id, name), Optional.of(new Fact.StateFact(id, name, state)));
    }
}
