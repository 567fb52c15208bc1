package io.flota.scheduler.placement;

import static org.assertj.core.api.Assertions.assertThat;

import io.flota.unit.Reservation;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/// `[X-Flota] CPU=` and `Memory=`: what is kept free for units.
class ReservationTest {
    private final Scenario cluster = new Scenario();

    @Test
    void aUnitGoesWhereThereIsRoomThoughAnotherMachineCarriesLess() {
        cluster.machine("a", 2, "1G").machine("b", 2, "4G").unit("x").runs("x", "b");

        cluster.unit("web", "[X-Flota]", "Memory=2G");

        assertThat(cluster.plan()).containsExactly("place web on b");
    }

    @Test
    void amongMachinesWithRoomTheOneThatCarriesFewestUnitsIsTaken() {
        cluster.machine("a", 2, "8G").machine("b", 2, "4G").unit("x").runs("x", "a");

        cluster.unit("web", "[X-Flota]", "Memory=2G");

        assertThat(cluster.plan()).containsExactly("place web on b");
    }

    @Test
    void onePassNeverGivesAwayTheSameRoomTwice() {
        cluster.machine("a", 2, "2G").machine("b", 2, "3G");
        for (int i = 1; i <= 6; i++) {
            cluster.unit("web@" + i, "[X-Flota]", "Memory=1G");
        }

        assertThat(cluster.plan())
                .containsExactly(
                        "place web@1 on a", "place web@2 on b", "place web@3 on a", "place web@4 on b",
                        "place web@5 on b", "wait web@6");
    }

    @Test
    void aUnitThatDoesNotFitSaysByHowMuchMachineByMachine() {
        cluster.machine("a", 1, "1G").machine("b", 4, "2560M").unit("x", "[X-Flota]", "CPU=3.5", "Memory=2G");
        cluster.runs("x", "b");

        cluster.unit("web", "[X-Flota]", "CPU=1", "Memory=2G");

        assertThat(cluster.refusals("web"))
                .containsExactly(
                        "a: needs 2G of memory (free: 1G of 1G)",
                        "b: needs 1 CPU (free: 0.5 of 4) and 2G of memory (free: 512M of 2.5G)");
    }

    @Test
    void whatIsTooLittleNeverLooksLikeEnough() {
        cluster.machine("a", 1, "2147483647").unit("web", "[X-Flota]", "Memory=2147483648");

        assertThat(cluster.refusals("web")).containsExactly("a: needs 2G of memory (free: 1.9G of 1.9G)");
    }

    @Test
    void aMachineThatDoesNotSayWhatItHasTakesOnlyUnitsThatReserveNothing() {
        cluster.machine("a", 0, "0").unit("free").unit("web", "[X-Flota]", "CPU=0.5", "Memory=1K");

        assertThat(cluster.plan()).containsExactly("place free on a", "wait web");
        assertThat(cluster.refusals("web"))
                .containsExactly("a: needs 0.5 CPUs (the machine does not say how much it has) and 1K of memory"
                        + " (the machine does not say how much it has)");
    }

    @Test
    void whoReservesNothingFitsOnAFullMachine() {
        cluster.machine("a", 1, "1G").unit("web", "[X-Flota]", "CPU=1", "Memory=1G").runs("web", "a");

        cluster.unit("free").unit("zero", "[X-Flota]", "CPU=0", "Memory=0");

        assertThat(cluster.plan()).containsExactly("place free on a", "place zero on a");
    }

    @Test
    void whoReservesMemoryOnlyFitsWhereTheCpusAreGone() {
        cluster.machine("a", 1, "1G").unit("web", "[X-Flota]", "CPU=1").runs("web", "a").machine("a", 0, "1G");

        cluster.unit("db", "[X-Flota]", "Memory=1G");

        assertThat(cluster.plan()).contains("place db on a");
    }

    @Test
    void whoIsLoadedAndNotStartedKeepsItsRoom() {
        cluster.machine("a", 1, "1G").unit("idle", "[X-Flota]", "Memory=1G").placed("idle", "a");
        cluster.reports("a", "idle", "inactive");

        cluster.unit("early", "[X-Flota]", "Memory=1G");

        assertThat(cluster.plan()).containsExactly("wait early");
    }

    @Test
    void whoHasYetToLeaveKeepsItsRoomUntilItIsDown() {
        cluster.machine("a", 1, "1G").unit("old", "[X-Flota]", "Memory=1G").runs("old", "a").stop("old");
        cluster.unit("new", "[X-Flota]", "Memory=1G");

        assertThat(cluster.plan()).containsExactly("remove old on a", "wait new");

        cluster.commit();
        assertThat(cluster.plan()).containsExactly("wait new");
        assertThat(cluster.refusals("new")).containsExactly("a: needs 1G of memory (free: 0B of 1G)");

        cluster.forgets("a", "old");
        assertThat(cluster.plan()).containsExactly("place new on a");
    }

