package io.flota.scheduler.placement;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableSortedMap;
import com.google.common.collect.ImmutableSortedSet;
import io.flota.machine.Policy;
import org.junit.jupiter.api.Test;

class PolicyTest {
    @Test
    void aCordonedMachineTakesNothingNewAndKeepsWhatItHas() {
        var given = new Scenario().machines("a").unit("old").runs("old", "a").unit("g", "Global=true").runs("g", "a");

        given.cordon("a").unit("x").unit("h", "Global=true");

        assertThat(given.plan()).containsExactly("wait h", "wait x");
        assertThat(given.refusals("x")).containsExactly("a: machine is cordoned");
        assertThat(given.refusals("h")).containsExactly("a: machine is cordoned");
        assertThat(given.uncordon("a").plan()).containsExactly("place h on a", "place x on a");
    }

    @Test
    void aUnitOnACordonedMachineTakesItsNewFile() {
        var given = new Scenario().machines("a", "b").unit("x").runs("x", "a").cordon("a");

        given.restart("x");

        assertThat(given.plan()).containsExactly("update x on a");
    }

    @Test
    void aUnitDoesNotFollowItsPeerToACordonedMachine() {
        var given = new Scenario().machines("a", "b").unit("peer").runs("peer", "a").cordon("a");

        given.unit("x", "MachineOf=peer.service");

        assertThat(given.plan()).containsExactly("wait x");
        assertThat(given.refusals("x"))
                .containsExactly("a: machine is cordoned", "b: MachineOf=peer.service is not on this machine");
    }

    @Test
    void whoWasToldToLeaveACordonedMachineDoesNotComeBack() {
        var given = new Scenario()
                .machine("a", "role=web")
                .machine("b", "role=web")
                .unit("x", "MachineMetadata=role=web")
                .runs("x", "a")
                .cordon("a");
        given.machine("a").commit();

        given.machine("a", "role=web");
        assertThat(given.plan()).containsExactly("wait x");
        given.reports("a", "x", "inactive");

        assertThat(given.plan()).containsExactly("move x from a to b");
    }

    @Test
    void aDrainingMachinesUnitsAreStoppedThereBeforeTheyStartElsewhere() {
        var given = new Scenario().machines("a", "b").unit("x").runs("x", "a");

        given.drain("a");
        assertThat(given.plan()).containsExactly("release x on a");
        assertThat(given.refusals("x")).as("before the plan is carried out").isNotEmpty();

        given.commit().reports("a", "x", "inactive");
        assertThat(given.plan()).containsExactly("move x from a to b");
    }

    @Test
    void aUnitThatFitsNowhereElseLeavesADrainingMachineTooAndWaits() {
        var given = new Scenario().machines("a").unit("x").runs("x", "a");

        given.drain("a").settle();

        assertThat(given.where("x")).isEmpty();
        assertThat(given.refusals("x")).containsExactly("a: machine is draining");
        assertThat(given.uncordon("a").plan()).containsExactly("place x on a");
    }

    @Test
    void aUnitThatHasNotLeftYetStaysIfTheMachineIsOpenAgain() {
        var given = new Scenario().machines("a", "b").unit("x").runs("x", "a").drain("a").commit();

        given.uncordon("a");

        assertThat(given.plan()).containsExactly("update x on a");
    }

    @Test
    void globalUnitsLeaveADrainingMachineLast() {
        var given = new Scenario()
                .machines("a", "b")
                .unit("g", "Global=true")
                .runs("g", "a")
                .runs("g", "b")
                .unit("x")
                .runs("x", "a");

        given.drain("a");
        assertThat(given.plan()).containsExactly("release x on a");
        given.commit();
        assertThat(given.plan()).containsExactly("wait x");
        given.reports("a", "x", "inactive").commit();
        assertThat(given.where("x")).isEqualTo("b");
        assertThat(given.plan()).as("x is still known on a").isEmpty();
        given.forgets("a", "x");

        assertThat(given.plan()).containsExactly("remove g on a");
        assertThat(given.settle().where("g")).isEqualTo("b");
        assertThat(given.refusals("g")).containsExactly("a: machine is draining");
    }

    @Test
    void aUnitWhoseFileCannotBeReadStaysAndNobodyWaitsForIt() {
        var given = new Scenario()
                .machines("a", "b")
                .unit("g", "Global=true")
                .runs("g", "a")
                .runs("g", "b")
                .unit("broken", "Conflicts=x@[")
                .runs("broken", "a");

        given.drain("a");

        assertThat(given.plan()).containsExactly("remove g on a");
    }

    @Test
    void theUnitsOfALostMachineDoNotGoToACordonedOne() {
        var given = new Scenario().machines("a", "b", "c").unit("x").runs("x", "a").unit("y").runs("y", "c");

        given.cordon("b").lose("a");

        assertThat(given.plan()).containsExactly("move x from a to c");
    }

    @Test
    void aReplacerDoesNotDriveAnybodyFromACordonedMachine() {
        var given = new Scenario().machines("a").unit("old").runs("old", "a").cordon("a");

        given.unit("new", "Replaces=old.service");

        assertThat(given.plan()).containsExactly("wait new");
    }

    @Test
    void metadataOfThePolicyCountsBeforeTheAgents() {
        var given = new Scenario()
                .machine("a", "role=web", "zone=1")
                .machine("b", "role=db")
                .unit("x", "MachineMetadata=role=web")
                .unit("y", "MachineMetadata=zone=1");
        given.settle();
        assertThat(given.where("x") + given.where("y")).isEqualTo("aa");

        given.policy("b", metadata("role", "web")).policy("a", metadata("role", "db"));
        assertThat(given.plan()).containsExactly("release x on a");
        assertThat(given.settle().where("x")).isEqualTo("b");

        given.policy(
                "a", new Policy(false, false, ImmutableSortedMap.of(), ImmutableSortedSet.of("zone")));
        assertThat(given.settle().refusals("y"))
                .containsExactly(
                        "a: metadata zone=1 wanted, the machine has no zone",
                        "b: metadata zone=1 wanted, the machine has no zone");
        assertThat(given.policy("a", Policy.NONE).plan()).containsExactly("place y on a");
    }

    private static Policy metadata(String key, String value) {
        return new Policy(false, false, ImmutableSortedMap.of(key, value), ImmutableSortedSet.of());
    }
}
