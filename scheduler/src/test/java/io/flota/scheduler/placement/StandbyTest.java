package io.flota.scheduler.placement;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.Lists;
import io.flota.unit.DesiredState;
import io.flota.unit.UnitState.Health;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class StandbyTest {
    private static final Duration HOLD = Duration.ofSeconds(30);

    private final Scenario cluster = new Scenario();

    private Scenario pair() {
        return settled(cluster.machines("a", "b").unit("web").standby("spare", "web"));
    }

    /// It stands in until the primary has been well for a while.
    private static Scenario settled(Scenario cluster) {
        return cluster.settle().pass(HOLD).settle();
    }

    @Test
    void aStandbyIsLoadedOnAnotherMachineWhileItsPrimaryIsWell() {
        pair();

        assertThat(cluster.where("web")).isEqualTo("a");
        assertThat(cluster.where("spare")).isEqualTo("b");
        assertThat(cluster.placement("spare", "b").target()).isEqualTo(DesiredState.LOADED);
        assertThat(cluster.refusals("spare")).isEmpty();
    }

    @Test
    void thePrimaryIsDecidedOnFirstSoThatItGetsTheMachineThatItNeeds() {
        cluster.machine("a").machine("b", "role=web").unit("x", "MachineID=b0000000").settle();

        cluster.unit("zweb", "MachineMetadata=role=web").standby("spare", "zweb", "MachineMetadata=role=web");

        assertThat(cluster.changes()).containsExactly("place zweb on b");
    }

    @Test
    void itStartsWhenThePrimaryFailsAndStopsOnceThatHasBeenWellForTheHold() {
        pair().reports("a", "web", "failed");

        assertThat(cluster.changes()).containsExactly("update spare on b");
        cluster.commit();
        assertThat(cluster.launched("spare")).isEqualTo("b");

        cluster.reports("a", "web", "active").pass(HOLD.minusMillis(1));
        assertThat(cluster.changes()).isEmpty();
        assertThat(Planner.plan(cluster.cluster()).next()).contains(cluster.cluster().moment().plusMillis(1));

        cluster.pass(Duration.ofMillis(1));
        assertThat(cluster.changes()).containsExactly("update spare on b");
        cluster.settle();
        assertThat(cluster.placement("spare", "b").target()).isEqualTo(DesiredState.LOADED);
    }

    @Test
    void itStandsInWhileThePrimaryIsLoadedStoppedOrNotRegistered() {
        cluster.machines("a", "b").standby("spare", "web").commit();
        assertThat(cluster.launched("spare")).isEqualTo("a");

        cluster.unit("web").settle().pass(HOLD).settle();
        assertThat(cluster.launched("spare")).isEmpty();
        assertThat(cluster.where("spare")).isEqualTo("a");

        cluster.stop("web").settle();
        assertThat(cluster.launched("spare")).isEqualTo("a");
    }

    @Test
    void healthCountsWhereItIsChecked() {
        pair().reports("a", "web", new Health("unhealthy", false)).commit();
        assertThat(cluster.launched("spare")).isEqualTo("b");

        cluster.reports("a", "web", new Health("starting", false)).pass(HOLD);
        assertThat(cluster.changes()).isEmpty();

        cluster.reports("a", "web", new Health("healthy", false)).pass(HOLD).commit();
        assertThat(cluster.launched("spare")).isEmpty();
    }

    @Test
    void aRelapseWithinTheHoldBeginsItAnew() {
        pair().reports("a", "web", "failed").commit();
        cluster.reports("a", "web", "active").pass(HOLD.minusSeconds(1)).reports("a", "web", "failed");

        cluster.reports("a", "web", "active").pass(HOLD.minusSeconds(1));

        assertThat(cluster.changes()).isEmpty();
        assertThat(cluster.pass(Duration.ofSeconds(1)).changes()).containsExactly("update spare on b");
    }

    @Test
    void aNewLeaderHoldsItAnewAndStopsNothingTooEarly() {
        pair().reports("a", "web", "failed").commit();
        cluster.reports("a", "web", "active").pass(HOLD.minusSeconds(1)).newLeader().pass(Duration.ofSeconds(2));

        assertThat(cluster.changes()).isEmpty();
        assertThat(cluster.pass(HOLD).changes()).containsExactly("update spare on b");
    }

    @Test
    void itStandsInForAPrimaryOfALostMachineAlsoWhileLossesAreHeld() {
        pair().holdLosses(true).lose("a").commit();

        assertThat(cluster.launched("spare")).isEqualTo("b");
        assertThat(cluster.where("web")).isEqualTo("a");
    }

    @Test
    void thePrimaryDoesNotDriveItAwayAndComesBackToItsMachine() {
        pair().lose("a").commit();

        assertThat(cluster.refusals("web")).contains("b: conflicts with spare.service, which runs there");
        cluster.machine("a").settle().pass(HOLD).settle();
        assertThat(cluster.launched("web")).isEqualTo("a");
        assertThat(cluster.launched("spare")).isEmpty();
    }

    @Test
    void ofAStandbyWhoseMachineIsLostTheNextOneIsAsTheLast() {
        settled(cluster.machines("a", "b", "c").unit("web").standby("spare", "web"));
        cluster.lose("b").commit();
        assertThat(cluster.where("spare")).isEqualTo("c");
        assertThat(cluster.launched("spare")).isEmpty();

        cluster.reports("a", "web", "failed").commit().machine("b").lose("c").commit();
        assertThat(cluster.launched("spare")).isEqualTo("b");
    }

    @Test
    void whatTheOperatorWantsOfTheStandbyComesFirst() {
        pair().desired("spare", DesiredState.LOADED).reports("a", "web", "failed");
        assertThat(cluster.changes()).isEmpty();

        assertThat(cluster.start("spare").changes()).containsExactly("update spare on b");
        assertThat(cluster.commit().stop("spare").settle().where("spare")).isEmpty();
    }

    @Test
    void unitsThatStandByForEachOtherAllRun() {
        cluster.machines("a", "b", "c").standby("x", "y").standby("y", "z").standby("z", "x").standby("spare", "x");
        settled(cluster);

        assertThat(cluster.launched("x") + cluster.launched("y") + cluster.launched("z")).hasSize(3);
        assertThat(cluster.launched("spare")).isEmpty();
        assertThat(cluster.where("spare")).hasSize(1).isNotEqualTo(cluster.where("x"));
    }

    @Test
    void aStandbyOfAStandbyRestsWhileBothOfTheOthersAreAsTheyShouldBe() {
        chain();
        assertThat(cluster.launched("spare")).isEmpty();
        assertThat(cluster.launched("alast")).isEmpty();
        assertThat(cluster.where("alast")).isNotEmpty();

        cluster.reports("a", "web", "failed").commit();
        cluster.reports("b", "spare", "active").pass(HOLD).commit();
        assertThat(cluster.launched("spare")).isEqualTo("b");
        assertThat(cluster.launched("alast")).as("the spare one does what it is there for").isEmpty();

        cluster.reports("b", "spare", "failed").commit();
        assertThat(cluster.launched("alast")).isEqualTo("c");
    }

    @Test
    void itRunsUntilWhatCountsHasBeenWellForItsOwnHold() {
        chain().reports("a", "web", "failed").lose("b").commit();
        assertThat(cluster.launched("alast")).isEqualTo("c");

        cluster.reports("a", "web", "active").pass(HOLD.minusMillis(1)).commit();
        assertThat(cluster.launched("alast")).isEqualTo("c");
        assertThat(cluster.pass(Duration.ofMillis(1)).settle().launched("alast")).isEmpty();
    }

    /// A standby of a standby, decided on first by its name.
    private Scenario chain() {
        return settled(cluster.machines("a", "b", "c").unit("web").standby("spare", "web").standby("alast", "spare"));
    }

    @Test
    void itSaysWhatItIsThereFor() {
        pair();
        assertThat(reason("active")).isEmpty();
        assertThat(reason("failed")).isEqualTo("stands in for web.service, which is not active");
        cluster.commit();
        cluster.reports("a", "web", "active").pass(HOLD);
        assertThat(reason("active")).isEqualTo("stands by for web.service");
    }

    private String reason(String active) {
        cluster.reports("a", "web", active);
        return Planner.plan(cluster.cluster()).changes().stream().map(Decision::reason).findFirst().orElse("");
    }

    /// Every state of primary and standby, small as the cluster is: no plan breaks a promise, and nobody is idle while the
    /// primary is down and a machine fits the standby.
    @Test
    void inNoSmallCaseBothAreIdle() {
        var primaries = List.of(
                "unregistered", "inactive", "unplaced", "silent", "active", "reloading", "activating", "deactivating",
                "failed", "dead", "starting", "healthy", "unhealthy", "lost", "leaving");
        var standbys = List.of("unplaced", "loaded", "launched", "leaving", "lost", "lost launched");
        var spare = List.of("", "c", "lost");
        var times = List.of(Duration.ZERO, HOLD.minusNanos(1), HOLD);
        var desired = List.of(DesiredState.LAUNCHED, DesiredState.LOADED, DesiredState.INACTIVE);
        int cases = 0;
        for (var one : Lists.cartesianProduct(primaries, standbys, spare)) {
            for (var time : times) {
                for (var state : desired) {
                    check(one.get(0), one.get(1), one.get(2), time, state);
                    cases++;
                }
            }
        }
        assertThat(cases).isEqualTo(15 * 6 * 3 * 3 * 3);
    }

    private static void check(String primary, String standby, String spare, Duration time, DesiredState desired) {
        var what = String.join(", ", primary, standby, spare, time.toString(), desired.toString());
        var cluster = new Scenario().machines("a", "b", "c").unit("web").standby("spare", "web");
        place(cluster, standby);
        primary(cluster, primary);
        if (!spare.equals("c")) {
            cluster.lose("c");
        }
        cluster.desired("spare", desired).pass(time);
        var well = List.of("active", "reloading", "healthy", "leaving").contains(primary);

        var breaches = PlanCheck.breaches(cluster.cluster(), Planner.plan(cluster.cluster()));
        assertThat(breaches).as(what).isEmpty();
        cluster.commit();
        assertThat(cluster.changes()).as("%s: a second plan", what).isEmpty();
        boolean launched = !cluster.launched("spare").isEmpty();
        boolean fits = !standby.startsWith("lost") || spare.equals("c");
        if (desired == DesiredState.LAUNCHED && !well && fits && !standby.equals("leaving")) {
            assertThat(launched).as("%s: it stands in", what).isTrue();
        } else if (desired != DesiredState.LAUNCHED) {
            assertThat(launched).as("%s: nobody wants it", what).isFalse();
        } else if (well && time.equals(HOLD)) {
            assertThat(launched).as("%s: it has stopped", what).isFalse();
        }
    }

    private static void place(Scenario cluster, String standby) {
        switch (standby) {
            case "unplaced" -> {}
            case "loaded", "lost" -> cluster.desired("spare", DesiredState.LOADED).placed("spare", "b")
                    .reports("b", "spare", "inactive");
            case "launched", "lost launched" -> cluster.runs("spare", "b");
            case "leaving" -> cluster.runs("spare", "b").drain("b").commit().uncordon("b");
            default -> throw new IllegalArgumentException(standby);
        }
        if (standby.startsWith("lost")) {
            cluster.lose("b");
        }
    }

    private static void primary(Scenario cluster, String primary) {
        switch (primary) {
            case "unregistered" -> cluster.destroy("web");
            case "inactive" -> cluster.stop("web");
            case "unplaced" -> cluster.unit("web", "MachineMetadata=role=none");
            case "silent" -> cluster.placed("web", "a");
            case "dead" -> cluster.runs("web", "a").reports("a", "web", "inactive");
            case "starting", "healthy", "unhealthy" -> cluster.runs("web", "a").reports("a", "web", new Health(primary, false));
            case "lost" -> cluster.unit("web", "MachineID=a0000000").runs("web", "a").lose("a");
            case "leaving" -> cluster.unit("web", "MachineID=a0000000").runs("web", "a").drain("a").commit();
            default -> cluster.runs("web", "a").reports("a", "web", primary);
        }
    }
}
