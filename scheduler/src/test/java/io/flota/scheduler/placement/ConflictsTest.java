package io.flota.scheduler.placement;

import static org.assertj.core.api.Assertions.assertThat;

import io.flota.unit.DesiredState;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConflictsTest {
    @ParameterizedTest(name = "{0} ({1}) beside a running {2} ({3}): {4}")
    @CsvSource(textBlock = """
            web@2, Conflicts=web@*, web@1, '', wait web@2
            web@2, '', web@1, Conflicts=web@*, wait web@2
            web@2, Conflicts=db.service, web@1, '', place web@2 on a
            x, Conflicts=db.service, db, '', wait x
            x, Conflicts=d?.service, db, '', wait x
            x, Conflicts=*, db, '', wait x
            x, Conflicts=[a-d]b.service, db, '', wait x
            x, Conflicts=[^d]b.service, db, '', place x on a
            x, Conflicts=db, db, '', place x on a
            x, Conflicts=foo.service db.service, db, '', wait x
            x, '', db, Conflicts=foo.service x.*, wait x
            x, Conflicts=x.service, db, '', place x on a
            """)
    void conflictsMatchByPatternAndCountForBothSides(
            String unit, String options, String running, String itsOptions, String decision) {
        var given = new Scenario().machines("a").unit(running, itsOptions).runs(running, "a");

        given.unit(unit, options);

        assertThat(given.plan()).containsExactly(decision);
    }

    @Test
    void aUnitNeverConflictsWithItself() {
        var given = new Scenario().machines("a").unit("x", "Conflicts=*");

        assertThat(given.settle().where("x")).isEqualTo("a");
        assertThat(given.plan()).isEmpty();
    }

    @Test
    void fiveThatConflictWithEachOtherTakeThreeMachines() {
        var given = new Scenario().machines("a", "b", "c");
        for (int i = 1; i <= 5; i++) {
            given.unit("x@" + i, "Conflicts=x@*.service");
        }

        assertThat(given.plan())
                .containsExactly("place x@1 on a", "place x@2 on b", "place x@3 on c", "wait x@4", "wait x@5");
        assertThat(given.refusals("x@5"))
                .containsExactly(
                        "a: conflicts with x@1.service, which runs there",
                        "b: conflicts with x@2.service, which runs there",
                        "c: conflicts with x@3.service, which runs there");
    }

    @Test
    void aOneWayConflictKeepsTheSecondOut() {
        var given = new Scenario().machines("a").unit("hello").unit("one", "Conflicts=hello.service");
        given.runs("one", "a");
        assertThat(given.plan()).containsExactly("wait hello");

        given.destroy("one");

        assertThat(given.plan()).containsExactly("remove one on a", "wait hello");
        assertThat(given.refusals("hello")).isNotEmpty();
        assertThat(given.settle().where("hello")).isEqualTo("a");
    }

    @Test
    void nobodyStartsBesideAUnitThatIsStillStopping() {
        var given = new Scenario().machines("a").unit("old", "Conflicts=new.service").unit("new");
        given.runs("old", "a").stop("old").commit();

        assertThat(given.plan()).containsExactly("wait new");
        assertThat(given.refusals("new"))
                .containsExactly("a: conflicts with old.service, which is still being stopped there");

        given.reports("a", "old", "inactive");
        assertThat(given.plan()).containsExactly("wait new");

        given.forgets("a", "old");
        assertThat(given.plan()).containsExactly("place new on a");
    }

    @Test
    void ofTwoThatCannotStayTogetherTheFirstByNameStays() {
        var given = new Scenario().machines("a", "b").unit("x").unit("y").runs("x", "a").runs("y", "a");

        given.unit("x", "Conflicts=y.service");

        assertThat(given.plan()).containsExactly("update x on a", "release y on a");
        assertThat(given.settle().where("y")).isEqualTo("b");
    }

    @Test
    void aNewcomerWhoseNameComesFirstDrivesNobodyAway() {
        var given = new Scenario().machines("a").unit("y", "Conflicts=x.service").runs("y", "a");

        given.unit("x");

        assertThat(given.plan()).containsExactly("wait x");
    }

    @Test
    void aLoadedUnitIsInTheWayAndAnInactiveOneIsNot() {
        var given = new Scenario()
                .machines("a")
                .unit("y", DesiredState.LOADED, "[X-Fleet]\nConflicts=x.service\n")
                .placed("y", "a")
                .unit("x");
        assertThat(given.answer().plan()).containsExactly("wait x");

        given.stop("y");

        assertThat(given.plan()).containsExactly("remove y on a", "wait x");
        assertThat(given.settle().where("x")).isEqualTo("a");
    }

    @Test
    void aDuplicateAfterAPartitionIsInTheWayUntilItIsDown() {
        var given = new Scenario().machines("a", "b").unit("x", "Conflicts=y.service").runs("x", "a");

        given.reports("b", "x", "active").unit("y");

        assertThat(given.plan()).containsExactly("wait y");
        assertThat(given.forgets("b", "x").plan()).containsExactly("place y on b");
    }
}
