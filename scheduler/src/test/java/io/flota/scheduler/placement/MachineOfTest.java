package io.flota.scheduler.placement;

import static org.assertj.core.api.Assertions.assertThat;

import io.flota.unit.DesiredState;
import org.junit.jupiter.api.Test;

class MachineOfTest {
    @Test
    void aChainIsPlacedInOnePlanWhateverTheNames() {
        var given = new Scenario()
                .machines("a", "b")
                .unit("busy")
                .runs("busy", "a")
                .unit("a-last", "MachineOf=m.service")
                .unit("m", "MachineOf=z-first.service")
                .unit("z-first");

        assertThat(given.plan()).containsExactly("place z-first on b", "place m on b", "place a-last on b");
    }

    @Test
    void aFollowerWaitsForAPeerThatIsNotThere() {
        var given = new Scenario().machines("a").unit("x", "MachineOf=peer.service");
        assertThat(given.plan()).containsExactly("wait x");
        assertThat(given.refusals("x"))
                .containsExactly("a: MachineOf=peer.service is not on this machine; no such unit is registered");

        given.unit("peer", DesiredState.INACTIVE, "");
        assertThat(given.refusals("x"))
                .containsExactly("a: MachineOf=peer.service is not on this machine; its desired state is inactive");

        given.start("peer");
        assertThat(given.plan()).containsExactly("place peer on a", "place x on a");
    }

    @Test
    void severalPeersMeanAllOfThem() {
        var given = new Scenario()
                .machines("a", "b")
                .unit("p")
                .unit("q")
                .runs("p", "a")
                .runs("q", "b")
                .unit("x", "MachineOf=p.service", "MachineOf=q.service");

        assertThat(given.plan()).containsExactly("wait x");
        assertThat(given.refusals("x"))
                .containsExactly(
                        "a: MachineOf=q.service is not on this machine",
                        "b: MachineOf=p.service is not on this machine");
    }

    @Test
    void peersOfOneFollowerAreBroughtTogetherWhereTheyAreFree() {
        var given = new Scenario()
                .machines("a", "b")
                .unit("p")
                .unit("q")
                .unit("x", "MachineOf=p.service", "MachineOf=q.service");

        assertThat(given.plan()).containsExactly("place p on a", "place q on a", "place x on a");
    }

    @Test
    void aPeerGoesWhereItsFollowersFitToo() {
        var given = new Scenario()
                .machine("a")
                .machine("b", "disk=ssd")
                .unit("p")
                .unit("x", "MachineOf=p.service", "MachineMetadata=disk=ssd")
                .unit("deep", "MachineOf=x.service");

        assertThat(given.plan()).containsExactly("place p on b", "place x on b", "place deep on b");
    }

    @Test
    void aFollowerThatFitsNowhereDoesNotHoldUpItsPeer() {
        var given = new Scenario()
                .machines("a")
                .unit("p")
                .unit("x", "MachineOf=p.service", "MachineMetadata=disk=ssd");

        assertThat(given.plan()).containsExactly("place p on a", "wait x");
    }

    @Test
    void followersMoveWithTheirPeer() {
        var given = new Scenario()
                .machine("a", "role=web")
                .machine("b", "role=web")
                .unit("p", "MachineMetadata=role=web")
                .unit("x", "MachineOf=p.service")
                .unit("deep", "MachineOf=x.service")
                .runs("p", "a")
                .runs("x", "a")
                .runs("deep", "a");

        given.machine("a", "role=db");
        assertThat(given.plan()).containsExactly("release p on a", "release x on a", "release deep on a");

        given.settle();
        assertThat(given.where("p") + given.where("x") + given.where("deep")).isEqualTo("bbb");
    }

    @Test
    void followersOfALostMachineMoveWithTheirPeerInOnePlan() {
        var given = new Scenario()
                .machines("a", "b", "c")
                .unit("p")
                .unit("x", "MachineOf=p.service")
                .runs("p", "a")
                .runs("x", "a");

        given.lose("a");

        assertThat(given.plan()).containsExactly("move p from a to b", "move x from a to b");
    }

    @Test
    void stoppingThePeerKeepsItsFollowersAndUnloadingItStopsThem() {
        var given = new Scenario()
                .machines("a")
                .unit("p")
                .unit("x", "MachineOf=p.service")
                .runs("p", "a")
                .runs("x", "a");

        given.desired("p", DesiredState.LOADED);
        assertThat(given.plan()).containsExactly("update p on a");

        given.stop("p");
        assertThat(given.plan()).containsExactly("remove p on a", "release x on a");
        assertThat(given.settle().where("x")).isEmpty();
    }

    @Test
    void aGlobalUnitIsAPeerWhereverItIs() {
        var given = new Scenario()
                .machine("a")
                .machine("b", "role=web")
                .unit("g", "Global=true", "MachineMetadata=role=web")
                .unit("x", "MachineOf=g.service");

        assertThat(given.plan()).containsExactly("place g on b", "place x on b");
    }

    @Test
    void unitsThatFollowEachOtherInACircleWaitAndNameIt() {
        var given = new Scenario()
                .machines("a")
                .unit("x", "MachineOf=y.service")
                .unit("y", "MachineOf=z.service")
                .unit("z", "MachineOf=x.service")
                .unit("behind", "MachineOf=x.service");

        assertThat(given.plan()).containsExactlyInAnyOrder("wait x", "wait y", "wait z", "wait behind");
        assertThat(given.refusals("y"))
                .containsExactly(
                        "MachineOf goes round in a circle: y.service → z.service → x.service → y.service");
        assertThat(given.refusals("behind"))
                .containsExactly("a: MachineOf=x.service is not on this machine; it is on none now");
    }

    @Test
    void whoRunsTogetherInACircleGoesOnRunning() {
        var given = new Scenario()
                .machines("a", "b")
                .unit("x", "MachineOf=y.service")
                .unit("y", "MachineOf=x.service")
                .runs("x", "b")
                .runs("y", "b");

        assertThat(given.plan()).isEmpty();
    }

    @Test
    void whoLeavesACircleTakesTheOthersAlong() {
        var given = new Scenario()
                .machines("a", "b")
                .unit("x", "MachineOf=y.service")
                .unit("y", "MachineOf=x.service")
                .runs("x", "b")
                .runs("y", "b");

        given.unit("y", "MachineOf=x.service", "MachineMetadata=role=web");

        assertThat(given.plan()).containsExactly("release x on b", "release y on b");
    }

    @Test
    void aFollowerThatConflictsWithItsPeersNeighbourWaits() {
        var given = new Scenario()
                .machines("a", "b")
                .unit("p")
                .unit("neighbour")
                .runs("p", "a")
                .runs("neighbour", "a")
                .unit("x", "MachineOf=p.service", "Conflicts=neighbour.service");

        assertThat(given.plan()).containsExactly("wait x");
        assertThat(given.refusals("x"))
                .containsExactly(
                        "a: conflicts with neighbour.service, which runs there",
                        "b: MachineOf=p.service is not on this machine");
    }
}
