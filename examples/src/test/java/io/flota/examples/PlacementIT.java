package io.flota.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.flota.api.v1.Unit;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Each option of `[X-Fleet]`, as real machines honour it. machine-1 is rack a, machine-2 and machine-3 are rack b;
/// machine-3 has an ssd.
class PlacementIT {
    @RegisterExtension
    static final LocalCluster CLUSTER = LocalCluster.with(
            "--machines", "3",
            "--metadata", "machine-1:rack=a",
            "--metadata", "machine-2:rack=b",
            "--metadata", "machine-3:rack=b",
            "--metadata", "machine-3:disk=ssd");

    private Api api;

    @BeforeEach
    void connect() {
        api = new Api(CLUSTER.endpoint());
    }

    @AfterEach
    void destroyAll() {
        Units.destroyAll(CLUSTER, api);
    }

    private void unit(String name, String... options) {
        Units.write(CLUSTER.folder(), name, options);
    }

    private void start(String... units) {
        CLUSTER.unitctl(Units.arguments("start", units)).ok();
    }

    private void startUnblocked(String... units) {
        CLUSTER.unitctl(Units.arguments("start", new String[] {"--no-block"}, units)).ok();
    }

    /// The hosts on which a unit is active.
    private Set<String> hosts(String unit) {
        var names = api.hosts();
        return api.machinesOf(unit).map(names::get).collect(Collectors.toCollection(TreeSet::new));
    }

    private void waits(String unit, String... reasons) {
        Units.eventually(() -> {
            Unit found = api.units().get(unit);
            assertThat(found.getMachinesList()).noneMatch(there -> there.hasPlacement());
            assertThat(found.getRefusalsList()).isNotEmpty();
            for (var reason : reasons) {
                assertThat(found.getRefusalsList()).anySatisfy(refusal -> assertThat(refusal.getReason())
                        .contains(reason));
            }
        });
    }

    @Test
    void conflictingUnitsAreNeverTogetherAndTheOneTooManyStartsAsSoonAsItFits() {
        unit("alone@.service", "Conflicts=alone@*.service");

        start("alone@1", "alone@2", "alone@3");
        startUnblocked("alone@4");

        waits("alone@4.service", "alone@");
        assertThat(Set.of(hosts("alone@1.service"), hosts("alone@2.service"), hosts("alone@3.service"))).hasSize(3);

        CLUSTER.unitctl("stop", "alone@2").ok();
        waits("alone@4.service"); // stopped is still placed, as it was in fleet
        CLUSTER.unitctl("unload", "alone@2").ok();
        Units.allActive(api, new String[] {"alone@4"});
    }

    @Test
    void aConflictHoldsWhicheverOfTheTwoNamesIt() {
        unit("hello.service");
        unit("hater.service", "Conflicts=hello.service");
        unit("everywhere.service", "Global=true");

        start("hater", "hello", "everywhere");

        assertThat(hosts("hater.service")).doesNotContainAnyElementsOf(hosts("hello.service"));
    }

    @Test
    void aChainOfMachineOfIsOnOneMachineAndFollowsWhenItsHeadMoves() {
        unit("a.service", "MachineMetadata=rack=b");
        unit("b.service", "MachineOf=a.service");
        unit("c.service", "MachineOf=b.service");

        start("c", "b", "a");
        assertThat(hosts("a.service")).hasSize(1).isEqualTo(hosts("b.service")).isEqualTo(hosts("c.service"));

        unit("a.service", "MachineMetadata=rack=a");
        CLUSTER.unitctl("start", "--replace", "a").ok();

        Units.eventually(() -> {
            assertThat(hosts("a.service")).containsExactly("machine-1");
            assertThat(hosts("b.service")).containsExactly("machine-1");
            assertThat(hosts("c.service")).containsExactly("machine-1");
        });
    }

    @Test
    void aFollowerWaitsForItsPeer() {
        unit("peer.service");
        unit("follower.service", "MachineOf=peer.service");

        startUnblocked("follower");
        waits("follower.service", "peer.service");

        start("peer");
        Units.eventually(() -> assertThat(hosts("follower.service")).hasSize(1).isEqualTo(hosts("peer.service")));
    }

    @Test
    void metadataOfOneKeyIsAnOrAndOfTwoKeysAnAnd() {
        unit("either.service", "MachineMetadata=rack=x", "MachineMetadata=rack=a");
        unit("both.service", "MachineMetadata=\"rack=b\" \"disk=ssd\"");
        unit("neither.service", "MachineMetadata=rack=a", "MachineMetadata=disk=ssd");

        start("either", "both");
        startUnblocked("neither");

        assertThat(hosts("either.service")).containsExactly("machine-1");
        assertThat(hosts("both.service")).containsExactly("machine-3");
        waits("neither.service", "disk", "rack");
    }

    @Test
    void metadataMayComeFromTheInstance() {
        unit("pin@.service", "MachineMetadata=machine=%i");

        start("pin@1", "pin@2", "pin@3");

        for (int i = 1; i <= 3; i++) {
            assertThat(hosts("pin@" + i + ".service")).containsExactly("machine-" + i);
        }
    }

    @Test
    void aMachineIdMayBeFullOrItsFirstEightDigits() {
        var ids = api.hosts().keySet().stream().toList();
        unit("full.service", "MachineID=" + ids.get(1));
        unit("short.service", "MachineID=" + ids.get(2).substring(0, 8));
        unit("unknown.service", "MachineID=" + "0".repeat(32));

        start("full", "short");
        startUnblocked("unknown");

        assertThat(api.machinesOf("full.service")).containsExactly(ids.get(1));
        assertThat(api.machinesOf("short.service")).containsExactly(ids.get(2));
        waits("unknown.service");
    }

    @Test
    void aGlobalUnitRunsOnEveryMachineThatFitsAndConflictsAreKept() {
        unit("everywhere.service", "Global=true");
        unit("racked.service", "Global=true", "MachineMetadata=rack=b");
        unit("zlast.service", "Global=true", "Conflicts=racked.service");

        startUnblocked("everywhere", "racked", "zlast");

        Units.eventually(() -> {
            assertThat(hosts("everywhere.service")).containsExactly("machine-1", "machine-2", "machine-3");
            assertThat(hosts("racked.service")).containsExactly("machine-2", "machine-3");
            assertThat(hosts("zlast.service")).containsExactly("machine-1");
        });
    }

    @Test
    void theReplacedUnitMakesRoomAndRunsElsewhere() {
        unit("old.service");
        unit("new.service", "Replaces=old.service");
        start("old");
        var before = hosts("old.service");

        startUnblocked("new");

        Units.eventually(() -> {
            assertThat(hosts("new.service")).isEqualTo(before);
            assertThat(hosts("old.service")).hasSize(1).doesNotContainAnyElementsOf(before);
        });
        assertThat(Units.starts(CLUSTER.folder(), "new.service")).isEqualTo(1);
    }
}
