package io.flota.scheduler.leading;

import io.flota.scheduler.valve.Share;
import java.time.Duration;

/// How careful a leader is with machines that are not there.
///
/// @param settle how long machines get to register again after an outage before they count as lost
/// @param exclusiveWait how long after the leader saw that a machine is lost its exclusive units may be started
///     elsewhere
/// @param valve how large a part of the machines has to vanish at once for it to move no unit of any of them
public record Caution(Duration settle, Duration exclusiveWait, Share valve) {
    /// Settling: agents ask for their leases several times a second after an outage, and etcd needs a moment to be
    /// itself again. Exclusive units: a machine kills them before its lease can have ended; what is left is 2 s, for
    /// killing, and for the election timeout in which a deposed etcd leader may acknowledge that lease. But etcd before
    /// 3.5.13 may end a lease that is alive: for it, the agents' default lease of 5 s is waited for, too. The valve: of
    /// a partition, etcd's majority is rather where most machines are.
    public static final Caution DEFAULT = new Caution(Duration.ofSeconds(6), Duration.ofSeconds(7), Share.HALF);
}
