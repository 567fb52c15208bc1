package io.flota.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.flota.simulation.Cases.Case;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Goal: who knows only what happened up to some moment does no harm. Method: short scenarios, each as often as
/// processes hear something in it; every time another process hears only a beginning of it while all goes on.
class StaleWatchTest {
    /// Too short for anybody to notice that the watch is silent.
    private static final Duration UNNOTICED = Duration.ofMillis(2_500);
    private static final Duration LONG = Duration.ofSeconds(20);

    @Test
    void whoeverKnowsOnlyABeginningDoesNoHarm() {
        LogLines.silence();

        var tally = Cases.play(cases());

        System.out.println("each stale beginning of a watch: " + tally.rate());
        assertThat(tally.words()).as(() -> tally.failed().getFirst().story()).isEmpty();
    }

    static List<Case> cases() {
        return Cases.of(Scenarios.all(), (scenario, quiet) -> {
            var cases = new ArrayList<Case>();
            for (var place : scenario.components()) {
                for (int heard = 0; heard < quiet.messages(place); heard++) {
                    cases.add(deaf(scenario, place, heard, UNNOTICED, Duration.ZERO));
                    cases.add(deaf(scenario, place, heard, LONG, scenario.lastStep()));
                }
            }
            return cases;
        });
    }

    private static Case deaf(Scenario scenario, String place, int heard, Duration lasting, Duration atLeastUntil) {
        String words = place + " hears " + heard + " messages, and no more for " + lasting.toMillis() + " ms";
        return new Case(scenario, words, () -> new Deafness(place, heard, lasting, atLeastUntil));
    }
}
