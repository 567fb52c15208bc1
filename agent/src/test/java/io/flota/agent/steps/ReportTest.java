package io.flota.agent.steps;

import static io.flota.agent.steps.Situations.situation;
import static io.flota.unit.DesiredState.INACTIVE;
import static io.flota.unit.DesiredState.LAUNCHED;
import static io.flota.unit.DesiredState.UNKNOWN;
import static org.assertj.core.api.Assertions.assertThat;

import io.flota.agent.steps.Situation.Stray;
import io.flota.unit.UnitName;
import io.flota.unit.UnitState;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ReportTest {
    private static final String UNIT = "web@1.service";

    @Test
    void aStateNamesThePlacementThatItAnswers() {
        var situation = situation()
                .placed(UNIT, LAUNCHED)
                .observed(UNIT, "active", 3, "new")
                .observed("stray.service", "active", 1, "old");

        assertThat(state(situation, UNIT).placementId()).isEqualTo("p-" + UNIT);
        assertThat(state(situation, UNIT).generation()).isEqualTo(3);
        assertThat(state(situation, "stray.service").placementId()).isEmpty();
    }

    @Test
    void aUnitThatIsThereForSomethingUnknownSaysSoAndAnswersNoPlacement() {
        var situation = situation().placed(UNIT, UNKNOWN).observed(UNIT, "active", 3, "new").placed("web@2.service", UNKNOWN);

        assertThat(state(situation, UNIT).message()).startsWith("a newer version placed it here");
        assertThat(state(situation, UNIT).active()).isEqualTo("active");
        assertThat(state(situation, UNIT).placementId()).isEmpty();
        assertThat(state(situation, "web@2.service").load()).isEqualTo("not-found");
    }

    @Test
    void aStateSaysWhetherItsUnitAsksToStay() {
        var situation = situation()
                .observed("asks.service", "active", 1, "f")
                .stray("asks.service", Stray.ASKS)
                .observed("undecided.service", "active", 1, "f")
                .stray("undecided.service", Stray.UNDECIDED);

        assertThat(state(situation, "asks.service").asksToStay()).isTrue();
        assertThat(state(situation, "undecided.service").asksToStay()).isFalse();
    }

    /// The leader starts the unit elsewhere on this word, so it must be true for good.
    @ParameterizedTest(name = "{0} in generation {1}, told to stop: {2}; released: {3}")
    @CsvSource(
            textBlock =
                    """
            active,       3, true,  false
            activating,   3, true,  false
            deactivating, 0, true,  false
            failed,       3, true,  false
            inactive,     3, true,  false
            inactive,     0, false, false
            failed,       0, false, false
            inactive,     0, true,  true
            failed,       0, true,  true
            """)
    void aUnitIsReleasedOnlyOnceItIsDownForGood(String active, long generation, boolean told, boolean released) {
        var situation = situation().placed(UNIT, INACTIVE).observed(UNIT, active, generation, "new");
        if (told) {
            situation.stopped(UNIT);
        }

        assertThat(state(situation, UNIT).placementId()).isEqualTo(released ? "p-" + UNIT : "");
    }

    @Test
    void aUnitThatIsToLeaveAndWasNeverHereIsReleasedAtOnce() {
        var state = state(situation().placed(UNIT, INACTIVE), UNIT);

        assertThat(state.isDown()).isTrue();
        assertThat(state.placementId()).isEqualTo("p-" + UNIT);
    }

    @Test
    void aUnitWithoutAFileSaysSo() {
        var absent = state(situation().placed(UNIT, LAUNCHED).unreadable(UNIT), UNIT);
        var running = state(
                situation().placed(UNIT, LAUNCHED).observed(UNIT, "active", 3, "old").unreadable(UNIT), UNIT);

        assertThat(absent.load()).isEqualTo("not-found");
        assertThat(absent.message()).isEqualTo("file new is gone");
        assertThat(absent.placementId()).isEqualTo("p-" + UNIT);
        assertThat(running.active()).isEqualTo("active");
        assertThat(running.message()).isEqualTo("file new is gone");
    }

    @Test
    void aUnitThatIsNeitherPlacedNorLoadedIsNotSpokenOf() {
        assertThat(Report.of(situation().build())).isEmpty();
    }

    private static UnitState state(Situations situation, String unit) {
        return Report.of(situation.build()).get(new UnitName(unit));
    }
}
