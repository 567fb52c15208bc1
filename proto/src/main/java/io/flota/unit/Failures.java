package io.flota.unit;

import com.google.protobuf.ByteString;
import java.time.Instant;

/// That a unit was given up on a machine because it kept failing.
///
/// @param generation the unit's generation that failed; another one begins without failures
/// @param fileHash the file with which it failed; another one begins without failures, too
/// @param count how often the unit was given up there
/// @param last by the leader's clock
/// @param placementId the released placement under which it rests there until it is tried again
/// @param unread what a newer version wrote of them besides, in protobuf: whoever counts on keeps that
public record Failures(
        long generation, String fileHash, int count, Instant last, String placementId, ByteString unread) {
    /// Those of which there is nothing besides.
    public Failures(long generation, String fileHash, int count, Instant last, String placementId) {
        this(generation, fileHash, count, last, placementId, ByteString.EMPTY);
    }

    /// The first one of a unit as it is wanted now; it rests under no placement yet.
    public static Failures first(Unit unit, Instant now) {
        return new Failures(unit.generation(), unit.fileHash(), 1, now, "");
    }

    /// With one more.
    public Failures again(Instant now) {
        return new Failures(generation, fileHash, count + 1, now, "", unread);
    }

    /// Whether these are failures of the unit as it is wanted now.
    public boolean areOf(Unit unit) {
        return unit.desired() == DesiredState.LAUNCHED
                && unit.generation() == generation
                && unit.fileHash().equals(fileHash);
    }

    /// The same, resting under this placement.
    public Failures under(String placement) {
        return new Failures(generation, fileHash, count, last, placement, unread);
    }
}
