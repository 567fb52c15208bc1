package io.flota.agent.runtime.docker;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// Puts what a registry's answers tell of each layer together.
final class Layers {
    private static final long MIB = 1 << 20;
    /// Each is a report to the cluster.
    private static final Duration BETWEEN = Duration.ofSeconds(1);

    private final String image;
    private final Map<String, PullProgress> layers = new TreeMap<>();
    private Instant said = Instant.EPOCH;

    Layers(String image) {
        this.image = image;
    }

    /// @return what an operator sees; empty if he has seen something just now
    synchronized Optional<String> heard(PullProgress news, Instant now) {
        if (news.layer().isEmpty()) {
            return Optional.empty();
        }
        layers.put(news.layer(), news);
        if (now.isBefore(said.plus(BETWEEN))) {
            return Optional.empty();
        }
        said = now;
        long done = layers.values().stream().filter(Layers::isDone).count();
        long bytes = layers.values().stream().filter(layer -> !isDone(layer)).mapToLong(PullProgress::current).sum();
        long total = layers.values().stream().filter(layer -> !isDone(layer)).mapToLong(PullProgress::total).sum();
        return Optional.of(image + ": " + done + " of " + layers.size() + " layers"
                + (total > MIB ? ", " + bytes / MIB + " of " + total / MIB + " MiB" : ""));
    }

    private static boolean isDone(PullProgress layer) {
        return layer.status().equals("Pull complete") || layer.status().equals("Already exists");
    }
}
