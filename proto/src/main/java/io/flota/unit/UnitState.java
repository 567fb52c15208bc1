package io.flota.unit;

import java.time.Instant;

/// What a machine reports of one unit, in systemd's words.
///
/// @param load `loaded`, `error`, `not-found` …
/// @param active `active`, `inactive`, `activating`, `deactivating`, `failed`, `reloading`
/// @param sub `running`, `dead`, `exited`, `start-pre` …
/// @param fileHash hash of the file that is loaded; empty if none
/// @param placementId the placement that this answers; empty for a unit that is not placed there
/// @param generation the generation that was last started; 0 if none was
/// @param since when this active state began
/// @param message what an operator should know; may be empty
/// @param mainPid 0 if there is none
/// @param restarts how often `Restart=` has started it anew
/// @param asksToStay it is not placed there and runs on until the leader says what becomes of it: it may have been
///     started elsewhere while its machine was cut off, and its file says `OnReconnect=oldest`
/// @param health what its health check says
public record UnitState(
        String load,
        String active,
        String sub,
        String fileHash,
        String placementId,
        long generation,
        Instant since,
        String message,
        long mainPid,
        int restarts,
        boolean asksToStay,
        Health health) {

    /// @param status `starting`, `healthy` or `unhealthy`; empty if nobody checks
    /// @param isAiling whether it has been unhealthy for so long that it counts as failed, though it runs
    public record Health(String status, boolean isAiling) {
        public static final Health UNCHECKED = new Health("", false);
    }

    /// Of a unit that stays or goes as it is placed.
    public UnitState(
            String load,
            String active,
            String sub,
            String fileHash,
            String placementId,
            long generation,
            Instant since,
            String message,
            long mainPid,
            int restarts) {
        this(load, active, sub, fileHash, placementId, generation, since, message, mainPid, restarts, false, Health.UNCHECKED);
    }

    public UnitState withSince(Instant other) {
        return new UnitState(
                load, active, sub, fileHash, placementId, generation, other, message, mainPid, restarts, asksToStay,
                health);
    }

    /// The state as the answer to a placement.
    public UnitState answering(String placement, String words) {
        return new UnitState(
                load, active, sub, fileHash, placement, generation, since, words, mainPid, restarts, asksToStay,
                health);
    }

    /// With what a health check says of it.
    public UnitState withHealth(Health other, String words) {
        return new UnitState(
                load, active, sub, fileHash, placementId, generation, since, words, mainPid, restarts, asksToStay,
                other);
    }

    public UnitState asking() {
        return new UnitState(
                load, active, sub, fileHash, placementId, generation, since, message, mainPid, restarts, true, health);
    }

    /// Whether it has started and not begun to stop.
    public boolean isUp() {
        return active.equals("active") || active.equals("reloading");
    }

    /// Whether nothing of the unit runs or is about to.
    public boolean isDown() {
        return active.equals("inactive") || active.equals("failed");
    }

    /// Whether it is active, and healthy where that is checked.
    public boolean isWell() {
        return isUp() && (health.status().isEmpty() || health.status().equals("healthy"));
    }
}
