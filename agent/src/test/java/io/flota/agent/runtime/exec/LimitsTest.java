package io.flota.agent.runtime.exec;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class LimitsTest extends MachineTest {
    @Test
    void aUnitThatTakesTooMuchMemoryIsKilled() throws Exception {
        units.run("a.service", """
                [Service]
                MemoryMax=20M
                ExecStart=/usr/bin/perl -e 'my $x = "x" x (200 << 20); sleep 1000'
                """);

        assertThat(units.until("a.service", "failed/failed").message()).isEqualTo("killed by SIGKILL");
    }

    @Test
    void aUnitMayHaveOnlySoManyTasks() throws Exception {
        units.run("a.service", """
                [Service]
                Type=oneshot
                TasksMax=3
                ExecStart=%s
                """.formatted(units.script("for i in 1 2 3 4 5; do sleep 1000 & done\n")));

        units.until("a.service", "failed/failed");

        assertThat(units.journal("a.service")).anyMatch(line -> line.toLowerCase().contains("cannot fork"));
    }

    @Test
    void aShareOfTheProcessorIsSet() throws Exception {
        units.run("a.service", "[Service]\nCPUQuota=20%\nExecStart=/bin/sh -c 'cat /proc/self/cgroup; exec sleep 1000'\n");

        units.until("a.service", "active/running");

        units.until("a.service", _ -> {
            try {
                return units.journal("a.service").stream().anyMatch(line -> line.contains("cpu")
                        && line.endsWith("/" + units.settings.cgroupParent() + "/unit-a.service"));
            } catch (Exception e) {
                throw new AssertionError(e);
            }
        });
    }
}
