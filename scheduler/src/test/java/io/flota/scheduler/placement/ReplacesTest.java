package io.flota.scheduler.placement;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ReplacesTest {
    @Test
    void theReplacerGetsTheMachineAndTheReplacedUnitMovesOn() {
        var given = new Scenario()
                .machines("a", "b")
                .unit("r0")
                .unit("r1")
                .unit("r2")
                .runs("r0", "b")
                .runs("r1", "a")
                .runs("r2", "a");

        given.unit("kick0", "Replaces=r0.service");

        assertThat(given.plan()).containsExactly("wait kick0", "release r0 on b");
        assertThat(given.commit().plan()).containsExactly("wait kick0", "wait r0");
        assertThat(given.refusals("kick0")).contains("b: it waits here until others have stopped");
        assertThat(given.answer().plan()).containsExactly("place kick0 on b", "move r0 from b to a");
        given.settle();
        assertThat(given.where("kick0") + given.where("r0")).isEqualTo("ba");
        assertThat(given.plan()).isEmpty();
    }

    @Test
    void whoIsReplacedAndFitsNowhereElseWaits() {
        var given = new Scenario().machines("a").unit("old").runs("old", "a");

        given.unit("new", "Replaces=old.service").settle();

        assertThat(given.where("new")).isEqualTo("a");
        assertThat(given.plan()).containsExactly("wait old");
        assertThat(given.refusals("old")).containsExactly("a: new.service is there and replaces it");
    }

    @Test
    void theReplacedUnitComesBackOnceTheReplacerIsGone() {
        var given = new Scenario().machines("a").unit("old").runs("old", "a");
        given.unit("new", "Replaces=old.service").settle();

        given.destroy("new").settle();

        assertThat(given.where("old")).isEqualTo("a");
    }

    @Test
    void whoGivesUpReplacingLeavesTheOtherWhereItWas() {
        var given = new Scenario().machines("a", "b").unit("old").runs("old", "b");
        given.unit("new", "Replaces=old.service").commit();

        given.stop("new");

        assertThat(given.plan()).containsExactly("update old on b");
        assertThat(given.settle().where("old")).isEqualTo("b");
    }

    @Test
    void nobodyMakesRoomInVain() {
        var given = new Scenario().machines("a", "b");
        for (var onA : new String[] {"r1", "x1", "x2"}) {
            given.unit(onA).runs(onA, "a");
        }
        for (var onB : new String[] {"r2", "x3", "x4"}) {
            given.unit(onB).runs(onB, "b");
        }
        given.unit("kick", "Replaces=r*");
        assertThat(given.plan()).containsExactly("wait kick", "release r1 on a");

        given.commit().destroy("x3").destroy("x4").commit();

        assertThat(given.plan()).containsExactly("wait kick", "wait r1");
        assertThat(given.settle().where("kick")).isEqualTo("a");
    }

    @Test
    void twoThatReplaceEachOtherDoNothingToEachOther() {
        var given = new Scenario()
                .machines("a")
                .unit("x", "Replaces=y.service")
                .runs("x", "a")
                .unit("y", "Replaces=x.service");

        assertThat(given.plan()).containsExactly("place y on a");
        assertThat(given.settle().plan()).isEmpty();
    }

    @Test
    void aCircleOfThreeComesToRestToo() {
        var given = new Scenario()
                .machines("a")
                .unit("x", "Replaces=y.service")
                .unit("y", "Replaces=z.service")
                .unit("z", "Replaces=x.service");

        assertThat(given.settle().plan()).isEmpty();
    }

    @Test
    void allCirclesThroughAUnitCountNotOnlyTheFirstThatIsFound() {
        var given = new Scenario()
                .machines("a")
                .unit("u", "Replaces=w@*")
                .unit("w@1", "Replaces=u.service")
                .unit("w@2", "Replaces=w@*");

        assertThat(given.plan()).containsExactly("place u on a", "place w@1 on a", "place w@2 on a");
    }

    @Test
    void replacingOneselfMeansNothing() {
        var given = new Scenario().machines("a").unit("x@1", "Replaces=x@*");

        assertThat(given.settle().where("x@1")).isEqualTo("a");
    }

    @Test
    void whoIsReplacedStaysAwayFromTheReplacer() {
        var given = new Scenario().machines("a", "b").unit("new", "Replaces=old.service").runs("new", "a");

        given.unit("other").runs("other", "b").unit("old");

        assertThat(given.plan()).containsExactly("place old on b");
    }

    @Test
    void onDifferentMachinesNobodyIsReplaced() {
        var given = new Scenario().machines("a", "b").unit("old").unit("new").runs("old", "a").runs("new", "b");

        given.unit("new", "Replaces=old.service");

        assertThat(given.plan()).containsExactly("update new on b");
    }

    @Test
    void aReplacerOfALostMachineGoesWhereItDrivesNobodyAway() {
        var given = new Scenario()
                .machines("a", "b", "c")
                .unit("new", "Replaces=old.service")
                .unit("old")
                .unit("other")
                .runs("new", "a")
                .runs("old", "b")
                .runs("other", "c");

        given.lose("a");

        assertThat(given.plan()).containsExactly("move new from a to c");
    }

    @Test
    void followersOfTheReplacedUnitMoveWithIt() {
        var given = new Scenario()
                .machines("a", "b")
                .unit("old")
                .unit("follower", "MachineOf=old.service")
                .runs("old", "a")
                .runs("follower", "a");

        given.unit("new", "Replaces=old.service").settle();

        assertThat(given.where("new") + given.where("old") + given.where("follower")).isEqualTo("abb");
    }

    @Test
    void aGlobalUnitHasNoOtherMachineToGoTo() {
        var given = new Scenario().machines("a", "b").unit("g", "Global=true");
        given.settle();

        given.unit("x", "Replaces=g.service");

        assertThat(given.settle().where("x") + given.where("g")).isEqualTo("aab");
    }

    @Test
    void whoFollowsWhatItWouldDriveAwayDoesNotSpin() {
        var given = new Scenario()
                .machines("a", "b")
                .unit("v")
                .unit("f", "MachineOf=v.service")
                .unit("r", "MachineOf=f.service", "Replaces=v.service");

        given.settle();

        assertThat(given.where("v") + given.where("f") + given.where("r")).isEqualTo("aaa");
    }
}
