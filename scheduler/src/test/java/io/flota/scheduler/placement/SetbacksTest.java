package io.flota.scheduler.placement;

import static org.assertj.core.api.Assertions.assertThat;

import io.flota.unit.DesiredState;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Units that fail for good on a machine.
class SetbacksTest {
    private static final Duration SECOND = Duration.ofSeconds(1);

    private static Scenario failedOnA() {
        return new Scenario().machines("a", "b").persistent("x").runs("x", "a").reports("a", "x", "failed");
    }

    /// The leader carries its plan out, and the machine answers that the unit is down.
    private static Scenario givenUp(Scenario given) {
        given.commit();
        return given.reports("a", "x", "failed");
    }

    private static int count(Scenario given, String machine) {
        var fact = given.cluster().failuresOf(Scenario.unitName("x")).get(Scenario.machineId(machine));
        return fact == null ? 0 : fact.failures().count();
    }

    @Test
    void aUnitThatHasFailedForGoodIsReleasedRestsAndMoves() {
        var given = failedOnA();

        assertThat(given.plan()).containsExactly("give up x on a");
        givenUp(given);
        assertThat(given.placement("x", "a").target()).isEqualTo(DesiredState.INACTIVE);
        assertThat(count(given, "a")).isEqualTo(1);
        assertThat(given.plan()).containsExactly("wait x");
        assertThat(given.refusals("x"))
                .containsExactly(
                        "a: failed here once, avoided until 00:00:10 UTC",
                        "b: failed once elsewhere, rests until 00:00:01 UTC");

        assertThat(given.pass(SECOND).plan()).containsExactly("move x from a to b");
    }

    @Test
    void aUnitThatStaysUnhealthyMovesLikeOneThatHasFailed() {
        var given = new Scenario().machines("a", "b").persistent("x").runs("x", "a");
        assertThat(given.ails("a", "x", false).plan()).isEmpty();

        assertThat(given.ails("a", "x", true).plan()).containsExactly("give up x on a");

        givenUp(given);
        assertThat(given.pass(SECOND).plan()).containsExactly("move x from a to b");
    }

    @ParameterizedTest(name = "Restart={0}: {1}")
    @CsvSource(textBlock = """
            no,          stays
            '',          stays
            on-success,  stays
            on-failure,  is given up
            on-abnormal, is given up
            always,      is given up
            """)
    void whetherAFailureIsTheOperatorsAffairIsSaidByRestart(String restart, String outcome) {
        var given = new Scenario()
                .machines("a", "b")
                .unit("x", DesiredState.LAUNCHED, "[Service]\nExecStart=/bin/true\nRestart=" + restart + "\n")
                .runs("x", "a")
                .reports("a", "x", "failed");

        assertThat(given.changes().isEmpty() ? "stays" : "is given up").isEqualTo(outcome);
    }

    @Test
    void aFailureUnderAnEarlierPlacementOrGenerationIsNone() {
        var given = new Scenario().machines("a", "b").persistent("x").runs("x", "a");

        assertThat(given.reports("a", "x", "failed", "before").plan()).isEmpty();
        assertThat(given.reports("a", "x", "failed").restart("x").plan()).containsExactly("update x on a");
    }

    @Test
    void aUnitThatFitsNowhereElseIsTriedAgainThereAndLaterEachTime() {
        var given = new Scenario().machines("a").persistent("x").runs("x", "a");

        for (int seconds : new int[] {10, 20, 40, 80, 160, 300, 300}) {
            givenUp(given.reports("a", "x", "failed"));
            assertThat(given.pass(Duration.ofSeconds(seconds).minusMillis(1)).plan()).containsExactly("wait x");
            assertThat(given.pass(Duration.ofMillis(1)).plan()).containsExactly("update x on a");
            given.commit().reports("a", "x", "active");
        }

        assertThat(count(given, "a")).isEqualTo(7);
        assertThat(given.plan()).isEmpty();
    }

    @Test
    void aUnitThatFailsEverywhereGoesToWhereItFailedLeast() {
        var given = givenUp(failedOnA()).pass(SECOND).commit().reports("b", "x", "failed").forgets("a", "x");

        assertThat(given.plan()).containsExactly("give up x on b");
        given.commit().reports("b", "x", "inactive");
        assertThat(given.pass(SECOND.multipliedBy(9)).plan()).containsExactly("move x from b to a");
        given.commit().forgets("b", "x").reports("a", "x", "failed");

        assertThat(given.plan()).containsExactly("give up x on a");
        given.commit().reports("a", "x", "failed");
        assertThat(given.pass(SECOND.multipliedBy(20)).plan()).as("once there, twice here")
                .containsExactly("move x from a to b");
    }

