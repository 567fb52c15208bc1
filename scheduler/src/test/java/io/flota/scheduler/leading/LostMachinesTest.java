package io.flota.scheduler.leading;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.base.Ticker;
import com.google.common.collect.ImmutableSortedMap;
import io.flota.machine.Machine;
import io.flota.machine.MachineId;
import io.flota.machine.Resources;
import io.flota.registry.Fact.MachineFact;
import io.flota.registry.Fact.PlacementFact;
import io.flota.registry.Key.MachineKey;
import io.flota.registry.LeaderProof;
import io.flota.scheduler.cluster.Change.Removed;
import io.flota.scheduler.cluster.Change.Written;
import io.flota.scheduler.cluster.Cluster;
import io.flota.unit.DesiredState;
import io.flota.unit.Placement;
import io.flota.unit.UnitName;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class LostMachinesTest {
    private static final MachineId A = new MachineId("a".repeat(32));
    private static final LeaderProof LEADER = new LeaderProof(7);
    private static final Duration WAIT = Duration.ofSeconds(2);
    private static final Cluster LOST = Cluster.EMPTY.with(9, List.of(placed(true)));

    private long nanos;
    private final LostMachines lost = new LostMachines(
            new Ticker() {
                @Override
                public long read() {
                    return nanos;
                }
            },
            WAIT);

    private static Written placed(boolean exclusive) {
        return new Written(new PlacementFact(
                new Placement(A, new UnitName("x.service"), "f", DesiredState.LAUNCHED, 1, "p", "test", exclusive), 3));
    }

    private static Written machine() {
        return new Written(new MachineFact(new Machine(
                A, "host", "", "", ImmutableSortedMap.of(), new Resources(1, 1), "", "boot", "test")));
    }

    private void pass(Duration time) {
        nanos += time.toNanos();
    }

    @Test
    void aMachineIsFencedOnceTheWaitIsOver() {
        lost.look(LEADER, LOST);
        assertThat(lost.fenced()).isEmpty();
        assertThat(lost.untilNext()).contains(WAIT);

        pass(Duration.ofMillis(1_999));
        lost.look(LEADER, LOST);
        assertThat(lost.fenced()).isEmpty();
        assertThat(lost.untilNext()).contains(Duration.ofMillis(1));

        pass(Duration.ofMillis(1));
        lost.look(LEADER, LOST);
        assertThat(lost.fenced()).containsExactly(A);
        assertThat(lost.untilNext()).isEmpty();
    }

    @Test
    void aNewLeaderCountsAnew() {
        lost.look(LEADER, LOST);
        pass(WAIT);

        lost.look(new LeaderProof(8), LOST);

        assertThat(lost.fenced()).isEmpty();
    }

    @Test
    void aMachineThatCameAndWentBetweenTwoLooksIsCountedAnew() {
        lost.look(LEADER, LOST);
        pass(WAIT);

        lost.look(LEADER, LOST.with(10, List.of(machine())).with(11, List.of(new Removed(new MachineKey(A)))));

        assertThat(lost.fenced()).isEmpty();
        assertThat(lost.untilNext()).contains(WAIT);
    }

    @Test
    void afterABreakOfTheWatchNobodyKnowsWhoCameAndWent() {
        lost.look(LEADER, LOST);
        pass(WAIT);

        lost.look(LEADER, Cluster.EMPTY.with(30, List.of(placed(true))));

        assertThat(lost.fenced()).isEmpty();
    }

    @Test
    void aMachineThatReturnedIsNotLost() {
        lost.look(LEADER, LOST);
        pass(WAIT);

        lost.look(LEADER, LOST.with(10, List.of(machine())));

        assertThat(lost.fenced()).isEmpty();
        assertThat(lost.untilNext()).isEmpty();
    }

    @Test
    void nobodyIsWaitedForWhoHasNoExclusiveUnit() {
        lost.look(LEADER, Cluster.EMPTY.with(9, List.of(placed(false))));

        assertThat(lost.untilNext()).isEmpty();
    }
}
