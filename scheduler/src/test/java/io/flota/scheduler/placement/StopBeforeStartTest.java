package io.flota.scheduler.placement;

import static org.assertj.core.api.Assertions.assertThat;

import io.flota.unit.DesiredState;
import org.junit.jupiter.api.Test;

class StopBeforeStartTest {
    private static Scenario movingFromAToB() {
        return new Scenario()
                .machine("a")
                .machine("b", "role=web")
                .unit("x", "MachineMetadata=role=web")
                .runs("x", "a");
    }

    @Test
    void aUnitIsReleasedFirstAndMovedOnceItsMachineHasSaidThatItIsDown() {
        var given = movingFromAToB();
        assertThat(given.plan()).containsExactly("release x on a");

        given.commit();
        assertThat(given.placement("x", "a").target()).isEqualTo(DesiredState.INACTIVE);
        assertThat(given.plan()).containsExactly("wait x");
        assertThat(given.refusals("x"))
                .containsExactly("a: it is still being stopped here", "b: it is still being stopped on a0000000");

        given.reports("a", "x", "inactive");
        assertThat(given.plan()).containsExactly("move x from a to b");
    }

    @Test
    void downInAnswerToAnEarlierPlacementIsNotEnough() {
        var given = movingFromAToB().reports("a", "x", "failed");

        given.commit();

        assertThat(given.plan()).containsExactly("wait x");
    }

    @Test
    void aFailedUnitIsDown() {
        var given = movingFromAToB().commit();

        given.reports("a", "x", "failed");

        assertThat(given.plan()).containsExactly("move x from a to b");
    }

    @Test
    void aUnitThatFitsAgainBeforeItHasMovedStays() {
        var given = movingFromAToB().commit();

        given.machine("a", "role=web");
        assertThat(given.plan()).containsExactly("update x on a");

        given.reports("a", "x", "inactive");
        assertThat(given.plan()).containsExactly("update x on a");
    }

    @Test
    void aUnitThatIsDownAndFitsNowhereLosesItsPlacement() {
        var given = movingFromAToB().machine("b").commit();
        given.reports("a", "x", "inactive");

        assertThat(given.plan()).containsExactly("remove x on a", "wait x");
    }

    @Test
    void aStoppedUnitLosesItsPlacementAtOnce() {
        var given = new Scenario().machines("a").unit("x").runs("x", "a");

        assertThat(given.stop("x").plan()).containsExactly("remove x on a");
    }

    @Test
    void aStoppedUnitOfAMachineThatHasSaidNothingYetIsReleasedFirst() {
        var given = new Scenario().machines("a", "b").unit("x").placed("x", "a");
        assertThat(given.stop("x").plan()).containsExactly("release x on a");

        given.commit().start("x");
        assertThat(given.plan()).containsExactly("update x on a");

        given.stop("x").reports("a", "x", "inactive");
        assertThat(given.plan()).containsExactly("remove x on a");
    }

    @Test
    void aStoppedUnitThatIsBeingReleasedLosesItsPlacementAtOnce() {
        var given = movingFromAToB().commit();

        assertThat(given.stop("x").plan()).containsExactly("remove x on a");
    }

    @Test
    void aDestroyedUnitLosesItsPlacementAtOnce() {
        var given = new Scenario().machines("a").unit("x").runs("x", "a");

        assertThat(given.destroy("x").plan()).containsExactly("remove x on a");
    }

    @Test
    void aUnitThatIsStartedAgainWaitsUntilItIsUnloaded() {
        var given = new Scenario().machines("a", "b").unit("x").runs("x", "a");
        given.stop("x").commit().start("x");
        assertThat(given.plan()).containsExactly("wait x");

        given.reports("a", "x", "inactive");
        assertThat(given.plan()).containsExactly("wait x");

        given.forgets("a", "x");
        assertThat(given.plan()).containsExactly("place x on a");
    }

    @Test
    void whatALostMachineOnceReportedHoldsUpNothing() {
        var given = new Scenario().machines("a", "b").unit("x").reports("c", "x", "active");

        assertThat(given.plan()).containsExactly("place x on a");
    }
}
