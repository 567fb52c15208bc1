package io.flota.scheduler.fleet;

import com.google.common.collect.ImmutableSortedMap;
import io.flota.api.v1.EndpointRecord;
import java.util.regex.Pattern;

/// Where a unit can be reached for a service, in the words of DNS's SRV records as far as those go.
///
/// @param weight of those with the same priority the greater gets more
/// @param priority the lower is tried first
record EndpointEntity(
        String service,
        String unit,
        String machine,
        String target,
        int port,
        int priority,
        int weight,
        ImmutableSortedMap<String, String> attributes) {
    private static final Pattern NUMBER = Pattern.compile("\\d{1,5}");

    static EndpointEntity of(EndpointRecord endpoint) {
        return new EndpointEntity(
                endpoint.getService(), endpoint.getUnit(), endpoint.getMachineId(), endpoint.getAddress(),
                endpoint.getPort(), number(endpoint, "priority"), number(endpoint, "weight"),
                ImmutableSortedMap.copyOf(endpoint.getAttributesMap()));
    }

    private static int number(EndpointRecord endpoint, String attribute) {
        var text = endpoint.getAttributesOrDefault(attribute, "");
        return NUMBER.matcher(text).matches() ? Integer.parseInt(text) : 0;
    }
}
