package io.flota.unit;

import com.google.common.collect.ImmutableSortedMap;
import com.google.protobuf.ByteString;
import io.flota.machine.MachineId;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
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

    private static final Pattern ATTRIBUTE = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,62}");

    private static final int MAX_PORT = 65535;
    private static final int LONGEST_VALUE = 255;
    private static final int MOST_ATTRIBUTES = 32;

    /// @throws IllegalArgumentException whose message says what is wrong
    public Endpoint {
        serviceProblem(service).ifPresent(problem -> {
            throw new IllegalArgumentException(problem);
        });
        if (!isPort(port)) {
            throw new IllegalArgumentException(port + " is not a port. Ports are 1 to " + MAX_PORT);
        }
    }

    /// Whether nobody who uses the endpoint can tell the difference: all but for how long it is held.
    public boolean isSame(Endpoint other) {
        return withUntil(other.until).equals(other);
    }

    private Endpoint withUntil(Optional<Instant> other) {
        return new Endpoint(service, unit, machine, address, port, attributes, epoch, since, other, unread);
    }

    /// What is wrong with the name of a service; empty if it is a legal one.
    public static Optional<String> serviceProblem(String service) {
        return SERVICE.matcher(service).matches()
                ? Optional.empty()
                : Optional.of(Excerpt.of(service) + " is no name of a service. Write up to 63 of a-z, 0-9 and \"-\","
                        + " the last not at either end");
    }

    public static boolean isPort(int port) {
        return port >= 1 && port <= MAX_PORT;
    }

    /// @throws IllegalArgumentException whose message says what is wrong
    public static int port(String text) {
        boolean isNumber = text.length() <= 5 && !text.isEmpty() && text.chars().allMatch(c -> c >= '0' && c <= '9');
        if (!isNumber || !isPort(Integer.parseInt(text))) {
            throw new IllegalArgumentException(Excerpt.of(text) + " is not a port. Ports are 1 to " + MAX_PORT);
        }
        return Integer.parseInt(text);
    }

    /// Attributes from their words, each `NAME=VALUE`.
    ///
    /// @throws IllegalArgumentException whose message says what is wrong
    public static ImmutableSortedMap<String, String> attributes(List<String> words) {
        var attributes = new TreeMap<String, String>();
        for (var word : words) {
            int equals = word.indexOf('=');
            String name = word.substring(0, Math.max(0, equals));
            if (!ATTRIBUTE.matcher(name).matches()) {
                throw new IllegalArgumentException(Excerpt.of(word) + " is no attribute. Write it as NAME=VALUE, the"
                        + " name of letters, digits and \"._-\"");
            }
            String value = word.substring(equals + 1);
            if (value.length() > LONGEST_VALUE || value.chars().anyMatch(Character::isISOControl)) {
                throw new IllegalArgumentException(Excerpt.of(word) + " has a value that is longer than "
                        + LONGEST_VALUE + " characters, or not one line. Shorten it");
            }
            if (attributes.put(name, value) != null) {
                throw new IllegalArgumentException(Excerpt.of(name) + " is given twice. Remove one of them");
            }
        }
        if (attributes.size() > MOST_ATTRIBUTES) {
            throw new IllegalArgumentException("an endpoint has " + MOST_ATTRIBUTES + " attributes at most, and not "
                    + attributes.size() + ". Remove some");
        }
        return ImmutableSortedMap.copyOfSorted(attributes);
    }
}
