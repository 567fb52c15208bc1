package io.flota.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.flota.api.v1.Refusal;
import io.flota.api.v1.UnitOnMachine;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Units that fail for good on real machines, and machines that operators cordon and drain.
class SetbacksIT {
    @RegisterExtension
    static final LocalCluster CLUSTER = LocalCluster.with("--machines", "3");

    private Api api;

    @BeforeEach
    void connect() {
        api = new Api(CLUSTER.endpoint());
    }

    @AfterEach
    void destroyAll() {
        api.hosts().keySet().forEach(machine -> CLUSTER.unitctl("uncordon", machine).ok());
        Units.destroyAll(CLUSTER, api);
    }

    /// A unit that gives up after two tries, and works on the machines for which there is a file `works-<machine id>`.
    /// Notes each try in `tries-<unit>-<machine id>`.
    private void picky(String name, String... options) {
        Units.text(CLUSTER.folder(), name, """
                [Unit]
                StartLimitBurst=2
                StartLimitIntervalSec=60

                [Service]
                Restart=on-failure
                RestartSec=100ms
                ExecStartPre=/bin/sh -c 'echo try >> %1$s/tries-%%p-$FLOTA_MACHINE_ID'
                ExecStartPre=/bin/sh -c 'test -e %1$s/works-$FLOTA_MACHINE_ID'
                ExecStart=/bin/sleep infinity

                [X-Fleet]
                %2$s
                """.formatted(CLUSTER.folder(), String.join("\n", options)));
    }

    private void worksOn(String machine) throws IOException {
        var file = CLUSTER.folder().resolve("works-" + machine);
        if (!Files.exists(file)) {
            Files.createFile(file);
        }
    }

    private long tries(String unit, String machine) throws IOException {
        try (Stream<String> lines = Files.lines(CLUSTER.folder().resolve("tries-" + unit + "-" + machine))) {
            return lines.count();
        }
    }

    private Stream<String> reasons(String unit) {
        return api.units().get(unit).getRefusalsList().stream().map(Refusal::getReason);
    }

    @Test
    void aUnitThatFailsOnTwoMachinesIsTriedTwiceOnEachAndRunsOnTheThird() throws IOException {
        var machines = api.hosts().keySet().stream().sorted().toList();
        worksOn(machines.getLast());
        picky("picky.service");

        var start = CLUSTER.unitctl("start", "--block-attempts", "20", "picky");

        assertThat(start.ok()).contains("Unit picky.service launched on " + machines.getLast().substring(0, 8));
        assertThat(api.machinesOf("picky.service")).containsExactly(machines.getLast());
        assertThat(tries("picky", machines.get(0))).isEqualTo(2);
        assertThat(tries("picky", machines.get(1))).isEqualTo(2);
        assertThat(tries("picky", machines.getLast())).isEqualTo(1);
        Files.delete(CLUSTER.folder().resolve("works-" + machines.getLast()));
    }

    @Test
    void aUnitThatFitsOnOneMachineSaysWhenItIsTriedAgainAndRunsOnceItWorks() throws IOException {
        var machine = api.hosts().keySet().stream().sorted().toList().getFirst();
        picky("pinned.service", "MachineID=" + machine);

        var start = CLUSTER.unitctl("start", "pinned");

        assertThat(start.exitCode()).isEqualTo(1);
        assertThat(start.err()).contains("failed here once, avoided until ");
        assertThat(CLUSTER.unitctl("status", "pinned").out()).contains("failed (failed)", "failed here once");
        assertThat(CLUSTER.unitctl("journal", "pinned").ok()).contains("start-limit-hit");
        worksOn(machine);
        Units.eventually(() -> assertThat(api.active()).containsKey("pinned.service"));
        assertThat(tries("pinned", machine)).isEqualTo(3);
        Files.delete(CLUSTER.folder().resolve("works-" + machine));
    }

    @Test
    void anOperatorsStartTriesAgainAtOnce() throws IOException {
        var machine = api.hosts().keySet().stream().sorted().toList().getFirst();
        picky("again.service", "MachineID=" + machine);
        assertThat(CLUSTER.unitctl("start", "again").exitCode()).isEqualTo(1);
        Units.eventually(() -> assertThat(reasons("again.service")).anyMatch(it -> it.startsWith("failed here once")));
        worksOn(machine);

        var begun = System.nanoTime();
        CLUSTER.unitctl("start", "again").ok();

        assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(8));
        Files.delete(CLUSTER.folder().resolve("works-" + machine));
    }

    @Test
    void aDrainedMachineIsEmptyItsUnitsRunElsewhereAndItIsFilledAgain() {
        Units.write(CLUSTER.folder(), "moving@.service", "Conflicts=moving@*.service");
        Units.write(CLUSTER.folder(), "everywhere.service", "Global=true");
        CLUSTER.unitctl("start", "moving@1", "moving@2", "everywhere").ok();
        var machine = api.machinesOf("moving@1.service").findFirst().orElseThrow();

        assertThat(CLUSTER.unitctl("drain", machine.substring(0, 12)).ok())
                .contains("Machine " + machine.substring(0, 8) + "... drained");

        assertThat(api.units().values().stream().flatMap(unit -> unit.getMachinesList().stream()))
                .extracting(UnitOnMachine::getMachineId)
                .doesNotContain(machine);
        Units.eventually(() -> assertThat(api.machinesOf("moving@1.service")).hasSize(1));
        assertThat(Units.starts(CLUSTER.folder(), "moving@2.service")).isEqualTo(1);
        assertThat(CLUSTER.unitctl("list-machines").ok()).contains("draining");

        CLUSTER.unitctl("uncordon", machine).ok();
        Units.eventually(() -> assertThat(api.machinesOf("everywhere.service")).contains(machine));
    }
}
