package io.flota.scheduler.fleet;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.collect.ImmutableList;
import io.flota.api.v1.SetPolicyRequest;
import io.flota.machine.MachineId;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;

/// What a JSON Patch of machines' metadata makes of their policies. Of two operations on one key the later counts.
final class MetadataPatch {
    private static final Pattern PATH = Pattern.compile("/([^/]+)/metadata/([A-Za-z0-9_.-]+)");

    private final Map<String, Map<String, Optional<String>>> byMachine = new TreeMap<>();

    private MetadataPatch() {}

    /// One request for each machine that is named.
    static ImmutableList<SetPolicyRequest> requests(JsonNode patch) throws FleetException {
        if (!patch.isArray() && !patch.isNull()) {
            throw FleetException.badRequest("a JSON Patch is an array of operations");
        }
        var read = new MetadataPatch();
        for (var operation : patch) {
            read.take(operation);
        }
        return read.requests();
    }

    private void take(JsonNode operation) throws FleetException {
        String op = operation.path("op").asText("");
        boolean removes = op.equals("remove");
        if (!removes && !op.equals("add") && !op.equals("replace")) {
            throw FleetException.badRequest("invalid op: expect add, remove, or replace");
        }
        var path = PATH.matcher(operation.path("path").asText(""));
        if (!path.matches()) {
            throw FleetException.badRequest("machine metadata path invalid");
        }
        var value = value(operation.path("value"));
        if (!removes && value.isEmpty()) {
            throw FleetException.badRequest("invalid value: add and replace require a value");
        }
        byMachine.computeIfAbsent(path.group(1), _ -> new TreeMap<>())
                .put(path.group(2), value.filter(_ -> !removes));
    }

    /// Plain text, as fleet documented it, or what fleet took: an object around it.
    private static Optional<String> value(JsonNode value) {
        var text = value.isObject() ? value.path("value") : value;
        return Optional.of(text).filter(JsonNode::isTextual).map(JsonNode::textValue).filter(it -> !it.isEmpty());
    }

    private ImmutableList<SetPolicyRequest> requests() throws FleetException {
        var requests = ImmutableList.<SetPolicyRequest>builder();
        for (var entry : byMachine.entrySet()) {
            var request = SetPolicyRequest.newBuilder().addMachineIds(machine(entry.getKey()));
            entry.getValue().forEach((key, value) -> value.ifPresentOrElse(
                    text -> request.putSetMetadata(key, text), () -> request.addUnsetMetadata(key)));
            requests.add(request.build());
        }
        return requests.build();
    }

    private static String machine(String id) throws FleetException {
        try {
            return new MachineId(id).value();
        } catch (IllegalArgumentException _) {
            throw FleetException.notFound("machine does not exist");
        }
    }
}
