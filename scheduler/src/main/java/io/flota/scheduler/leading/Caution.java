package io.flota.scheduler.leading;

import java.time.Duration;

/// How careful a leader is with machines that are not there.
///
/// @param settle how long machines get to register again after an outage before they count as lost
/// @param exclusiveWait how long after the leader saw that a machine is lost its exclusive units may be started
///     elsewhere
public record Caution(Duration settle, Duration exclusiveWait) {
    /// Settling: agents ask for their leases several times a second after an outage, and etcd needs a moment to be
    /// itself again. Exclusive units: a machine kills them before its lease can have ended; what is left is the time
    /// that killing takes, and for which a deposed etcd leader may have acknowledged that lease: its election timeout,
    /// 1 s by default.
    public static final Caution DEFAULT = new Caution(Duration.ofSeconds(6), Duration.ofSeconds(2));
}