    @Test
    void whoIsDestroyedKeepsItsRoomUntilItIsDown() {
        cluster.machine("a", 1, "1G").unit("old", "[X-Flota]", "Memory=1G").runs("old", "a").destroy("old");

        cluster.unit("new", "[X-Flota]", "Memory=1G");

        assertThat(cluster.plan()).containsExactly("remove old on a", "wait new");
    }

    @Test
    void theRoomOfWhoRestsAfterAFailureIsKept() {
        cluster.machine("a", 1, "1G").persistent("web", "[X-Flota]", "Memory=1G").runs("web", "a");
        cluster.reports("a", "web", "failed");

        cluster.unit("early", "[X-Flota]", "Memory=1G");
        assertThat(cluster.plan()).containsExactly("wait early", "give up web on a");

        cluster.commit().reports("a", "web", "inactive");
        assertThat(cluster.plan()).containsExactly("wait early", "wait web");
        assertThat(cluster.pass(Duration.ofMinutes(1)).plan()).containsExactly("wait early", "update web on a");
    }

    @Test
    void unitsOfALostMachineGoAsFarAsThereIsRoom() {
        cluster.machine("a", 1, "2G").machine("b", 1, "2G");
        for (int i = 1; i <= 3; i++) {
            cluster.unit("web@" + i, "[X-Flota]", "Memory=1G");
        }
        cluster.settle().lose("a");

        assertThat(cluster.plan()).containsExactly("move web@1 from a to b", "wait web@3");
        assertThat(cluster.refusals("web@3"))
                .containsExactly(
                        "a: the machine is lost; the unit is kept for it",
                        "b: needs 1G of memory (free: 0B of 2G)");
    }

    @Test
    void aGlobalUnitTakesRoomWhereItIsAndComesOnlyWhereThereIsSome() {
        cluster.machine("a", 1, "2G").machine("b", 1, "1G").unit("x", "[X-Flota]", "Memory=1G").runs("x", "b");
        cluster.unit("all", "Global=true", "[X-Flota]", "Memory=1G").unit("y", "[X-Flota]", "Memory=2G");

        assertThat(cluster.plan()).containsExactly("place all on a", "wait y");
        assertThat(cluster.refusals("all")).containsExactly("b: needs 1G of memory (free: 0B of 1G)");
        assertThat(cluster.refusals("y"))
                .containsExactly(
                        "a: needs 2G of memory (free: 1G of 2G)", "b: needs 2G of memory (free: 0B of 1G)");
    }

    @Test
    void whoReplacesAnotherTakesItsRoomOnceThatIsDown() {
        cluster.machine("a", 1, "1G").unit("v1", "[X-Flota]", "Memory=1G").runs("v1", "a");

        cluster.unit("v2", "Replaces=v1.service", "[X-Flota]", "Memory=1G");

        assertThat(cluster.plan()).containsExactly("wait v2", "release v1 on a");
        cluster.settle();
        assertThat(cluster.where("v2")).isEqualTo("a");
        assertThat(cluster.where("v1")).isEmpty();
    }

    @Test
    void whoReplacesAnotherDrivesNobodyAwayForWhomThereIsNoRoomAnyway() {
        cluster.machine("a", 1, "2G").unit("v1", "[X-Flota]", "Memory=1G").runs("v1", "a");

        cluster.unit("v2", "Replaces=v1.service", "[X-Flota]", "Memory=3G");

        assertThat(cluster.plan()).containsExactly("wait v2");
    }

    @Test
    void whoWantsMoreThanThereIsLeavesAndNotThoseWhoWereThere() {
        cluster.machine("a", 1, "2G").machine("b", 1, "4G");
        cluster.unit("early", "[X-Flota]", "Memory=1G").runs("early", "a");
        cluster.unit("late", "[X-Flota]", "Memory=1G").runs("late", "a");

        cluster.unit("early", "[X-Flota]", "Memory=2G");

        assertThat(cluster.plan()).containsExactly("release early on a");
        cluster.settle();
        assertThat(cluster.where("early")).isEqualTo("b");
        assertThat(cluster.where("late")).isEqualTo("a");
    }

    @Test
    void whoWantsMoreStaysWhereThereIsRoom() {
        cluster.machine("a", 1, "2G").unit("web", "[X-Flota]", "Memory=1G").runs("web", "a");

        cluster.unit("web", "[X-Flota]", "Memory=2G");

        assertThat(cluster.plan()).containsExactly("update web on a");
    }

