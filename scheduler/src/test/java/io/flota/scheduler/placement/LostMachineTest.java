package io.flota.scheduler.placement;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class LostMachineTest {
    @Test
    void theUnitsOfALostMachineGoElsewhereAtOnceAndTheOthersStay() {
        var given = new Scenario()
                .machines("a", "b", "c")
                .unit("x")
                .unit("y")
                .unit("z")
                .runs("x", "a")
                .runs("y", "b")
                .runs("z", "a");

        given.lose("a");

        assertThat(given.plan()).containsExactly("move x from a to c", "move z from a to b");
    }

    @Test
    void aUnitThatFitsNowhereElseKeepsItsPlacementAndSaysWhy() {
        var given = new Scenario()
                .machine("a", "role=db")
                .machine("b")
                .unit("x", "MachineMetadata=role=db")
                .runs("x", "a");

        given.lose("a");

        assertThat(given.plan()).containsExactly("wait x");
        assertThat(given.refusals("x"))
                .containsExactly(
                        "a: the machine is lost; the unit is kept for it",
                        "b: metadata role=db wanted, the machine has no role");
    }

    @Test
    void itIsAdoptedWhenTheMachineReturns() {
        var given = new Scenario().machine("a", "role=db").unit("x", "MachineMetadata=role=db").runs("x", "a");
        given.lose("a").commit();

        given.machine("a", "role=db").reports("a", "x", "active");

        assertThat(given.plan()).isEmpty();
    }

    @Test
    void aMachineThatJoinsMeanwhileTakesItOver() {
        var given = new Scenario().machine("a", "role=db").unit("x", "MachineMetadata=role=db").runs("x", "a");
        given.lose("a").commit();

        given.machine("b", "role=db");

        assertThat(given.plan()).containsExactly("move x from a to b");
    }

    @Test
    void threeOnFourMachinesMoveOnlyTheOneThatLostItsMachine() {
        var given = new Scenario().machines("a", "b", "c", "d");
        for (var i : new String[] {"1", "2", "3"}) {
            given.unit("x@" + i, "Conflicts=x@*");
        }
        given.settle();

        given.lose("b");

        assertThat(given.plan()).containsExactly("move x@2 from b to d");
    }

    @Test
    void whileLossesAreHeldNothingMoves() {
        var given = new Scenario()
                .machines("a", "b")
                .unit("p")
                .unit("follower", "MachineOf=p.service")
                .unit("g", "Global=true")
                .runs("p", "a")
                .runs("follower", "a")
                .runs("g", "a")
                .runs("g", "b");

        given.lose("a").holdLosses(true);
        assertThat(given.plan()).isEmpty();

        given.holdLosses(false);
        assertThat(given.plan()).containsExactly("move p from a to b", "move follower from a to b");
    }

    @Test
    void whileTheValveIsClosedNothingMovesAndSaysWhy() {
        var given = new Scenario().machines("a", "b").unit("x").exclusive("y").runs("x", "a").runs("y", "a");

        given.lose("a").fence("a").valve(false);
        assertThat(given.plan()).isEmpty();
        assertThat(given.refusals("x"))
                .containsExactly(
                        "a: the machine is lost together with so many others that no unit is moved: see unitctl valve",
                        "b: it fits; no unit of a lost machine is moved at present");

        given.valve(true);
        assertThat(given.plan()).containsExactly("move x from a to b", "move y from a to b");
    }

    @Test
    void whileLossesAreHeldNewUnitsAreStillPlaced() {
        var given = new Scenario().machines("a", "b").unit("x").runs("x", "a");

        given.lose("a").holdLosses(true).unit("y");

        assertThat(given.plan()).containsExactly("place y on b");
    }

    @Test
    void aUnitThatIsStoppedMeanwhileLosesItsPlacementOnTheLostMachine() {
        var given = new Scenario().machines("a").unit("x").runs("x", "a");

        given.lose("a").holdLosses(true).stop("x");

        assertThat(given.plan()).containsExactly("remove x on a");
    }

    @Test
    void theDuplicateOnAReturnedMachineDoesNotDisturbTheUnit() {
        var given = new Scenario().machines("a", "b").unit("x").runs("x", "a");
        given.lose("a").commit().reports("b", "x", "active");

        given.machine("a").reports("a", "x", "active");

        assertThat(given.plan()).isEmpty();
    }

    @Test
    void aUnitIsNotPlacedAnewWhileADuplicateOfItIsStillUp() {
        var given = new Scenario().machines("a", "b", "c").unit("x").runs("x", "a");
        given.lose("a").commit().reports("b", "x", "active");
        given.machine("a").reports("a", "x", "active");

        given.lose("b");

        assertThat(given.plan()).containsExactly("wait x");
        assertThat(given.refusals("x"))
                .containsExactly(
                        "b: the machine is lost; the unit is kept for it",
                        "a: it is still being stopped here",
                        "c: it is still being stopped on a0000000");
        assertThat(given.forgets("a", "x").plan()).containsExactly("move x from b to a");
    }

    @Test
    void allMachinesLostLeavesEverythingAsItIs() {
        var given = new Scenario().machines("a", "b").unit("x").unit("y").runs("x", "a").runs("y", "b");

        given.lose("a").lose("b");

        assertThat(given.changes()).isEmpty();
        assertThat(given.refusals("x"))
                .containsExactly("a: the machine is lost; the unit is kept for it", "no machine is in the cluster");
    }

    @Test
    void aUnitThatWasBeingReleasedWhenItsMachineDiedMovesAtOnce() {
        var given = new Scenario()
                .machine("a", "role=web")
                .machine("b", "role=web")
                .unit("x", "MachineMetadata=role=web")
                .runs("x", "a");
        given.machine("a").commit();
        assertThat(given.plan()).containsExactly("wait x");

        given.lose("a");

        assertThat(given.plan()).containsExactly("move x from a to b");
    }
}
