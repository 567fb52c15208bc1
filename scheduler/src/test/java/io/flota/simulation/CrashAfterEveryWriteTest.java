package io.flota.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.flota.simulation.AfterWrite.Fate;
import io.flota.simulation.Cases.Case;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Goal: no write is one too many to die after. Method: short scenarios, each as often as processes write in it; every
/// time another process dies right after another of its writes, or does not hear what became of it.
class CrashAfterEveryWriteTest {
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
                for (int i = 1; i <= quiet.writes(place); i++) {
                    for (var fate : Fate.values()) {
                        int number = i;
                        cases.add(new Case(
                                scenario, place + " " + fate + " after write " + number,
                                () -> new AfterWrite(place, number, fate)));
                    }
                }
            }
            return cases;
        });
    }
}
