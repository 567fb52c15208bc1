package io.flota.agent.runtime.systemd;

import io.flota.agent.runtime.systemd.ManagerObject.ListedUnit;
import io.flota.agent.runtime.systemd.Wish.Job;
import io.flota.unit.UnitName;
import java.util.Optional;
import java.util.TreeMap;

/// What systemd has been asked to do with units, and has not said the end of. Whether that is what is wanted of a unit
/// still is decided here alone: once anything else is wanted, a job stands for nothing, but that it may yet happen.
final class Jobs {
    /// @param path empty while systemd has not answered
    /// @param wanted whether it is what is wanted still
    private record Asked(Job kind, Optional<String> path, boolean wanted) {}

    /// What systemd is about to do, as it lists it.
    record Listed(String path, Job kind) {
        private static final String NONE = "/";

        static Optional<Listed> of(ListedUnit unit) {
            var kind = unit.jobType.equals("stop") ? Job.STOP : Job.START;
            return Optional.of(new Listed(unit.jobPath.getPath(), kind)).filter(job -> !job.path().equals(NONE));
        }
    }

    /// What an end means.
    enum End {
        /// Of a job that nobody here has asked for.
        ANOTHERS,
        /// Of one that is not wanted any more.
        OUTDATED,
        WANTED
    }

    private final TreeMap<UnitName, Asked> asked = new TreeMap<>();

    /// It is asked for now. What systemd has of the unit before, it merges with this or cancels.
    void asking(UnitName unit, Job kind) {
        asked.put(unit, new Asked(kind, Optional.empty(), true));
    }

    void taken(UnitName unit, String path) {
        asked.computeIfPresent(unit, (_, ask) -> new Asked(ask.kind(), Optional.of(path), ask.wanted()));
    }

    /// @return whether it was wanted still
    boolean refused(UnitName unit) {
        return Optional.ofNullable(asked.remove(unit)).filter(Asked::wanted).isPresent();
    }

    /// One that systemd has, and that was asked for on another connection, if here at all.
    void found(UnitName unit, Listed job) {
        asked.put(unit, new Asked(job.kind(), Optional.of(job.path()), false));
    }

    End ended(UnitName unit, String path) {
        var ask = Optional.ofNullable(asked.get(unit)).filter(known -> known.path().equals(Optional.of(path)));
        ask.ifPresent(_ -> asked.remove(unit));
        return ask.map(known -> known.wanted() ? End.WANTED : End.OUTDATED).orElse(End.ANOTHERS);
    }

    /// Something else is wanted.
    void outdate(UnitName unit) {
        asked.computeIfPresent(unit, (_, ask) -> new Asked(ask.kind(), ask.path(), false));
    }

    /// Whether systemd does, or is being asked for, what is wanted.
    boolean awaits(UnitName unit) {
        return Optional.ofNullable(asked.get(unit)).filter(Asked::wanted).isPresent();
    }

    /// Whether systemd may be about to start the unit because it was asked to, wanted or not.
    boolean mayStart(UnitName unit) {
        return Optional.ofNullable(asked.get(unit)).filter(ask -> ask.kind() == Job.START).isPresent();
    }

    void forget(UnitName unit) {
        asked.remove(unit);
    }

    /// The connection is lost: no end will be heard of.
    void clear() {
        asked.clear();
    }
}
