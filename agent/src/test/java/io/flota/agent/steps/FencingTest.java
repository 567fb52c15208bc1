package io.flota.agent.steps;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableSortedMap;
import io.flota.agent.steps.Admission.Granted;
import io.flota.agent.steps.Admission.Withheld;
import io.flota.unit.DesiredState;
import io.flota.unit.PartitionRules;
import io.flota.unit.PartitionRules.OnDisconnect;
import io.flota.unit.PartitionRules.OnReconnect;
import io.flota.unit.Placement;
import io.flota.unit.UnitName;
import io.flota.unit.UnitState;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// A lease of 100 s that was renewed at 1000 s: exclusive units stop at 1073 s and are over at 1098 s.
class FencingTest {
    private static final UnitName UNIT = new UnitName("a.service");
    private static final PartitionRules EXCLUSIVE =
            new PartitionRules(true, OnDisconnect.STOP, Duration.ZERO, OnReconnect.NEWEST);
    private static final PartitionRules STOPS =
            new PartitionRules(false, OnDisconnect.STOP, seconds(30), OnReconnect.NEWEST);
    private static final Tenure TENURE = new Tenure(seconds(1000), seconds(100), 50);
    private static final Guard EARLIER = new Guard(UNIT, true, Duration.ZERO, seconds(1040), seconds(1065));

    @Test
    void theDeadlineCountsFromTheSendingWithAMargin() {
        assertThat(TENURE.guard(UNIT, EXCLUSIVE))
                .contains(new Guard(UNIT, true, Duration.ZERO, seconds(1073), seconds(1098)));
    }

    @Test
    void oneThatStopsOnDisconnectDoesSoAfterTheLeaseAndItsGrace() {
        assertThat(TENURE.guard(UNIT, STOPS))
                .contains(new Guard(UNIT, false, seconds(30), seconds(1130), seconds(1220)));
    }

    @Test
    void mostUnitsHaveNoGuardAndAreStartedUntilTheLeaseMayHaveEnded() {
        assertThat(TENURE.guard(UNIT, PartitionRules.DEFAULT)).isEmpty();
        assertThat(Admission.of(UNIT, PartitionRules.DEFAULT, placed(50), Optional.of(TENURE), seconds(1099)))
                .isEqualTo(new Granted(Optional.empty(), 0));
        assertThat(Admission.of(UNIT, PartitionRules.DEFAULT, placed(50), Optional.of(TENURE), seconds(1100)))
                .isInstanceOf(Withheld.class);
    }

    @ParameterizedTest(name = "registered {0}, read at {1}, at {2} s: {3}")
    @CsvSource(textBlock = """
            true,  50, 1000, granted
            true,  99, 1072, granted
            true,  50, 1073, lease
            true,  49, 1000, placed
            false, 99, 1000, registered
            """)
    void anExclusiveUnitIsStartedOnlyUnderALeaseThatIsCertainAndByWhatWasReadUnderIt(
            boolean registered, long read, long now, String outcome) {
        var tenure = Optional.of(TENURE).filter(_ -> registered);

        switch (Admission.of(UNIT, EXCLUSIVE, placed(read), tenure, seconds(now))) {
            case Granted(var guard, long base) -> {
                assertThat(outcome).isEqualTo("granted");
                assertThat(guard).isEqualTo(TENURE.guard(UNIT, EXCLUSIVE));
                assertThat(base).isEqualTo(50);
            }
            case Withheld(String because) -> assertThat(because).contains(outcome);
        }
    }

    @Test
    void epochsCountFromThePlacementIfThatIsTheNewer() {
        var placed = new Placed(80, placed(80).placements(), ImmutableSortedMap.of(UNIT, 70L));

        assertThat(Admission.of(UNIT, EXCLUSIVE, placed, Optional.of(TENURE), seconds(1000)))
                .isEqualTo(new Granted(TENURE.guard(UNIT, EXCLUSIVE), 70));
    }

    @ParameterizedTest(name = "{0} at {1} s, read at {2}: {3}")
    @CsvSource(textBlock = """
            active,       1001, 50, longer
            activating,   1039, 50, longer
            deactivating, 1039, 50, longer
            active,       1050, 50, longer
            active,       1065, 50, stop
            active,       1001, 49, nothing
            active,       1040, 49, stop
            active,       1001, 0,  nothing
            active,       1040, 0,  stop
            deactivating, 1040, 49, nothing
            failed,       1001, 50, nothing
            inactive,     1040, 50, nothing
            """)
    void aGuardIsLengthenedInTimeOrItsUnitStopped(String active, long now, long read, String outcome) {
        var placed = read == 0 ? Optional.<Placed>empty() : Optional.of(placed(read));

        var fencing = Fencing.at(seconds(now), Optional.of(TENURE), placed, guards(), observed(active));

        assertThat(fencing.guards()).hasSize(outcome.equals("longer") ? 1 : 0);
        assertThat(fencing.stops()).hasSize(outcome.equals("stop") ? 1 : 0);
    }

    @Test
    void aUnitThatIsPlacedHereNoMoreIsNotKeptLonger() {
        var nothing = new Placed(60, ImmutableSortedMap.of(), ImmutableSortedMap.of());

        var fencing = Fencing.at(
                seconds(1001), Optional.of(TENURE), Optional.of(nothing), guards(), observed("active"));

        assertThat(fencing.guards()).isEmpty();
        assertThat(fencing.next()).contains(seconds(1040));
    }

    @Test
    void withoutALeaseTheGuardOfAnEarlierAgentCounts() {
        var before = Fencing.at(seconds(1039), Optional.empty(), Optional.of(placed(90)), guards(), observed("active"));
        var after = Fencing.at(seconds(1040), Optional.empty(), Optional.of(placed(90)), guards(), observed("active"));

        assertThat(before.stops()).isEmpty();
        assertThat(before.next()).contains(seconds(1040));
        assertThat(after.stops()).hasSize(1);
    }

    @Test
    void beforeAShorterLeaseCountsNoGuardIsLonger() {
        var lease = new Tenure(seconds(1000), seconds(10), 0);

        assertThat(Fencing.shortened(lease, guards())).containsExactly(lease.anew(EARLIER));
        assertThat(Fencing.shortened(TENURE, guards())).isEmpty();
    }

    private static ImmutableSortedMap<UnitName, Guard> guards() {
        return ImmutableSortedMap.of(UNIT, EARLIER);
    }

    private static ImmutableSortedMap<UnitName, UnitState> observed(String active) {
        return ImmutableSortedMap.of(
                UNIT, new UnitState("loaded", active, "sub", "f", "", active.equals("deactivating") ? 0 : 3,
                        Instant.EPOCH, "", 0, 0));
    }

    private static Placed placed(long revision) {
        var placement = new Placement(
                Situations.HERE, UNIT, "f", DesiredState.LAUNCHED, 3, "p", "a test says so");
        return new Placed(revision, ImmutableSortedMap.of(UNIT, placement), ImmutableSortedMap.of(UNIT, 7L));
    }

    private static Duration seconds(long seconds) {
        return Duration.ofSeconds(seconds);
    }
}
