package io.flota.unitctl.local;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableList;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class BlueprintTest {
    private static final Path FOLDER = Path.of("/var/tmp/cluster");
    private static final Path PROGRAMS = Path.of("/opt/flota/bin");

    @Test
    void everyMachineHasAnAddressOfItsOwn() {
        var nodes = new Blueprint(spec("127.0.0.1"), FOLDER, PROGRAMS).nodes();

        assertThat(nodes).extracting(Node::name).containsExactly(
                "etcd-1", "etcd-2", "etcd-3", "scheduler-1", "scheduler-2", "machine-1", "machine-2");
        assertThat(nodes).extracting(Node::address).containsExactly(
                "127.0.10.211:2379", "127.0.10.212:2379", "127.0.10.213:2379", "127.0.0.1:4470", "127.0.10.202:4470",
                "127.0.10.1:4472", "127.0.10.2:4472");
    }

    @Test
    void metadataIsForAllMachinesOrForOne() {
        var nodes = new Blueprint(spec(""), FOLDER, PROGRAMS).nodes();

        assertThat(metadataOf(nodes, "machine-1")).isEqualTo("machine=1,zone=a");
        assertThat(metadataOf(nodes, "machine-2")).isEqualTo("machine=2,zone=a,rack=b");
    }

    @Test
    void theEnvironmentFileSaysWhereTheMachineAndEtcdAre() {
        var blueprint = new Blueprint(spec(""), FOLDER, PROGRAMS);
        var machine = blueprint.nodes().getLast();

        assertThat(blueprint.environmentFile(machine)).isEqualTo("""
                COREOS_PUBLIC_IPV4=127.0.10.2
                COREOS_PRIVATE_IPV4=127.0.10.2
                ETCDCTL_API=3
                ETCDCTL_ENDPOINTS=http://127.0.10.211:2379,http://127.0.10.212:2379,http://127.0.10.213:2379
                WEB_ADDRESS=127.0.10.190
                """);
    }

    @Test
    void machineIdsSortAsTheirNumbers() {
        assertThat(new Blueprint(spec(""), FOLDER, PROGRAMS).machineIds())
                .hasSize(2)
                .isSorted()
                .allMatch(id -> id.matches("[0-9a-f]{32}"));
    }

    private static String metadataOf(ImmutableList<Node> nodes, String name) {
        var command = nodes.stream().filter(node -> node.name().equals(name)).findFirst().orElseThrow().command();
        return command.get(command.indexOf("--metadata") + 1);
    }

    private static ClusterSpec spec(String front) {
        return new ClusterSpec(
                2,
                2,
                3,
                "5s",
                "127.0.10",
                0,
                front,
                "/usr/bin/etcd",
                false,
                ImmutableList.of("zone=a", "machine-2:rack=b"),
                ImmutableList.of("WEB_ADDRESS={network}.190"),
                ImmutableList.of(),
                ImmutableList.of());
    }
}
