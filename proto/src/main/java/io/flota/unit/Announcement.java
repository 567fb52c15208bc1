package io.flota.unit;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSortedMap;

/// That a unit is to be found for a service once it can serve: `Announce=` of `[X-Flota]`.
///
/// @param port at which it listens, on its machine's address
/// @param attributes for whoever uses the endpoint, such as a weight
public record Announcement(String service, int port, ImmutableSortedMap<String, String> attributes) {
    /// Reads `SERVICE:PORT NAME=VALUE …`, specifiers expanded.
    ///
    /// @throws IllegalArgumentException whose message says what is wrong
    static Announcement parse(String value) {
        ImmutableList<String> words;
        try {
            words = Words.split(value);
        } catch (IllegalArgumentException wrong) {
            throw new IllegalArgumentException(Excerpt.of(value) + " cannot be read: " + wrong.getMessage());
        }
        String first = words.isEmpty() ? "" : words.getFirst();
        int colon = first.indexOf(':');
        if (colon < 0) {
            throw new IllegalArgumentException(
                    Excerpt.of(value) + " names no port. Write it as SERVICE:PORT, such as web:8080");
        }
        String service = first.substring(0, colon);
        Endpoint.serviceProblem(service).ifPresent(problem -> {
            throw new IllegalArgumentException(problem);
        });
        return new Announcement(
                service, Endpoint.port(first.substring(colon + 1)),
                Endpoint.attributes(words.subList(1, words.size())));
    }
}
