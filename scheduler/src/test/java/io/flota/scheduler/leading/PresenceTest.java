package io.flota.scheduler.leading;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableSortedMap;
import io.flota.machine.Machine;
import io.flota.machine.MachineId;
import io.flota.machine.Resources;
import io.flota.registry.Fact.MachineFact;
import io.flota.registry.Fact.PlacementFact;
import io.flota.registry.Happening;
import io.flota.registry.Happening.Kind;
import io.flota.registry.Key.MachineKey;
import io.flota.scheduler.cluster.Change;
import io.flota.scheduler.cluster.Cluster;
import io.flota.unit.DesiredState;
import io.flota.unit.Placement;
import io.flota.unit.UnitName;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class PresenceTest {
    private static final MachineId A = new MachineId("a".repeat(32));

    private final Presence leader = new Presence("one");
    private final Presence follower = new Presence("two");
    private Cluster cluster = Cluster.EMPTY;

    private void come() {
        change(new Change.Written(new MachineFact(new Machine(
                A, "host-a", "", "", ImmutableSortedMap.of(), new Resources(0, 0), "", "boot", "test"))));
    }

    private void go() {
        change(new Change.Removed(new MachineKey(A)));
    }

    private void change(Change change) {
        cluster = cluster.with(cluster.revision() + 1, List.of(change));
        leader.see(cluster);
        follower.see(cluster);
    }

    private static List<Happening> news(Presence presence) {
        return presence.news(Instant.EPOCH);
    }

    /// As the leader tells it, and all hear it.
    private void tell() {
        for (var happening : news(leader)) {
            leader.told(happening);
            follower.told(happening);
        }
    }

    @Test
    void aMachineThatVanishesAndReturnsIsToldOnceEach() {
        come();
        assertThat(news(leader)).isEmpty();

        go();
        assertThat(news(leader)).extracting(Happening::kind).containsExactly(Kind.MACHINE_LOST);
        tell();
        assertThat(news(leader)).isEmpty();

        come();
        assertThat(news(leader)).extracting(Happening::kind).containsExactly(Kind.MACHINE_RETURNED);
        tell();
        assertThat(news(leader)).isEmpty();
    }

    @Test
    void whoComesToLeadTellsWhatItsPredecessorCouldNotAndNothingTwice() {
        come();
        go();
        assertThat(news(follower)).as("if the leader died before it told").hasSize(1);

        tell();

        assertThat(news(follower)).isEmpty();
        come();
        assertThat(news(follower)).extracting(Happening::kind).containsExactly(Kind.MACHINE_RETURNED);
    }

    @Test
    void aMachineThatWasAwayWhenTheSchedulerCameIsNotToldAsLostAnew() {
        change(new Change.Written(new PlacementFact(
                new Placement(A, new UnitName("web.service"), "", DesiredState.LAUNCHED, 1, "p1", ""), 1)));
        assertThat(news(leader)).isEmpty();

        come();

        assertThat(news(leader)).extracting(Happening::kind).containsExactly(Kind.MACHINE_RETURNED);
    }
}
