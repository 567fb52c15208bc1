package io.flota.agent.socket;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSortedMap;
import io.flota.agent.announce.EndpointName;
import io.flota.unit.Endpoint;
import io.flota.unit.TimeSpan;
import io.flota.unit.UnitName;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What a request asks for: `PUT`, `DELETE` or `GET` of `/v1/endpoints[/SERVICE[/UNIT]]`.
sealed interface EndpointCall {
    record Hold(EndpointName name, int port, ImmutableSortedMap<String, String> attributes, Duration ttl)
            implements EndpointCall {}

    record Release(EndpointName name) implements EndpointCall {}

    record All(Optional<String> service) implements EndpointCall {}

    /// There is nothing of that name.
    record Unknown() implements EndpointCall {}

    /// Nothing of the kind can be done with it.
    record NotAllowed(String allowed) implements EndpointCall {}

    /// One parameter of the query, decoded.
    record Parameter(String name, String value) {}

    String ROOT = "/v1/endpoints";
    Duration DEFAULT_TTL = Duration.ofSeconds(60);
    Duration SHORTEST_TTL = Duration.ofSeconds(1);
    Duration LONGEST_TTL = Duration.ofDays(1);

    /// @param path decoded
    /// @throws IllegalArgumentException whose message says what is wrong
    static EndpointCall of(String method, String path, List<Parameter> query) {
        if (!path.equals(ROOT) && !path.startsWith(ROOT + "/")) {
            return new Unknown();
        }
        var parts = ImmutableList.copyOf(path.substring(ROOT.length()).split("/")).stream()
                .filter(part -> !part.isEmpty())
                .toList();
        return switch (parts.size()) {
            case 0, 1 -> method.equals("GET") ? new All(parts.stream().findFirst()) : new NotAllowed("GET");
            case 2 -> ofOne(method, name(parts), query);
            default -> new Unknown();
        };
    }

    private static EndpointName name(List<String> parts) {
        Endpoint.serviceProblem(parts.getFirst()).ifPresent(problem -> {
            throw new IllegalArgumentException(problem);
        });
        var unit = UnitName.ofArgument(parts.getLast());
        if (unit.isTemplate()) {
            throw new IllegalArgumentException(unit + " is a template, which never runs. Name an instance");
        }
        return new EndpointName(parts.getFirst(), unit);
    }

    private static EndpointCall ofOne(String method, EndpointName name, List<Parameter> query) {
        return switch (method) {
            case "PUT" -> hold(name, query);
            case "DELETE" -> new Release(name);
            default -> new NotAllowed("PUT, DELETE");
        };
    }

    private static Hold hold(EndpointName name, List<Parameter> query) {
        Optional<Integer> port = Optional.empty();
        var ttl = DEFAULT_TTL;
        var attributes = new ArrayList<String>();
        for (var parameter : query) {
            switch (parameter.name()) {
                case "port" -> port = Optional.of(Endpoint.port(parameter.value()));
                case "ttl" -> ttl = ttl(parameter.value());
                default -> attributes.add(parameter.name() + "=" + parameter.value());
            }
        }
        int given = port.orElseThrow(() -> new IllegalArgumentException(
                "there is no port. Write it as ?port=8080, and after it ttl=90s and attributes as &NAME=VALUE"));
        return new Hold(name, given, Endpoint.attributes(attributes), ttl);
    }

    private static Duration ttl(String text) {
        var ttl = TimeSpan.parse(text);
        if (ttl.compareTo(SHORTEST_TTL) < 0 || ttl.compareTo(LONGEST_TTL) > 0) {
            throw new IllegalArgumentException("ttl=" + text + " is not between 1s and 1d");
        }
        return ttl;
    }
}
