package io.flota.agent.runtime.docker;

import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// Puts what a registry's answers tell of each layer together.
final class Layers {
    private static final long MIB = 1 << 20;

    private final String image;
    private final Map<String, PullProgress> layers = new TreeMap<>();
    private String said = "";

    Layers(String image) {
        this.image = image;
    }

    /// @return what an operator sees; empty if that is what he sees already
    synchronized Optional<String> heard(PullProgress news) {
        if (news.layer().isEmpty()) {
            return Optional.empty();
        }
        layers.put(news.layer(), news);
        long done = layers.values().stream().filter(Layers::isDone).count();
        long bytes = layers.values().stream().filter(layer -> !isDone(layer)).mapToLong(PullProgress::current).sum();
        long total = layers.values().stream().filter(layer -> !isDone(layer)).mapToLong(PullProgress::total).sum();
        var words = image + ": " + done + " of " + layers.size() + " layers"
                + (total > MIB ? ", " + bytes / MIB + " of " + total / MIB + " MiB" : "");
        if (words.equals(said)) {
            return Optional.empty();
        }
        said = words;
        return Optional.of(words);
    }

    private static boolean isDone(PullProgress layer) {
        return layer.status().equals("Pull complete") || layer.status().equals("Already exists");
    }
}
