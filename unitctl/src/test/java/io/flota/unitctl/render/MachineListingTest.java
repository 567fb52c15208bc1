package io.flota.unitctl.render;

import static org.assertj.core.api.Assertions.assertThat;

import io.flota.api.v1.Allocation;
import io.flota.api.v1.ListMachinesReply;
import io.flota.api.v1.MachineRecord;
import io.flota.api.v1.Reservation;
import java.util.List;
import org.junit.jupiter.api.Test;

/// What versions do not tell each other is left out.
class MachineListingTest {
    private static final List<String> COLUMNS =
            List.of("cpus", "cpus-allocated", "cpus-free", "memory", "memory-allocated", "memory-free");

    private static String table(ListMachinesReply reply) {
        return new MachineListing(false)
                .table(MachineListing.rows(reply), COLUMNS, false, false, Palette.PLAIN);
    }

    private static ListMachinesReply.Builder machine(int cpus, long memory) {
        return ListMachinesReply.newBuilder()
                .addMachines(MachineRecord.newBuilder().setId("a").setCpus(cpus).setMemoryBytes(memory));
    }

    private static Allocation.Builder reserved(long cpuMillis, long memory) {
        return Allocation.newBuilder()
                .setMachineId("a")
                .setReserved(Reservation.newBuilder().setCpuMillis(cpuMillis).setMemoryBytes(memory));
    }

    @Test
    void aSchedulerThatDoesNotCountLeavesTheColumnsEmpty() {
        var reply = machine(2, 1L << 30).build();

        assertThat(table(reply).split("\\s+")).containsExactly("2", "-", "-", "1024M", "-", "-");
        assertThat(new MachineListing(false).values(MachineListing.rows(reply)).getFirst())
                .doesNotContainKeys("cpusAllocated", "cpusFree", "memoryAllocatedBytes", "memoryFreeBytes");
    }

    @Test
    void nothingIsSaidToBeFreeOfAMachineThatDoesNotSayWhatItHas() {
        var reply = machine(0, 0).addAllocations(reserved(500, 1)).build();

        assertThat(table(reply).split("\\s+")).containsExactly("-", "0.5", "-", "-", "1M", "-");
    }

    @Test
    void aMachineThatHasBecomeTooSmallHasNothingFree() {
        var reply = machine(1, 1L << 30).addAllocations(reserved(1500, 2L << 30)).build();

        assertThat(table(reply).split("\\s+")).containsExactly("1", "1.5", "0", "1024M", "2048M", "0M");
    }
}
