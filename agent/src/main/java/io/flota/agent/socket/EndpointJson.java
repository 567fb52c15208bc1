package io.flota.agent.socket;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.common.collect.ImmutableMap;
import io.flota.unit.Endpoint;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/// Endpoints as JSON, in the words of DNS's SRV records as far as those go.
final class EndpointJson {
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final Pattern WEIGHT = Pattern.compile("\\d{1,5}");

    private EndpointJson() {}

    static String of(Endpoint endpoint) {
        return text(map(endpoint));
    }

    static String of(List<Endpoint> endpoints) {
        return text(Map.of("endpoints", endpoints.stream().map(EndpointJson::map).toList()));
    }

    /// Weight and priority are attributes; in DNS the greater weight gets more, and the lower priority is tried first.
    private static ImmutableMap<String, Object> map(Endpoint endpoint) {
        return ImmutableMap.<String, Object>builder()
                .put("service", endpoint.service())
                .put("unit", endpoint.unit().full())
                .put("machine", endpoint.machine().value())
                .put("target", endpoint.address())
                .put("port", endpoint.port())
                .put("priority", number(endpoint, "priority"))
                .put("weight", number(endpoint, "weight"))
                .put("attributes", endpoint.attributes())
                .put("epoch", endpoint.epoch())
                .put("since", endpoint.since().toString())
                .buildOrThrow();
    }

    private static int number(Endpoint endpoint, String attribute) {
        var text = endpoint.attributes().getOrDefault(attribute, "");
        return WEIGHT.matcher(text).matches() ? Integer.parseInt(text) : 0;
    }

    private static String text(Object value) {
        try {
            return MAPPER.writeValueAsString(value) + "\n";
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("maps of text and numbers are JSON", e);
        }
    }
}
