package io.flota.scheduler.placement;

import static org.assertj.core.api.Assertions.assertThat;

import io.flota.unit.DesiredState;
import org.junit.jupiter.api.Test;

class GlobalTest {
    @Test
    void aGlobalUnitIsOnEveryMachineThatFits() {
        var given = new Scenario()
                .machine("a", "role=web")
                .machine("b")
                .machine("c", "role=web")
                .unit("g", "Global=true", "MachineMetadata=role=web");

        assertThat(given.plan()).containsExactly("place g on a", "place g on c");
        assertThat(given.refusals("g")).containsExactly("b: metadata role=web wanted, the machine has no role");
    }

    @Test
    void aMachineThatJoinsGetsTheGlobalUnits() {
        var given = new Scenario().machines("a").unit("g", "Global=true");
        given.settle();

        given.machine("b");

        assertThat(given.plan()).containsExactly("place g on b");
    }

    @Test
    void aMachineThatDoesNotFitAnyMoreLosesThem() {
        var given = new Scenario()
                .machine("a", "role=web")
                .machine("b", "role=web")
                .unit("g", "Global=true", "MachineMetadata=role=web");
        given.settle();

        given.machine("b");

        assertThat(given.plan()).containsExactly("remove g on b");
    }

    @Test
    void ofTwoGlobalUnitsThatConflictTheFirstByNameRunsEverywhere() {
        var given = new Scenario().machines("a", "b").unit("g0", "Global=true", "Conflicts=g1.service");
        given.settle();

        given.unit("g1", "Global=true");

        assertThat(given.settle().where("g0")).isEqualTo("ab");
        assertThat(given.plan()).containsExactly("wait g1");
    }

    @Test
    void theFirstByNameTakesTheMachinesOverWhenItIsStartedLater() {
        var given = new Scenario().machines("a", "b").unit("g1", "Global=true", "Conflicts=g0.service");
        given.settle();

        given.unit("g0", "Global=true");

        assertThat(given.plan()).containsExactly("wait g0", "remove g1 on a", "remove g1 on b", "wait g1");
        assertThat(given.commit().plan()).containsExactly("wait g0", "wait g1");
        assertThat(given.settle().where("g0")).isEqualTo("ab");
    }

    @Test
    void anInactiveGlobalUnitOccupiesNothing() {
        var given = new Scenario()
                .machines("a")
                .unit("g", DesiredState.INACTIVE, "[X-Fleet]\nGlobal=true\nConflicts=x.service\n")
                .unit("x");

        assertThat(given.plan()).containsExactly("place x on a");
    }

    @Test
    void aGlobalUnitStaysAwayFromAnOrdinaryOneThatWasThereFirst() {
        var given = new Scenario().machines("a", "b").unit("x").runs("x", "a");

        given.unit("g", "Global=true", "Conflicts=x.service");

        assertThat(given.settle().where("g")).isEqualTo("b");
        assertThat(given.refusals("g")).containsExactly("a: conflicts with x.service, which runs there");
    }

    @Test
    void anOrdinaryUnitStaysAwayFromAGlobalOne() {
        var given = new Scenario()
                .machine("a", "role=web")
                .machine("b")
                .unit("g", "Global=true", "MachineMetadata=role=web", "Conflicts=x.service")
                .unit("x");

        assertThat(given.plan()).containsExactly("place g on a", "place x on b");
    }

    @Test
    void theGlobalUnitOfALostMachineWaitsForItsReturn() {
        var given = new Scenario().machines("a", "b").unit("g", "Global=true");
        given.settle();

        given.lose("b");

        assertThat(given.plan()).isEmpty();
        assertThat(given.machine("b").plan()).isEmpty();
    }

    @Test
    void anOrdinaryUnitThatTurnsGlobalKeepsItsPlace() {
        var given = new Scenario().machines("a", "b").unit("x").runs("x", "b");

        given.unit("x", "Global=true");

        assertThat(given.plan()).containsExactly("place x on a", "update x on b");
    }

    @Test
    void aGlobalUnitThatTurnsOrdinaryKeepsOnePlace() {
        var given = new Scenario().machines("a", "b").unit("x", "Global=true");
        given.settle();

        given.unit("x");

        assertThat(given.plan()).containsExactly("remove x on b", "update x on a");
    }

    @Test
    void aGlobalUnitThatWasJustStoppedComesBackOnceItIsGone() {
        var given = new Scenario().machines("a").unit("g", "Global=true");
        given.settle().stop("g").commit().start("g");
        assertThat(given.plan()).containsExactly("wait g");
        assertThat(given.refusals("g")).containsExactly("a: it is still being stopped here");

        given.forgets("a", "g");

        assertThat(given.plan()).containsExactly("place g on a");
    }
}
