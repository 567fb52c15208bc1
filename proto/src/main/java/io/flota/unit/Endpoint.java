package io.flota.unit;

import com.google.common.collect.ImmutableSortedMap;
import com.google.protobuf.ByteString;
import io.flota.machine.MachineId;
import java.time.Instant;
import java.util.Optional;
import java.util.regex.Pattern;

/// Where a unit can be reached for a service.
///
/// @param machine the one whose agent announces it
/// @param address of that machine
/// @param port 1 to 65535
/// @param attributes as announced, such as a weight
/// @param epoch rises with each start of the unit, wherever it is started
/// @param since when it was announced in this epoch
/// @param until held for a sidecar until then, unless it asks again; empty if the agent announces by itself
/// @param unread what a newer version wrote of it besides, in protobuf: whoever rewrites the endpoint keeps that
public record Endpoint(
        String service, UnitName unit, MachineId machine, String address, int port,
        ImmutableSortedMap<String, String> attributes, long epoch, Instant since, Optional<Instant> until,
        ByteString unread) {
    /// One label of a DNS name.
    private static final Pattern SERVICE = Pattern.compile("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?");

    private static final int MAX_PORT = 65535;

    /// @throws IllegalArgumentException whose message says what is wrong
    public Endpoint {
        serviceProblem(service).ifPresent(problem -> {
            throw new IllegalArgumentException(problem);
        });
        if (!isPort(port)) {
            throw new IllegalArgumentException(port + " is not a port. Ports are 1 to " + MAX_PORT);
        }
    }

    /// What is wrong with the name of a service; empty if it is a legal one.
    public static Optional<String> serviceProblem(String service) {
        return SERVICE.matcher(service).matches()
                ? Optional.empty()
                : Optional.of(Excerpt.of(service) + " is no name of a service. Write up to 63 of a-z, 0-9 and \"-\", the"
                        + " last not at either end");
    }

    public static boolean isPort(int port) {
        return port >= 1 && port <= MAX_PORT;
    }
}
