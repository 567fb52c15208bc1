package io.flota.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class SpreadIT {
    @RegisterExtension
    final LocalCluster cluster = LocalCluster.with("--machines", "3");

    @Test
    void twelveInstancesOnThreeMachinesAreSpreadEvenlyAndListedAsFleetctlDid() {
        Units.write(cluster.folder(), "apache@.service");

        var started = cluster.unitctl(Units.arguments("start", Units.instances("apache", 12))).lines();

        assertThat(started).hasSizeGreaterThanOrEqualTo(12).anySatisfy(line -> assertThat(line)
                .matches("Unit apache@7\\.service launched on [0-9a-f]{8}\\.\\.\\./127\\.[0-9.]+"));
        var rows = cluster.unitctl("list-units").lines();
        assertThat(rows.getFirst().split("\\s+")).containsExactly("UNIT", "MACHINE", "ACTIVE", "SUB");
        assertThat(rows.subList(1, rows.size()))
                .hasSize(12)
                .isSorted()
                .allSatisfy(row -> assertThat(row)
                        .matches("apache@\\d+\\.service\t+[0-9a-f]{8}\\.\\.\\./127\\.[0-9.]+\t+active\trunning"));
        Map<String, Long> perMachine = rows.stream()
                .skip(1)
                .map(row -> row.split("\t+")[1])
                .collect(Collectors.groupingBy(Function.identity(), Collectors.counting()));
        assertThat(perMachine.values()).containsExactly(4L, 4L, 4L);
    }
}
