package io.flota.simulation;

import java.time.Duration;
import java.util.TreeMap;

/// Nothing befalls anybody: counts what each process writes and hears.
final class Census implements Interference {
    private final TreeMap<String, Integer> writes = new TreeMap<>();
    private final TreeMap<String, Integer> sent = new TreeMap<>();
    private final TreeMap<String, Integer> messages = new TreeMap<>();

    @Override
    public void beginsIn(SimCluster cluster) {
        cluster.network().calm();
    }

    @Override
    public void written(SimProcess process) {
        writes.merge(process.name(), 1, Integer::sum);
    }

    @Override
    public Duration delays(SimProcess process) {
        sent.merge(process.name(), 1, Integer::sum);
        return Duration.ZERO;
    }

    @Override
    public boolean mayHear(SimProcess process, Runnable again) {
        messages.merge(process.name(), 1, Integer::sum);
        return true;
    }

    int writes(String place) {
        return writes.getOrDefault(place, 0);
    }

    /// Those included that come to nothing.
    int sent(String place) {
        return sent.getOrDefault(place, 0);
    }

    int messages(String place) {
        return messages.getOrDefault(place, 0);
    }
}