    @Test
    void aFailureIsForgottenAfterAnHour() {
        var given = givenUp(failedOnA()).pass(SECOND).commit().reports("b", "x", "active").forgets("a", "x");

        given.pass(Duration.ofMinutes(59)).commit();
        assertThat(given.cluster().failures()).hasSize(1);
        given.pass(Duration.ofMinutes(1)).commit();

        assertThat(given.cluster().failures()).isEmpty();
    }

    @Test
    void theFailuresOfADestroyedUnitAreForgotten() {
        var given = givenUp(failedOnA()).destroy("x").commit().commit();

        assertThat(given.cluster().failures()).isEmpty();
    }

    @Test
    void anOperatorsStartForgetsTheFailures() {
        var given = givenUp(failedOnA());

        given.restart("x");
        assertThat(given.plan()).containsExactly("update x on a");
        given.commit().commit();

        assertThat(given.cluster().failures()).isEmpty();
    }

    @Test
    void aNewFileForgetsTheFailures() {
        var given = givenUp(failedOnA());

        assertThat(given.persistent("x", "Conflicts=other.service").plan()).containsExactly("update x on a");
    }

    @Test
    void aFollowerStaysWhileTheUnitRestsAndGoesWithIt() {
        var given = failedOnA().unit("follower", "MachineOf=x.service").runs("follower", "a");

        assertThat(given.plan()).containsExactly("give up x on a");
        givenUp(given);
        assertThat(given.plan()).containsExactly("wait x");

        assertThat(given.pass(SECOND).plan()).containsExactly("move x from a to b", "release follower on a");
    }

    @Test
    void nobodyWhoConflictsTakesThePlaceOfAUnitThatRests() {
        var given = new Scenario().machines("a").persistent("x").runs("x", "a").reports("a", "x", "failed");
        givenUp(given);

        given.unit("c", "Conflicts=x.service");

        assertThat(given.plan()).containsExactly("wait c", "wait x");
    }

    @Test
    void aUnitThatRestsLeavesAMachineThatDoesNotFitAnyMore() {
        var given = givenUp(failedOnA());

        assertThat(given.drain("a").plan()).containsExactly("remove x on a", "wait x");
        given.commit().forgets("a", "x");

        assertThat(given.pass(SECOND).plan()).containsExactly("place x on b");
    }

    @Test
    void aUnitOnACordonedMachineIsTriedAgainThere() {
        var given = new Scenario().machines("a").persistent("x").runs("x", "a").reports("a", "x", "failed");
        givenUp(given).cordon("a");

        assertThat(given.pass(SECOND.multipliedBy(10)).plan()).containsExactly("update x on a");
    }

    @Test
    void aGlobalUnitIsTriedAgainWhereItFailedAndDisturbsNoOther() {
        var given = new Scenario()
                .machines("a", "b")
                .persistent("g", "Global=true")
                .runs("g", "a")
                .runs("g", "b")
                .reports("a", "g", "failed");

        assertThat(given.plan()).containsExactly("give up g on a");
        given.commit();
        assertThat(given.plan()).isEmpty();
        given.reports("a", "g", "failed");
        assertThat(given.refusals("g")).containsExactly("a: failed here once, avoided until 00:00:10 UTC");

        assertThat(given.pass(SECOND.multipliedBy(10)).plan()).containsExactly("update g on a");
    }

    @Test
    void aGlobalUnitThatFailsEverywhereIsGivenUpInOnePlan() {
        var given = new Scenario().machines("a", "b", "c").persistent("g", "Global=true");
        for (var machine : List.of("a", "b", "c")) {
            given.runs("g", machine).reports(machine, "g", "failed");
        }

        assertThat(given.plan()).containsExactly("give up g on a", "give up g on b", "give up g on c");
        given.commit();
        assertThat(given.plan()).isEmpty();
        assertThat(given.cluster().failuresOf(Scenario.unitName("g"))).hasSize(3);
    }

    @Test
    void aClockThatWasSetBackHoldsUpNothing() {
        var given = new Scenario().pass(Duration.ofDays(1));
        given.machines("a").persistent("x").runs("x", "a").reports("a", "x", "failed");
        givenUp(given);

        assertThat(given.pass(Duration.ofHours(-1)).plan()).containsExactly("update x on a");
    }

    @Test
    void thePlanSaysWhenTimeAloneChangesIt() {
        var given = failedOnA();
        assertThat(Planner.plan(given.cluster()).next()).isEmpty();

        givenUp(given);

        assertThat(Planner.plan(given.cluster()).next()).contains(given.cluster().moment().plus(SECOND));
    }
}
