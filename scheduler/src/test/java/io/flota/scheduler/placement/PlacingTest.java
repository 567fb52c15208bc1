package io.flota.scheduler.placement;

import static org.assertj.core.api.Assertions.assertThat;

import io.flota.unit.DesiredState;
import io.flota.unit.UnitProperties;
import java.util.stream.IntStream;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class PlacingTest {
    @Test
    void aUnitGoesToTheMachineThatCarriesLeast() {
        var given = new Scenario().machines("a", "b").unit("x").unit("y").runs("x", "a");

        assertThat(given.plan()).containsExactly("place y on b");
    }

    @Test
    void ofMachinesThatCarryTheSameTheSmallestIdWins() {
        var given = new Scenario().machines("c", "b", "a").unit("x");

        assertThat(given.plan()).containsExactly("place x on a");
    }

    @Test
    void twelveInstancesSpreadEvenlyOverThreeMachines() {
        var given = new Scenario().machines("a", "b", "c");
        IntStream.rangeClosed(1, 12).forEach(i -> given.unit("apache@" + i));

        given.settle();

        for (var machine : new String[] {"a", "b", "c"}) {
            assertThat(IntStream.rangeClosed(1, 12).filter(i -> given.where("apache@" + i).equals(machine)))
                    .hasSize(4);
        }
    }

    @Test
    void whatMachinesCarryIsCountedWhateverItsKind() {
        var given = new Scenario()
                .machines("a", "b")
                .unit("everywhere", "Global=true", "MachineMetadata=role=web")
                .machine("a", "role=web")
                .unit("x");

        assertThat(given.plan()).containsExactly("place everywhere on a", "place x on b");
    }

    @Test
    void aLoadedUnitIsPlacedAndCountsLikeALaunchedOne() {
        var given = new Scenario()
                .machines("a", "b")
                .unit("loaded", DesiredState.LOADED, "")
                .unit("x");

        assertThat(given.plan()).containsExactly("place loaded on a", "place x on b");
    }

    @Test
    void inactiveUnitsAndTemplatesAreNotPlaced() {
        var given = new Scenario()
                .machines("a")
                .unit("idle", DesiredState.INACTIVE, "")
                .unit("web@", DesiredState.LAUNCHED, "");

        assertThat(given.plan()).containsExactly("wait web@");
        assertThat(given.refusals("web@")).containsExactly("it is a template: only its instances run");
        assertThat(given.refusals("idle")).isEmpty();
    }

    @Test
    void aUnitWhoseFileCannotBeReadWaitsAndSaysWhy() {
        var given = new Scenario().machines("a").unit("x", DesiredState.LAUNCHED, "nonsense\n");

        assertThat(given.plan()).containsExactly("wait x");
        assertThat(given.refusals("x")).singleElement().asString().startsWith("x.service:1: ");
    }

    @Test
    void aPlacedUnitWhoseNewFileCannotBeReadIsLeftAlone() {
        var given = new Scenario().machines("a", "b").unit("x").runs("x", "b");

        given.unit("x", DesiredState.LAUNCHED, "nonsense\n");

        assertThat(given.plan()).isEmpty();
    }

    @Test
    void withoutMachinesUnitsWait() {
        var given = new Scenario().unit("x");

        assertThat(given.plan()).containsExactly("wait x");
        assertThat(given.refusals("x")).containsExactly("no machine is in the cluster");
    }

    @Test
    void aMachineThatJoinsGetsWhatWaited() {
        var given = new Scenario().machines("a").unit("x@1", "Conflicts=x@*").unit("x@2", "Conflicts=x@*");
        given.settle();
        assertThat(given.plan()).containsExactly("wait x@2");

        given.machine("b");

        assertThat(given.plan()).containsExactly("place x@2 on b");
    }

    @Test
    void nothingMovesForBalance() {
        var given = new Scenario().machines("a").unit("x").unit("y").unit("z");
        given.settle();

        given.machines("b", "c");

        assertThat(given.plan()).isEmpty();
    }

    @Test
    void changesOfAUnitThatStaysReachItsPlacement() {
        var given = new Scenario().machines("a", "b").unit("x").runs("x", "b");

        Stream.<Runnable>of(
                        () -> given.restart("x"),
                        () -> given.desired("x", DesiredState.LOADED),
                        () -> given.properties("x", UnitProperties.of(Map.of("MemoryMax", "64M"))),
                        () -> given.properties("x", UnitProperties.NONE),
                        () -> given.unit("x", "# another file"))
                .forEach(change -> {
                    change.run();

                    assertThat(given.plan()).containsExactly("update x on b");
                    assertThat(given.commit().plan()).isEmpty();
                });
    }

    @Test
    void aCarriedOutPlanLeavesNothingToDo() {
        var given = new Scenario()
                .machines("a", "b", "c")
                .unit("g", "Global=true")
                .unit("x@1", "Conflicts=x@*")
                .unit("x@2", "Conflicts=x@*")
                .unit("follower", "MachineOf=x@2.service");

        given.commit();

        assertThat(given.plan()).isEmpty();
        assertThat(given.where("follower")).isEqualTo(given.where("x@2"));
    }
}
