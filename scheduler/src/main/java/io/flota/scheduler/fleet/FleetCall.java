package io.flota.scheduler.fleet;

import com.google.common.collect.ImmutableList;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/// What a request asks for.
sealed interface FleetCall {
    record ListUnits() implements FleetCall {}

    record GetUnit(String name) implements FleetCall {}

    record PutUnit(String name) implements FleetCall {}

    record DeleteUnit(String name) implements FleetCall {}

    record ListStates() implements FleetCall {}

    record GetState(String name) implements FleetCall {}

    record ListMachines() implements FleetCall {}

    record PatchMachines() implements FleetCall {}

    record ListEndpoints(Optional<String> service) implements FleetCall {}

    record Metrics() implements FleetCall {}

    /// A text that is always the same.
    record Document(String resource) implements FleetCall {}

    ImmutableList<String> PREFIXES = ImmutableList.of("/fleet/v1", "/v1-alpha");
    int BAD_REQUEST = 400;
    int NOT_FOUND = 404;
    int NOT_ALLOWED = 405;

    default boolean takesBody() {
        return this instanceof PutUnit || this instanceof PatchMachines;
    }

    /// @param path as it was sent, with its escapes
    /// @throws FleetException if there is nothing of that name, or it cannot be done with it
    static FleetCall of(String method, String path) throws FleetException {
        for (String prefix : PREFIXES) {
            if (path.equals(prefix)) {
                throw new FleetException(NOT_ALLOWED, "");
            }
            if (path.startsWith(prefix + "/")) {
                return ofFleet(method, segments(path.substring(prefix.length() + 1)));
            }
        }
        return switch (path) {
            case "/" -> throw new FleetException(NOT_ALLOWED, "");
            case "/metrics" -> only("GET", method, new Metrics());
            case "/openapi.json" -> only("GET", method, new Document("openapi.json"));
            default -> {
                var segments = segments(path.substring(Math.min(1, path.length())));
                boolean endpoints = segments.size() <= 4 && segments.size() >= 3
                        && segments.subList(0, 3).equals(List.of("flota", "v1", "endpoints"));
                yield endpoints
                        ? only("GET", method, new ListEndpoints(segments.stream().skip(3).findFirst()))
                        : nothing();
            }
        };
    }

    private static FleetCall ofFleet(String method, List<String> segments) throws FleetException {
        String resource = segments.getFirst();
        if (segments.size() == 2) {
            String name = segments.getLast();
            return switch (resource) {
                case "units" -> ofUnit(method, name);
                case "state" -> only("GET", method, new GetState(name));
                default -> nothing();
            };
        }
        if (segments.size() > 2) {
            return nothing();
        }
        return switch (resource) {
            case "units" -> only("GET", method, new ListUnits());
            case "state" -> only("GET", method, new ListStates());
            case "machines" -> switch (method) {
                case "GET" -> new ListMachines();
                case "PATCH" -> new PatchMachines();
                default -> throw notAllowed("GET and PATCH");
            };
            case "discovery" -> {
                if (!method.equals("GET")) {
                    throw new FleetException(BAD_REQUEST, "only HTTP GET supported against this resource");
                }
                yield new Document("discovery.json");
            }
            default -> nothing();
        };
    }

    private static FleetCall ofUnit(String method, String name) throws FleetException {
        return switch (method) {
            case "GET" -> new GetUnit(name);
            case "PUT" -> new PutUnit(name);
            case "DELETE" -> new DeleteUnit(name);
            default -> throw notAllowed("GET, PUT and DELETE");
        };
    }

    private static FleetCall only(String allowed, String method, FleetCall call) throws FleetException {
        if (!method.equals(allowed)) {
            throw notAllowed(allowed);
        }
        return call;
    }

    private static FleetException notAllowed(String allowed) {
        return new FleetException(NOT_ALLOWED, "only " + allowed + " supported against this resource");
    }

    private static FleetCall nothing() throws FleetException {
        throw new FleetException(NOT_FOUND, "");
    }

    /// None of them is empty: a slash too many makes another path.
    private static List<String> segments(String path) throws FleetException {
        var segments = ImmutableList.<String>builder();
        for (String segment : path.split("/", -1)) {
            if (segment.isEmpty()) {
                return List.of("");
            }
            try {
                // Of a query "+" would be a blank; here it is itself.
                segments.add(URLDecoder.decode(segment.replace("+", "%2B"), StandardCharsets.UTF_8));
            } catch (IllegalArgumentException e) {
                throw new FleetException(BAD_REQUEST, "the path is not escaped as it should be: " + e.getMessage());
            }
        }
        return segments.build();
    }
}
