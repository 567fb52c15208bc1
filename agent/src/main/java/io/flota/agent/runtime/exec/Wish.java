package io.flota.agent.runtime.exec;

import io.flota.unit.UnitName;
import java.time.Instant;
import java.util.Optional;

/// What is wanted of a unit beyond what [UnitMachine] is at already. Kept on disk beside its [Life].
///
/// @param asked when the job was given
/// @param because why it is to stop; empty if the operator wants it
/// @param generation what the last start asked for; 0 after a stop, and for a unit that only others need
/// @param partner the unit that this one is down with, and is started again with
/// @param unload whether it is to be forgotten once it is down
record Wish(
        Job job, Instant asked, String because, long generation, Optional<UnitName> partner, boolean unload) {
    /// What waits for its turn.
    enum Job {
        NONE,
        START,
        STOP,
        /// Stop, then start.
        RESTART
    }

    static Wish none(Instant now) {
        return new Wish(Job.NONE, now, "", 0, Optional.empty(), false);
    }

    boolean isPending() {
        return job != Job.NONE;
    }

    Wish with(Job next, Instant now) {
        return new Wish(next, now, "", generation, partner, unload);
    }

    Wish withStop(Job next, String why, Instant now) {
        return new Wish(next, now, why, generation, partner, unload);
    }

    Wish with(Optional<UnitName> nextPartner) {
        return new Wish(job, asked, because, generation, nextPartner, unload);
    }

    Wish withGeneration(long next) {
        return new Wish(job, asked, because, next, partner, unload);
    }

    Wish withUnload(boolean next) {
        return new Wish(job, asked, because, generation, partner, next);
    }
}
