package io.flota.simulation;

import java.time.Duration;
import java.util.Optional;

/// One process's n-th write reaches etcd late, when it has been given up and others may have been made in its place.
final class LateWrite implements Interference {
    private final String place;
    private final int number;
    private final Duration delay;
    private Optional<SimCluster> cluster = Optional.empty();
    private int sent;

    /// @param number of the write, from 1, those included that come to nothing
    LateWrite(String place, int number, Duration delay) {
        this.place = place;
        this.number = number;
        this.delay = delay;
    }

    @Override
    public void beginsIn(SimCluster begun) {
        cluster = Optional.of(begun);
        begun.network().calm();
    }

    @Override
    public Duration delays(SimProcess process) {
        if (!process.name().equals(place) || ++sent != number) {
            return Duration.ZERO;
        }
        cluster.orElseThrow().history().note(place + " sends its write " + number + ", which will be late by " + delay);
        return delay;
    }
}
