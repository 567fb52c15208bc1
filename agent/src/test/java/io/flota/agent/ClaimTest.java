package io.flota.agent;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableSortedMap;
import io.flota.agent.Claim.Mine;
import io.flota.agent.Claim.Wait;
import io.flota.machine.Machine;
import io.flota.machine.MachineId;
import io.flota.machine.Resources;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ClaimTest {
    @Test
    void aFreeIdIsTaken() {
        assertThat(Claim.of(machine("a", "boot-1"), Optional.empty(), _ -> false)).isInstanceOf(Mine.class);
    }

    @Test
    void aRegistrationOfTheSameMachineAndBootIsTakenOver() {
        var registered = Optional.of(machine("a", "boot-1"));

        assertThat(Claim.of(machine("a", "boot-1"), registered, _ -> true)).isInstanceOf(Mine.class);
    }

    @Test
    void theOwnRegistrationFromBeforeARebootIsWaitedFor() {
        var claim = Claim.of(machine("a", "boot-2"), Optional.of(machine("a", "boot-1")), _ -> false);

        assertThat(claim).isInstanceOfSatisfying(Wait.class, wait -> assertThat(wait.because())
                .contains("another boot", "boot-1", "boot-2"));
    }

    @Test
    void anotherMachineWithTheSameIdIsNamed() {
        var claim = Claim.of(machine("a", "boot-1"), Optional.of(machine("b", "boot-1")), _ -> false);

        assertThat(claim).isInstanceOfSatisfying(Wait.class, wait -> assertThat(wait.because())
                .contains("two machines have the machine id", "a (address 10.0.0.7", "b (address 10.0.0.7"));
    }

    @Test
    void aSecondAgentOnTheSameHostWaitsForTheOneThatRuns() {
        var registered = Optional.of(machine("a", "boot-1", 4473));

        var running = Claim.of(machine("a", "boot-1"), registered, "10.0.0.7:4473"::equals);
        var dead = Claim.of(machine("a", "boot-1"), registered, _ -> false);

        assertThat(running).isInstanceOfSatisfying(Wait.class, wait -> assertThat(wait.because())
                .contains("an agent runs at 10.0.0.7:4473"));
        assertThat(dead).isInstanceOf(Mine.class);
    }

    private static Machine machine(String hostname, String bootId) {
        return machine(hostname, bootId, 4472);
    }

    private static Machine machine(String hostname, String bootId, int port) {
        return new Machine(
                new MachineId("0123456789abcdef0123456789abcdef"), hostname, "", "10.0.0.7", ImmutableSortedMap.of(),
                new Resources(1, 1), "10.0.0.7:" + port, bootId, "test");
    }
}
