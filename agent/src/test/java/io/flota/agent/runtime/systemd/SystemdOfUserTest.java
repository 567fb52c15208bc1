package io.flota.agent.runtime.systemd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.common.collect.ImmutableSortedMap;
import io.flota.unit.UnitProperties;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// What an agent can do with units of its user's own systemd alone, if it is not root.
class SystemdOfUserTest extends OnSystemd {
    private static final String SLEEP = "[Service]\nExecStart=/bin/sleep 1000\n";

    @Test
    void aLimitThatIsTakenAwayHoldsNoMore() throws Exception {
        machine.run("a.service", SLEEP);
        machine.until("a.service", "active/running");
        set(Map.of("TasksMax", "33"));
        untilTasksMax("33");

        set(Map.of());

        await().atMost(SystemdMachine.HOPELESS)
                .until(() -> !SystemdMachine.property("a.service", "TasksMax").equals("33"));
    }

    @Test
    void anExclusiveUnitIsEndedInTime() throws Exception {
        machine.load("a.service", "[Service]\nExecStart=/bin/sleep 1000\n[X-Flota]\nExclusive=true\n");
        var guard = machine.guard("a.service", Duration.ofSeconds(2));
        machine.startExclusive("a.service", 1);
        long pid = machine.until("a.service", "active/running").mainPid();

        SystemdMachine.untilOver(guard);

        assertThat(SystemdMachine.isAlive(pid)).isFalse();
    }

    private void set(Map<String, String> properties) throws Exception {
        machine.runtime.setProperties(
                ImmutableSortedMap.of(SystemdMachine.name("a.service"), UnitProperties.of(properties)));
    }

    private static void untilTasksMax(String value) {
        await().atMost(SystemdMachine.HOPELESS)
                .until(() -> SystemdMachine.property("a.service", "TasksMax"), value::equals);
    }
}
