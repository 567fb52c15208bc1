package io.flota.unitctl.render;

import io.flota.api.v1.Allocation;
import io.flota.api.v1.ListMachinesReply;
import io.flota.api.v1.MachinePolicy;
import io.flota.api.v1.MachineRecord;
import io.flota.api.v1.PolicyRecord;
import io.flota.api.v1.Reservation;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// `list-machines`. What operators want of a machine is shown where they want anything, and what is reserved of it
/// where the scheduler counts that.
public final class MachineListing extends Listing<MachineListing.Row> {
    private static final long MEBIBYTE = 1024 * 1024;
    private static final long MILLIS = 1000;

    /// @param policy what operators want of it
    /// @param reserved of it, by the units that are there; empty if the scheduler does not count
    public record Row(MachineRecord machine, PolicyRecord policy, Optional<Reservation> reserved) {
        /// @return thousandths of one core
        private Optional<Long> cpuFree() {
            return reserved.filter(_ -> machine.getCpus() > 0)
                    .map(taken -> Math.max(0, machine.getCpus() * MILLIS - taken.getCpuMillis()));
        }

        private Optional<Long> memoryFree() {
            return reserved.filter(_ -> machine.getMemoryBytes() > 0)
                    .map(taken -> Math.max(0, machine.getMemoryBytes() - taken.getMemoryBytes()));
        }
    }

    private final boolean withPolicies;

    /// @param withPolicies whether anything is wanted of any machine
    public MachineListing(boolean withPolicies) {
        this.withPolicies = withPolicies;
    }

    public static List<Row> rows(ListMachinesReply reply) {
        var policies = reply.getPoliciesList().stream()
                .collect(Collectors.toMap(MachinePolicy::getMachineId, MachinePolicy::getPolicy));
        var reserved = reply.getAllocationsList().stream()
                .collect(Collectors.toMap(Allocation::getMachineId, Allocation::getReserved));
        return reply.getMachinesList().stream()
                .map(machine -> new Row(
                        machine,
                        policies.getOrDefault(machine.getId(), PolicyRecord.getDefaultInstance()),
                        Optional.ofNullable(reserved.get(machine.getId()))))
                .toList();
    }

    @Override
    public List<String> fields() {
        return List.of(
                "machine", "ip", "metadata", "hostname", "private-ip", "cpus", "cpus-allocated", "cpus-free", "memory",
                "memory-allocated", "memory-free", "version", "agent", "policy");
    }

    @Override
    public List<String> usual() {
        return shown("machine", "ip", "metadata");
    }

    @Override
    public List<String> wide() {
        return shown(
                "machine", "ip", "metadata", "hostname", "private-ip", "cpus", "cpus-allocated", "cpus-free", "memory",
                "memory-allocated", "memory-free", "version");
    }

    private List<String> shown(String... fields) {
        var shown = new ArrayList<>(List.of(fields));
        if (withPolicies) {
            shown.add("policy");
        }
        return List.copyOf(shown);
    }

    @Override
    String cell(Row row, String field, boolean full, Palette palette) {
        var machine = row.machine();
        return switch (field) {
            case "machine" -> Ids.machine(machine.getId(), "", full);
            case "ip" -> machine.getPublicIp();
            case "metadata" -> metadata(machine);
            case "hostname" -> machine.getHostname();
            case "private-ip" -> machine.getPrivateIp();
            case "cpus" -> machine.getCpus() == 0 ? "" : Integer.toString(machine.getCpus());
            case "cpus-allocated" ->
                row.reserved().map(taken -> cores(taken.getCpuMillis())).orElse("");
            case "cpus-free" -> row.cpuFree().map(MachineListing::cores).orElse("");
            case "memory" -> machine.getMemoryBytes() == 0 ? "" : machine.getMemoryBytes() / MEBIBYTE + "M";
            case "memory-allocated" ->
                row.reserved().map(taken -> Math.ceilDiv(taken.getMemoryBytes(), MEBIBYTE) + "M").orElse("");
            case "memory-free" -> row.memoryFree().map(free -> free / MEBIBYTE + "M").orElse("");
            case "version" -> machine.getVersion();
            case "agent" -> machine.getAgentAddress();
            case "policy" -> policy(row.policy());
            default -> throw new IllegalArgumentException("no such field: " + field);
        };
    }

    @Override
    Map<String, Object> value(Row row) {
        var machine = row.machine();
        var value = new LinkedHashMap<String, Object>();
        value.put("machine", machine.getId());
        value.put("ip", machine.getPublicIp());
        value.put("metadata", new TreeMap<String, Object>(machine.getMetadataMap()));
        value.put("hostname", machine.getHostname());
        value.put("privateIp", machine.getPrivateIp());
        value.put("cpus", machine.getCpus());
        row.reserved().ifPresent(taken -> value.put("cpusAllocated", number(taken.getCpuMillis())));
        row.cpuFree().ifPresent(free -> value.put("cpusFree", number(free)));
        value.put("memoryBytes", machine.getMemoryBytes());
        row.reserved().ifPresent(taken -> value.put("memoryAllocatedBytes", taken.getMemoryBytes()));
        row.memoryFree().ifPresent(free -> value.put("memoryFreeBytes", free));
        value.put("version", machine.getVersion());
        value.put("agent", machine.getAgentAddress());
        if (!row.policy().equals(PolicyRecord.getDefaultInstance())) {
            value.put("cordoned", row.policy().getCordoned());
            value.put("draining", row.policy().getDraining());
            value.put("metadataSet", new TreeMap<String, Object>(row.policy().getMetadataMap()));
            value.put("metadataUnset", List.copyOf(row.policy().getWithoutMetadataList()));
        }
        return value;
    }

    private static String cores(long millis) {
        return io.flota.unit.Reservation.cores(millis);
    }

    private static BigDecimal number(long millis) {
        return new BigDecimal(cores(millis));
    }

    /// `cordoned`, `draining`, and the metadata that operators have given or taken: `+role=web -zone`.
    private static String policy(PolicyRecord policy) {
        var words = new ArrayList<String>();
        if (policy.getDraining() || policy.getCordoned()) {
            words.add(policy.getDraining() ? "draining" : "cordoned");
        }
        new TreeMap<>(policy.getMetadataMap()).forEach((key, value) -> words.add("+" + key + "=" + value));
        policy.getWithoutMetadataList().forEach(key -> words.add("-" + key));
        return String.join(",", words);
    }

    private static String metadata(MachineRecord machine) {
        return new TreeMap<>(machine.getMetadataMap())
                .entrySet().stream()
                        .map(entry -> entry.getKey() + "=" + entry.getValue())
                        .collect(Collectors.joining(","));
    }
}