    @Test
    void whoWantsMoreThanAnyMachineHasIsDownAndSaysSo() {
        cluster.machine("a", 1, "2G").unit("web", "[X-Flota]", "Memory=1G").runs("web", "a");

        cluster.unit("web", "[X-Flota]", "Memory=3G").settle();

        assertThat(cluster.where("web")).isEmpty();
        assertThat(cluster.refusals("web")).containsExactly("a: needs 3G of memory (free: 2G of 2G)");
        cluster.unit("web", "[X-Flota]", "Memory=2G").settle();
        assertThat(cluster.where("web")).isEqualTo("a");
    }

    @Test
    void whoWantsLessMakesRoomOnceThatIsDecided() {
        cluster.machine("a", 1, "3G").unit("web", "[X-Flota]", "Memory=3G").runs("web", "a");

        cluster.unit("web", "[X-Flota]", "Memory=1G");
        cluster.unit("early", "[X-Flota]", "Memory=1G").unit("x", "[X-Flota]", "Memory=1G");

        assertThat(cluster.plan()).containsExactly("wait early", "update web on a", "place x on a");
        assertThat(cluster.commit().plan()).containsExactly("place early on a");
    }

    @Test
    void whoIsToWantLessAndLeavesHoldsAllThatItHadUntilItIsDown() {
        cluster.machine("a", 1, "3G").unit("web", "[X-Flota]", "Memory=3G").runs("web", "a");

        cluster.unit("web", "MachineMetadata=role=db", "[X-Flota]", "Memory=1G");
        cluster.unit("early", "[X-Flota]", "Memory=1G");

        assertThat(cluster.plan()).containsExactly("wait early", "release web on a");
        assertThat(cluster.commit().plan()).containsExactly("wait early", "wait web");
    }

    @Test
    void fromAMachineThatHasBecomeSmallerTheLastByNameLeave() {
        cluster.machine("a", 1, "3G").machine("b", 1, "1G");
        for (int i = 1; i <= 3; i++) {
            cluster.unit("web@" + i, "[X-Flota]", "Memory=1G").runs("web@" + i, "a");
        }

        cluster.machine("a", 1, "1G");

        assertThat(cluster.plan()).containsExactly("release web@2 on a", "release web@3 on a");
        cluster.settle();
        assertThat(cluster.where("web@1")).isEqualTo("a");
        assertThat(cluster.where("web@2")).isEqualTo("b");
        assertThat(cluster.where("web@3")).isEmpty();
    }

    @Test
    void whoFollowsAnotherIsThoughtOfWhereThatIsPlaced() {
        cluster.machine("a", 1, "1G").machine("b", 1, "2G").unit("x").runs("x", "b");

        cluster.unit("web", "[X-Flota]", "Memory=1G");
        cluster.unit("side", "MachineOf=web.service", "[X-Flota]", "Memory=1G");

        assertThat(cluster.plan()).containsExactly("place web on b", "place side on b");
    }

    @Test
    void anExclusiveUnitKeepsItsRoomUntilItIsCertainToBeDown() {
        cluster.machine("a", 1, "1G").exclusive("db", "[X-Flota]", "Memory=1G").runs("db", "a").stop("db");

        cluster.unit("web", "[X-Flota]", "Memory=1G");

        assertThat(cluster.plan()).containsExactly("release db on a", "wait web");
        cluster.commit();
        assertThat(cluster.plan()).containsExactly("wait web");
        cluster.settle();
        assertThat(cluster.where("web")).isEqualTo("a");
    }

    @Test
    void aDrainedMachineLosesItsUnitsWhetherOrNotThereIsRoomElsewhere() {
        cluster.machine("a", 1, "1G").machine("b", 1, "512M").unit("web", "[X-Flota]", "Memory=1G").runs("web", "a");

        cluster.drain("a").settle();

        assertThat(cluster.where("web")).isEmpty();
        assertThat(cluster.refusals("web"))
                .containsExactly("a: machine is draining", "b: needs 1G of memory (free: 512M of 512M)");
    }

    @Test
    void whatIsReservedOfAMachineCountsAllWhoAreThere() {
        cluster.machine("a", 4, "8G").machine("b", 4, "8G");
        cluster.unit("up", "[X-Flota]", "CPU=0.5", "Memory=1G").runs("up", "a");
        cluster.unit("leaving", "[X-Flota]", "Memory=2G").runs("leaving", "a").stop("leaving").commit();
        cluster.unit("waiting", "MachineID=c0000000", "[X-Flota]", "Memory=1G");

        assertThat(Planner.reserved(cluster.cluster()))
                .containsOnlyKeys(Scenario.machineId("a"), Scenario.machineId("b"))
                .containsEntry(Scenario.machineId("a"), new Reservation(500, 3L << 30))
                .containsEntry(Scenario.machineId("b"), Reservation.NONE);
    }
}
