package io.flota.unitctl.model;

import io.flota.api.v1.MachinePolicy;
import io.flota.api.v1.PolicyRecord;
import io.flota.api.v1.SetPolicyRequest;
import java.util.Collection;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/// What operators want of the model's machines.
final class ModelPolicies {
    private final SortedMap<String, PolicyRecord> byMachine = new TreeMap<>();

    /// @return the machines that were meant
    List<String> set(SetPolicyRequest request, Collection<String> machines) throws ModelScheduler.Refused {
        var known = new TreeSet<>(machines);
        known.addAll(byMachine.keySet());
        var meant = new TreeSet<String>();
        for (String prefix : request.getMachineIdsList()) {
            var matching = known.stream().filter(id -> id.startsWith(prefix)).toList();
            if (matching.size() != 1) {
                throw new ModelScheduler.Refused(5, "no machine's id starts with \"" + prefix + "\"");
            }
            meant.addAll(matching);
        }
        meant.forEach(machine -> byMachine.put(machine, changed(of(machine), request)));
        byMachine.values().removeIf(PolicyRecord.getDefaultInstance()::equals);
        return List.copyOf(meant);
    }

    private static PolicyRecord changed(PolicyRecord before, SetPolicyRequest request) {
        var after = before.toBuilder().putAllMetadata(request.getSetMetadataMap());
        request.getUnsetMetadataList().forEach(after::removeMetadata);
        request.getResetMetadataList().forEach(after::removeMetadata);
        var without = new TreeSet<>(before.getWithoutMetadataList());
        without.removeAll(request.getSetMetadataMap().keySet());
        without.addAll(request.getUnsetMetadataList());
        without.removeAll(request.getResetMetadataList());
        return after.clearWithoutMetadata()
                .addAllWithoutMetadata(without)
                .setCordoned(request.hasCordoned() ? request.getCordoned() : before.getCordoned())
                .setDraining(request.hasDraining() ? request.getDraining() : before.getDraining())
                .build();
    }

    PolicyRecord of(String machine) {
        return byMachine.getOrDefault(machine, PolicyRecord.getDefaultInstance());
    }

    SortedMap<String, String> metadata(ModelMachine machine) {
        var metadata = new TreeMap<>(machine.metadata());
        of(machine.id()).getWithoutMetadataList().forEach(metadata::remove);
        metadata.putAll(of(machine.id()).getMetadataMap());
        return metadata;
    }

    List<MachinePolicy> list() {
        return byMachine.entrySet().stream()
                .map(entry -> MachinePolicy.newBuilder()
                        .setMachineId(entry.getKey())
                        .setPolicy(entry.getValue())
                        .build())
                .toList();
    }
}
