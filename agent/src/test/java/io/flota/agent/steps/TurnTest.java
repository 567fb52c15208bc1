package io.flota.agent.steps;

import static org.assertj.core.api.Assertions.assertThat;

import io.flota.unit.UnitState;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TurnTest {
    /// A state as `active generation restarts since pid message`.
    private static UnitState state(String text) {
        var word = text.split(" ", 6);
        boolean restarting = word[0].equals("auto-restart");
        return new UnitState(
                "loaded", restarting ? "activating" : word[0], restarting ? "auto-restart" : "x", "hash", "p1",
                Long.parseLong(word[1]), Instant.ofEpochSecond(Long.parseLong(word[3])),
                word.length > 5 ? word[5] : "", Long.parseLong(word[4]), Integer.parseInt(word[2]));
    }

    @ParameterizedTest(name = "{0} -> {1}: {2}")
    @CsvSource(delimiter = '|', textBlock = """
            inactive 0 0 1 0          | active 1 0 5 77          | STARTED
            failed 1 0 1 0 exit 1     | active 2 0 5 77          | STARTED
            active 1 0 5 77           | active 1 0 5 77          |
            active 1 0 5 77           | active 1 0 5 77 STATUS=a |
            active 1 0 5 77           | active 2 0 6 78          | STARTED
            active 1 0 5 77           | active 1 3 6 78          | STARTED by itself: restart 3
            active 1 0 5 77           | active 1 0 9 78          | STARTED
            active 1 0 5 77           | reloading 1 0 9 77       |
            reloading 1 0 9 77        | active 1 0 10 77         |
            active 1 0 5 0            | active 1 0 6 0           |
            active 1 0 5 77           | inactive 0 0 6 0         | STOPPED
            active 1 0 5 77           | inactive 1 0 6 0         | STOPPED by itself
            active 1 0 5 77           | failed 1 0 6 0 exit 1    | FAILED by itself: exit 1
            failed 1 0 6 0 exit 1     | failed 1 0 6 0 exit 1    |
            failed 1 0 6 0 exit 1     | failed 1 0 9 0 exit 1    | FAILED by itself: exit 1
            failed 1 0 6 0 exit 1     | inactive 0 0 7 0         |
            inactive 0 0 1 0          | inactive 0 0 1 0         |
            inactive 0 0 1 0          | inactive 1 0 2 0         | STARTED: has ended since
            inactive 1 0 2 0          | inactive 1 0 2 0         |
            active 1 0 5 77           | auto-restart 1 0 6 0 e 1 | FAILED by itself: e 1
            active 1 0 5 77 odd       | auto-restart 1 0 6 0 odd | STOPPED by itself
            auto-restart 1 0 6 0 e 1  | auto-restart 1 0 6 0 e 1 |
            auto-restart 1 0 6 0 e 1  | auto-restart 1 1 7 0 e 1 | FAILED by itself: e 1
            auto-restart 1 0 6 0 e 1  | active 1 1 7 78          | STARTED by itself: restart 1
            """)
    void aTurnIsToldOnceFromTheStateBeforeAndTheStateNow(String before, String now, String told) {
        var turns = Turn.between(state(before), state(now)).stream()
                .map(turn -> turn.kind() + (turn.byItself() ? " by itself" : "")
                        + (turn.words().isEmpty() ? "" : ": " + turn.words()))
                .toList();

        assertThat(String.join(", ", turns)).isEqualTo(told == null ? "" : told);
    }

    @ParameterizedTest
    @CsvSource({"activating, true", "deactivating, true", "auto-restart, false", "active, false", "failed, false"})
    void onlyAUnitThatRisesOrGoesDownIsBetween(String active, boolean between) {
        assertThat(Turn.isBetween(state(active + " 1 0 1 0"))).isEqualTo(between);
    }

    @Test
    void aUnitThatIsGoneWhileItRanHasStopped() {
        assertThat(Turn.between(state("active 1 0 5 77"), Turn.NONE))
                .extracting(Turn::kind)
                .containsExactly(Turn.Kind.STOPPED);
    }
}
