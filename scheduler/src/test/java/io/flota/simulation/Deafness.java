package io.flota.simulation;

import java.time.Duration;
import java.util.Optional;

/// One process hears only so many messages of its watches, and the rest later: until then it knows a prefix of what
/// happened, and what it reads anew.
final class Deafness implements Interference {
    private final String place;
    private final int heard;
    private final Duration lasting;
    private final Duration atLeastUntil;
    private Optional<SimCluster> cluster = Optional.empty();
    private int messages;
    private Optional<Duration> until = Optional.empty();

    /// @param heard how many messages it hears before
    /// @param lasting counted from the first message that it does not hear
    /// @param atLeastUntil from the beginning of all
    Deafness(String place, int heard, Duration lasting, Duration atLeastUntil) {
        this.place = place;
        this.heard = heard;
        this.lasting = lasting;
        this.atLeastUntil = atLeastUntil;
    }

    @Override
    public void beginsIn(SimCluster begun) {
        cluster = Optional.of(begun);
        begun.network().calm();
    }

    @Override
    public boolean mayHear(SimProcess process, Runnable again) {
        if (!process.name().equals(place) || messages < heard) {
            messages += process.name().equals(place) ? 1 : 0;
            return true;
        }
        var here = cluster.orElseThrow();
        var now = here.timeline().now();
        if (until.isEmpty()) {
            var over = now.plus(lasting);
            until = Optional.of(over.compareTo(atLeastUntil) > 0 ? over : atLeastUntil);
            here.history().note(place + " hears nothing more until " + until.get() + ", after " + heard + " messages");
        }
        boolean over = now.compareTo(until.get()) >= 0;
        if (!over) {
            here.timeline().after(until.get().minus(now), again);
        }
        return over;
    }
}
