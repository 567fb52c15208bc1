package io.flota.unitctl.render;

import io.flota.api.v1.MachineRecord;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// `list-machines`.
public final class MachineListing extends Listing<MachineRecord> {
    private static final long MEBIBYTE = 1024 * 1024;

    @Override
    public List<String> fields() {
        return List.of(
                "machine", "ip", "metadata", "hostname", "private-ip", "cpus", "memory", "version", "agent");
    }

    @Override
    public List<String> usual() {
        return List.of("machine", "ip", "metadata");
    }

    @Override
    public List<String> wide() {
        return List.of("machine", "ip", "metadata", "hostname", "private-ip", "cpus", "memory", "version");
    }

    @Override
    String cell(MachineRecord machine, String field, boolean full, Palette palette) {
        return switch (field) {
            case "machine" -> Ids.machine(machine.getId(), "", full);
            case "ip" -> machine.getPublicIp();
            case "metadata" -> metadata(machine);
            case "hostname" -> machine.getHostname();
            case "private-ip" -> machine.getPrivateIp();
            case "cpus" -> machine.getCpus() == 0 ? "" : Integer.toString(machine.getCpus());
            case "memory" -> machine.getMemoryBytes() == 0 ? "" : machine.getMemoryBytes() / MEBIBYTE + "M";
            case "version" -> machine.getVersion();
            case "agent" -> machine.getAgentAddress();
            default -> throw new IllegalArgumentException("no such field: " + field);
        };
    }

    @Override
    Map<String, Object> value(MachineRecord machine) {
        var value = new LinkedHashMap<String, Object>();
        value.put("machine", machine.getId());
        value.put("ip", machine.getPublicIp());
        value.put("metadata", new TreeMap<String, Object>(machine.getMetadataMap()));
        value.put("hostname", machine.getHostname());
        value.put("privateIp", machine.getPrivateIp());
        value.put("cpus", machine.getCpus());
        value.put("memoryBytes", machine.getMemoryBytes());
        value.put("version", machine.getVersion());
        value.put("agent", machine.getAgentAddress());
        return value;
    }

    private static String metadata(MachineRecord machine) {
        return new TreeMap<>(machine.getMetadataMap())
                .entrySet().stream()
                        .map(entry -> entry.getKey() + "=" + entry.getValue())
                        .collect(Collectors.joining(","));
    }
}
