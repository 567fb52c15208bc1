package io.flota.agent.runtime.exec;

import io.flota.unit.UnitName;
import io.flota.unit.UnitProperties;
import java.time.Instant;
import java.util.Optional;

/// What is wanted of a unit beyond what [UnitMachine] is at already. Kept on disk beside its [Life].
///
/// @param asked when the job was given
/// @param because why it is to stop; empty if the operator wants it
/// @param generation what the last start asked for; 0 after a stop, and for a unit that only others need
/// @param epochBase what the last start gave for the unit's epochs to count from; 0 if it is not exclusive
/// @param partner the unit that this one is down with, and is started again with
/// @param unload whether it is to be forgotten once it is down
/// @param leaving whether it is to stay down, whoever else needs it: it may run on another machine next
/// @param properties what holds over its file
record Wish(
        Job job, Instant asked, String because, long generation, long epochBase, Optional<UnitName> partner,
        boolean unload, boolean leaving, UnitProperties properties) {
    /// What waits for its turn.
    enum Job {
        NONE,
        START,
        STOP,
        /// Stop, then start.
        RESTART
    }

    static Wish none(Instant now) {
        return new Wish(Job.NONE, now, "", 0, 0, Optional.empty(), false, false, UnitProperties.NONE);
    }

    boolean isPending() {
        return job != Job.NONE;
    }

    Wish with(Job next, Instant now) {
        return new Wish(next, now, "", generation, epochBase, partner, unload, leaving, properties);
    }

    Wish withStop(Job next, String why, Instant now) {
        return new Wish(next, now, why, generation, epochBase, partner, unload, leaving, properties);
    }

    Wish with(Optional<UnitName> nextPartner) {
        return new Wish(job, asked, because, generation, epochBase, nextPartner, unload, leaving, properties);
    }

    Wish withGeneration(long next) {
        return new Wish(job, asked, because, next, epochBase, partner, unload, leaving, properties);
    }

    Wish withEpochBase(long next) {
        return new Wish(job, asked, because, generation, next, partner, unload, leaving, properties);
    }

    Wish withUnload(boolean next) {
        return new Wish(job, asked, because, generation, epochBase, partner, next, leaving, properties);
    }

    Wish withLeaving(boolean next) {
        return new Wish(job, asked, because, generation, epochBase, partner, unload, next, properties);
    }

    Wish with(UnitProperties next) {
        return new Wish(job, asked, because, generation, epochBase, partner, unload, leaving, next);
    }

    /// Whether no other unit may have it started.
    boolean isToLeave() {
        return unload || leaving;
    }
}
