package io.flota.agent.runtime.systemd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.common.collect.ImmutableSortedMap;
import io.flota.unit.UnitProperties;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// What an agent that is not root may not do with units of the machine's systemd, and says.
class SystemdByPolkitTest extends OnSystemd {
    private static final String SLEEP = "[Service]\nExecStart=/bin/sleep 1000\n";

    @Test
    void whatPolkitRefusesIsSaidOfTheUnit() throws Exception {
        machine.run("denied.service", SLEEP);
        machine.run("a.service", SLEEP);

        assertThat(machine.until("denied.service", state -> !state.message().isEmpty()).message())
                .contains("polkit does not allow flota-agent to org.freedesktop.systemd1.manage-units (");
        machine.until("a.service", "active/running");
    }

    @Test
    void aLimitThatIsTakenAwayHoldsUntilTheNextBootAndTheUnitSaysSo() throws Exception {
        machine.run("a.service", SLEEP);
        machine.until("a.service", "active/running");
        set(Map.of("MemoryMax", "64M", "TasksMax", "33"));
        await().atMost(SystemdMachine.HOPELESS)
                .until(() -> SystemdMachine.property("a.service", "MemoryMax"), "67108864"::equals);

        set(Map.of("TasksMax", "33"));

        assertThat(machine.until("a.service", state -> !state.message().isEmpty()).message())
                .isEqualTo("limits that were taken away hold until the next boot: only root can remove"
                        + " /run/systemd/system.control/a.service.d/50-MemoryMax.conf");
        assertThat(SystemdMachine.property("a.service", "MemoryMax")).isEqualTo("67108864");
    }

    /// It could not end one in time.
    @Test
    void aUnitThatDependsOnTheLeaseIsNotTaken() throws Exception {
        machine.load("a.service", SLEEP + "[X-Flota]\nExclusive=true\n");

        assertThat(machine.until("a.service", state -> state.load().equals("error")).message())
                .startsWith("Exclusive=true needs an agent that is root, ");
    }

    private void set(Map<String, String> properties) throws Exception {
        machine.runtime.setProperties(
                ImmutableSortedMap.of(SystemdMachine.name("a.service"), UnitProperties.of(properties)));
    }
}
