package io.flota.scheduler.placement;

import static org.assertj.core.api.Assertions.assertThat;

import io.flota.unit.DesiredState;
import org.junit.jupiter.api.Test;

class ExclusiveTest {
    private final Scenario given = new Scenario().machines("a", "b").exclusive("x").runs("x", "a");

    @Test
    void itLeavesALostMachineOnlyOnceThatIsCertainToHaveStoppedIt() {
        given.unit("y").runs("y", "a");

        given.lose("a");

        assertThat(given.plan()).containsExactly("wait x", "move y from a to b");
        assertThat(given.refusals("x"))
                .containsExactly(
                        "a: it is exclusive, and lost machine a0000000 has to have stopped it",
                        "b: it is exclusive, and lost machine a0000000 has to have stopped it");
        assertThat(given.fence("a").plan()).containsExactly("move x from a to b", "move y from a to b");
    }

    @Test
    void itStaysWithItsMachineThatReturnsInTime() {
        given.lose("a").commit().machine("a");

        assertThat(given.plan()).isEmpty();
    }

    @Test
    void itIsNotStartedAnewThoughItWasDestroyedAndSubmittedAgainMeanwhile() {
        given.lose("a").destroy("x");
        assertThat(given.changes()).isEmpty();

        given.exclusive("x");
        assertThat(given.plan()).containsExactly("wait x");

        given.fence("a");
        assertThat(given.plan()).containsExactly("move x from a to b");
    }

    @Test
    void aDestroyedOneIsForgottenOnceItIsCertainToBeDown() {
        given.lose("a").destroy("x");

        assertThat(given.fence("a").plan()).containsExactly("remove x on a");
    }

    @Test
    void itIsNotStartedAnewThoughItWasStoppedAndStartedMeanwhile() {
        given.lose("a").stop("x");
        assertThat(given.changes()).isEmpty();

        given.start("x");

        assertThat(given.plan()).containsExactly("wait x");
    }

    @Test
    void itIsNotStartedAnewThoughItsNewFileIsNotExclusive() {
        given.lose("a").unit("x");
        assertThat(given.plan()).containsExactly("wait x");

        given.fence("a");
        assertThat(given.plan()).containsExactly("move x from a to b");
    }

    @Test
    void itIsNotStartedAnewThoughItsNewFileIsGlobal() {
        given.lose("a").unit("x", "Global=true");
        assertThat(given.plan()).containsExactly("wait x");

        given.fence("a");
        assertThat(given.plan()).containsExactly("remove x on a", "place x on b");
    }

    @Test
    void whatStartedAsNoneRunsOnOnALostMachineUntilTheOperatorWritesItOff() {
        given.unit("y").runs("y", "a");

        given.lose("a").fence("a").exclusive("y");
        assertThat(given.plan()).containsExactly("move x from a to b", "wait y");
        assertThat(given.refusals("y").getFirst())
                .isEqualTo("a: lost machine a0000000 may run on what it started before the unit became exclusive; stop"
                        + " the unit if that machine is dead, and start it again");

        given.stop("y").commit().start("y");
        assertThat(given.plan()).containsExactly("place y on b");
    }

    @Test
    void whatStartedAsNoneStopsBeforeItBecomesExclusive() {
        given.unit("y").runs("y", "b").exclusive("y");

        assertThat(given.plan()).containsExactly("release y on b");
        assertThat(given.commit().plan()).containsExactly("wait y");
        assertThat(given.reports("b", "y", "inactive").plan()).containsExactly("update y on b");
    }

    @Test
    void itStopsBeforeItIsExclusiveNoLonger() {
        given.unit("x");

        assertThat(given.plan()).containsExactly("release x on a");
        assertThat(given.commit().reports("a", "x", "inactive").plan()).containsExactly("update x on a");
    }

    @Test
    void anotherFileThatIsExclusiveTooIsTakenAtOnce() {
        given.exclusive("x", "MachineMetadata=a=b").machine("a", "a=b");

        assertThat(given.plan()).containsExactly("update x on a");
    }

    @Test
    void itIsDownBeforeAGlobalOneOfItsNameStarts() {
        given.unit("x", "Global=true");

        assertThat(given.plan()).containsExactly("release x on a", "wait x");
        given.commit().reports("a", "x", "inactive");
        assertThat(given.plan()).containsExactly("remove x on a", "place x on b");
        assertThat(given.commit().forgets("a", "x").plan()).containsExactly("place x on a");
    }

    @Test
    void aStoppedOneKeepsItsPlacementUntilItsMachineSaysThatItIsDown() {
        given.stop("x");

        assertThat(given.plan()).containsExactly("release x on a");
        given.commit().lose("a").start("x");
        assertThat(given.plan()).as("lost before it said so").containsExactly("wait x");
        given.fence("a");
        assertThat(given.plan()).containsExactly("move x from a to b");
    }

    @Test
    void aStoppedOneIsForgottenOnceItIsDown() {
        given.stop("x").commit().reports("a", "x", "inactive");

        assertThat(given.plan()).containsExactly("remove x on a");
    }

    @Test
    void whileItFitsNowhereElseItIsKeptForItsMachine() {
        given.lose("b").lose("a").fence("a");

        assertThat(given.plan()).containsExactly("wait x");
        assertThat(given.refusals("x"))
                .containsExactly("a: the machine is lost; the unit is kept for it", "no machine is in the cluster");
    }

    @Test
    void itStartsNowhereWhileAnotherPlacementOfItMayBeUp() {
        given.placed("x", "b").lose("a").stop("x").commit();
        assertThat(given.changes()).isEmpty();

        given.reports("b", "x", "inactive").commit().forgets("b", "x").start("x");

        assertThat(given.plan()).as("the one on the lost machine").containsExactly("wait x");
    }

    @Test
    void itStartsNowhereWhileAMachineStillReportsIt() {
        given.machine("c").stop("x").commit().reports("a", "x", "inactive").commit().start("x");

        assertThat(given.plan()).containsExactly("wait x");
        assertThat(given.forgets("a", "x").plan()).containsExactly("place x on a");
    }

    @Test
    void oneThatIsLoadedOnlyWaitsAsWell() {
        given.desired("x", DesiredState.LOADED).settle().lose("a");

        assertThat(given.plan()).containsExactly("wait x");
    }
}
