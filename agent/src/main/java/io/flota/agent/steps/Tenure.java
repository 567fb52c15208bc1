package io.flota.agent.steps;

import io.flota.unit.PartitionRules;
import io.flota.unit.UnitName;
import java.time.Duration;
import java.util.Optional;

/// The lease under which this machine is registered, as far as the store has acknowledged it. Times are since the
/// machine's boot.
///
/// The lease cannot end before `sent` plus `life` by the clock of etcd, since etcd counted from a later moment. Here
/// that much time has passed at the earliest at [#deadline], as the two clocks drift apart by less than
/// [#DRIFT_PERCENT].
///
/// @param sent when the last renewal that was acknowledged was sent
/// @param life for how long the lease was renewed by it
/// @param registered the store's revision at which the machine was registered under this lease
public record Tenure(Duration sent, Duration life, long registered) {
    private static final int DRIFT_PERCENT = 2;
    /// The part of its life that units get to stop by themselves.
    private static final int GRACE_PARTS = 4;
    /// systemd's DefaultTimeoutStopSec, for units that are not exclusive and whose agent is not there to stop them.
    private static final Duration STOP_TIME = Duration.ofSeconds(90);

    /// When exclusive units have to be over.
    public Duration deadline() {
        return sent.plus(life.multipliedBy(100 - DRIFT_PERCENT).dividedBy(100));
    }

    /// When exclusive units are told to stop.
    public Duration stopping() {
        return deadline().minus(life.dividedBy(GRACE_PARTS));
    }

    /// When the lease may have ended.
    public Duration end() {
        return sent.plus(life);
    }

    /// Until when a unit may live by what this lease is known to be; empty if it does not depend on the lease.
    public Optional<Guard> guard(UnitName unit, PartitionRules rules) {
        if (rules.exclusive()) {
            return Optional.of(guard(unit, true, Duration.ZERO));
        }
        return switch (rules.onDisconnect()) {
            case RUN -> Optional.empty();
            case STOP -> Optional.of(guard(unit, false, rules.grace()));
        };
    }

    /// A guard on the same terms, by what this lease is known to be.
    Guard anew(Guard guard) {
        return guard(guard.unit(), guard.exclusive(), guard.grace());
    }

    private Guard guard(UnitName unit, boolean exclusive, Duration grace) {
        var over = end().plus(grace);
        return exclusive
                ? new Guard(unit, true, grace, stopping(), deadline())
                : new Guard(unit, false, grace, over, over.plus(STOP_TIME));
    }
}
