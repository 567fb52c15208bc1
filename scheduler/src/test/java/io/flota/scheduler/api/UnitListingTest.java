package io.flota.scheduler.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableSortedMap;
import com.google.protobuf.ByteString;
import io.flota.api.v1.ListUnitsRequest;
import io.flota.machine.Machine;
import io.flota.machine.MachineId;
import io.flota.machine.Resources;
import io.flota.registry.Fact.FileFact;
import io.flota.registry.Fact.MachineFact;
import io.flota.registry.Fact.PlacementFact;
import io.flota.registry.Fact.UnitFact;
import io.flota.scheduler.cluster.Change.Written;
import io.flota.scheduler.cluster.Cluster;
import io.flota.scheduler.model.View;
import io.flota.unit.DesiredState;
import io.flota.unit.Placement;
import io.flota.unit.Unit;
import io.flota.unit.UnitName;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class UnitListingTest {
    private static final MachineId LOST = new MachineId("a".repeat(32));
    private static final MachineId HERE = new MachineId("b".repeat(32));
    private static final UnitName X = new UnitName("x.service");

    /// An exclusive unit on a lost machine, and a machine that is there.
    private static View view(String rules, ImmutableSortedMap<String, String> metadata) {
        var file = ByteString.copyFromUtf8("[Service]\nExecStart=/bin/true\n[X-Flota]\nExclusive=true\n" + rules);
        var machine = new Machine(HERE, "host", "", "", metadata, new Resources(0, 0), "", "boot", "test");
        var cluster = Cluster.EMPTY.with(5, List.of(
                new Written(new MachineFact(machine)),
                new Written(new FileFact("f", file)),
                new Written(new UnitFact(new Unit(X, "f", DesiredState.LAUNCHED, 1), 3)),
                new Written(new PlacementFact(
                        new Placement(LOST, X, "f", DesiredState.LAUNCHED, 1, "p", "test", true), 4))));
        return new View(cluster, Optional.empty(), 0, 0);
    }

    private static List<String> reasons(String rules, ImmutableSortedMap<String, String> metadata)
            throws RefusedException {
        var reply = UnitListing.of(ListUnitsRequest.getDefaultInstance()).reply(view(rules, metadata), Instant.EPOCH);
        return reply.getUnits(0).getRefusalsList().stream()
                .map(refusal -> refusal.getMachineId().charAt(0) + ": " + refusal.getReason())
                .toList();
    }

    @Test
    void anExclusiveUnitOfALostMachineThatFitsNowhereElseIsNotSaidToWaitForThat() throws RefusedException {
        assertThat(reasons("MachineMetadata=role=web\n", ImmutableSortedMap.of()))
                .containsExactly(
                        "a: the machine is lost; the unit is kept for it",
                        "b: metadata role=web wanted, the machine has no role");
    }

    @Test
    void oneThatFitsElsewhereWaitsUntilItIsCertainToBeDown() throws RefusedException {
        assertThat(reasons("", ImmutableSortedMap.of()))
                .containsExactly(
                        "a: it is exclusive, and lost machine aaaaaaaa has to have stopped it",
                        "b: it is exclusive, and lost machine aaaaaaaa has to have stopped it");
    }

    @Test
    void unexplainedUnitsAreToldWithAllButWhyTheyWait() throws RefusedException {
        var view = view("MachineMetadata=role=web\n", ImmutableSortedMap.of());
        var listing = UnitListing.of(ListUnitsRequest.getDefaultInstance());

        var explained = listing.reply(view, Instant.EPOCH).getUnits(0);

        assertThat(listing.unexplained(view)).containsExactly(explained.toBuilder().clearRefusals().build());
    }
}
