package io.flota.agent.runtime.exec;

import io.flota.agent.runtime.UnitRuntime;

/// What tells the starts of an exclusive unit apart, in their order.
///
/// @param base 0 for a unit that is not exclusive
/// @param starts how many there were under this base
record Epoch(long base, long starts) {
    static final Epoch NONE = new Epoch(0, 0);
    private static final long FACTOR = UnitRuntime.MOST_STARTS + 1;

    /// That of the next start, which asks for this base.
    Epoch next(long wanted) {
        return wanted == 0 ? NONE : new Epoch(wanted, wanted == base ? starts + 1 : 1);
    }

    boolean isUsedUp() {
        return starts > UnitRuntime.MOST_STARTS;
    }

    boolean exists() {
        return base != 0;
    }

    /// What the unit finds in `FLOTA_EPOCH`.
    long number() {
        return base * FACTOR + starts;
    }
}
