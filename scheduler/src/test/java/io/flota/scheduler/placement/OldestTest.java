package io.flota.scheduler.placement;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/// `OnReconnect=oldest`.
class OldestTest {
    /// `x` ran on a, which was cut off, was started on b, and a is back and asks.
    private final Scenario given = back("x");

    private static Scenario back(String unit, String... options) {
        var scenario = new Scenario().machines("a", "b").oldest(unit, options).runs(unit, "a");
        return scenario.lose("a").commit().reports("b", unit, "active").machine("a").asks("a", unit, 1);
    }

    @Test
    void theOneThatHasRunAllTheTimeStaysAndTheOtherIsStoppedFirst() {
        assertThat(given.plan()).containsExactly("release x on b");
        assertThat(given.commit().plan()).containsExactly("wait x");
        assertThat(given.reports("b", "x", "inactive").plan()).containsExactly("move x from b to a");
        assertThat(given.commit().forgets("b", "x").reports("a", "x", "active").plan()).isEmpty();
    }

    @Test
    void whatAsksBeforeItWasStartedElsewhereIsPlacedWhereItRuns() {
        var scenario = new Scenario().machines("a", "b").oldest("x").asks("b", "x", 1);

        assertThat(scenario.plan()).containsExactly("place x on b");
    }

    @Test
    void whatWasStartedElsewhereOnAMachineThatIsLostNowMovesToWhereItRuns() {
        given.lose("b");

        assertThat(given.plan()).containsExactly("move x from b to a");
    }

    @Test
    void whenItsMachineIsLostAgainTheOtherOneRunsOn() {
        given.commit().lose("a");

        assertThat(given.plan()).containsExactly("update x on b");
    }

    @Test
    void ofSeveralTheOneThatHasRunLongestStays() {
        given.machine("c").asks("c", "x", 0);

        assertThat(given.plan()).containsExactly("dismiss x on a", "release x on b");
        given.commit().reports("b", "x", "inactive").reports("a", "x", "inactive");
        assertThat(given.plan()).containsExactly("remove x on b", "move x from a to c");
    }

    @Test
    void ofSeveralThatHaveChangedSinceOneTakesThat() {
        var scenario = new Scenario().machines("a", "b").oldest("x").asks("a", "x", 1, "old").asks("b", "x", 2, "old");

        assertThat(scenario.plan()).containsExactly("dismiss x on b", "wait x");
        scenario.commit().reports("b", "x", "inactive");
        assertThat(scenario.plan()).containsExactly("dismiss x on a", "update x on b");
    }

    @Test
    void aCopyThatRunsStaysThoughTheUnitHasFailedElsewhereMeanwhile() {
        var scenario = new Scenario().machines("a", "b").oldest("x", true).runs("x", "a");
        scenario.lose("a").commit().reports("b", "x", "failed").commit().reports("b", "x", "failed");

        scenario.machine("a").asks("a", "x", 1);

        assertThat(scenario.plan()).containsExactly("move x from b to a");
    }

    @Test
    void aDestroyedOneStops() {
        given.destroy("x");

        assertThat(given.plan()).containsExactly("release x on b", "dismiss x on a");
        given.commit().answer();
        assertThat(given.plan()).containsExactly("remove x on a", "remove x on b");
    }

    @Test
    void oneThatIsNotWantedStops() {
        given.stop("x");

        assertThat(given.plan()).containsExactly("release x on b", "dismiss x on a");
    }

    @Test
    void oneWhoseFileHasChangedStops() {
        given.oldest("x", "MachineMetadata=a=b").machine("b", "a=b");

        assertThat(given.plan()).containsExactly("dismiss x on a", "update x on b");
    }

    @Test
    void oneThatWasRestartedElsewhereStops() {
        given.restart("x");

        assertThat(given.plan()).containsExactly("dismiss x on a", "update x on b");
    }

    @Test
    void oneWhoseNewFileKeepsTheNewestStops() {
        given.unit("x");

        assertThat(given.plan()).containsExactly("dismiss x on a", "update x on b");
    }

    @Test
    void oneThatIsExclusiveNowStops() {
        given.exclusive("x");

        assertThat(given.plan()).containsExactly("dismiss x on a", "release x on b");
    }

    @Test
    void oneThatFitsNoMoreStops() {
        var scenario = new Scenario().machines("a", "b").oldest("x").runs("x", "a").lose("a").commit();
        scenario.reports("b", "x", "active").unit("y", "Conflicts=x.service");
        scenario.machine("a").commit().reports("a", "y", "active").asks("a", "x", 1);

        assertThat(scenario.plan()).containsExactly("dismiss x on a");
        scenario.commit().reports("a", "x", "inactive");
        assertThat(scenario.plan()).containsExactly("remove x on a");
    }

    @Test
    void nobodyIsStoppedForGoodUntilItIsDown() {
        given.stop("x").commit();

        assertThat(given.plan()).as("both are being stopped").isEmpty();
    }

    @Test
    void aGlobalUnitTakesWhatRuns() {
        var scenario = new Scenario().machine("a").oldest("g", "Global=true").asks("a", "g", 1);

        assertThat(scenario.plan()).containsExactly("place g on a");
    }
}
