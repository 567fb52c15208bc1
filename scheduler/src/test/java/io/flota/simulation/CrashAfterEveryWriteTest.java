package io.flota.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.flota.simulation.AfterWrite.Fate;
import io.flota.simulation.Cases.Case;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Goal: no write is one too many to die after. Method: short scenarios, each as often as processes write in it; every
/// time another process dies right after another of its writes, or does not hear what became of it.
class CrashAfterEveryWriteTest {
    /// By then its writer has given it up.
    private static final Duration LATE = Duration.ofSeconds(4);

    @Test
    void whoeverDiesAfterAnyWriteLeavesNothingThatIsNotMadeGood() {
        LogLines.silence();

        var tally = Cases.play(cases());

        System.out.println("a crash after every write: " + tally.rate());
        assertThat(tally.words()).as(() -> tally.failed().getFirst().story()).isEmpty();
    }

    static List<Case> cases() {
        return Cases.of(Scenarios.all(), (scenario, quiet) -> {
            var cases = new ArrayList<Case>();
            for (var place : scenario.components()) {
                for (int number = 1; number <= quiet.writes(place); number++) {
                    for (var fate : Fate.values()) {
                        cases.add(after(scenario, place, number, fate));
                    }
                }
                for (int number = 1; number <= quiet.sent(place); number++) {
                    cases.add(late(scenario, place, number));
                }
            }
            return cases;
        });
    }

    private static Case after(Scenario scenario, String place, int number, Fate fate) {
        return new Case(
                scenario, place + " " + fate + " after write " + number, () -> new AfterWrite(place, number, fate));
    }

    private static Case late(Scenario scenario, String place, int number) {
        return new Case(
                scenario, place + "'s write " + number + " lands late", () -> new LateWrite(place, number, LATE));
    }
}
