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
        assertThat(Claim.of(machine("a", "boot-1"), Optional.empty())).isInstanceOf(Mine.class);
    }

    @Test
    void aRegistrationOfTheSameMachineAndBootIsTakenOver() {
        assertThat(Claim.of(machine("a", "boot-1"), Optional.of(machine("a", "boot-1")))).isInstanceOf(Mine.class);
    }

    @Test
    void theOwnRegistrationFromBeforeARebootIsWaitedFor() {
        var claim = Claim.of(machine("a", "boot-2"), Optional.of(machine("a", "boot-1")));

        assertThat(claim).isInstanceOfSatisfying(Wait.class, wait -> assertThat(wait.because())
                .contains("another boot", "boot-1", "boot-2"));
    }

    @Test
    void anotherMachineWithTheSameIdIsNamed() {
        var claim = Claim.of(machine("a", "boot-1"), Optional.of(machine("b", "boot-1")));

        assertThat(claim).isInstanceOfSatisfying(Wait.class, wait -> assertThat(wait.because())
                .contains("two machines have the machine id", "a (address 10.0.0.7", "b (address 10.0.0.7"));
    }

    private static Machine machine(String hostname, String bootId) {
        return new Machine(
                new MachineId("0123456789abcdef0123456789abcdef"), hostname, "", "10.0.0.7", ImmutableSortedMap.of(),
                new Resources(1, 1), "10.0.0.7:4472", bootId, "test");
    }
}
