package io.flota.agent.runtime.exec;

import java.util.Optional;

/// Where a unit is in its life, as systemd names it.
///
/// ```
/// DEAD|FAILED -> CONDITION -> START_PRE -> START -> START_POST -> RUNNING|EXITED
///                    \___________\___________\__________\____________/|
///                                                                     v
/// DEAD|FAILED|AUTO_RESTART <- FINAL_SIGKILL <- FINAL_SIGTERM <- STOP_POST <- STOP_SIGKILL <- STOP_SIGTERM <- STOP
/// ```
enum Phase {
    DEAD("inactive", "dead"),
    FAILED("failed", "failed"),
    AUTO_RESTART("activating", "auto-restart"),
    CONDITION("activating", "condition", Hook.CONDITION),
    START_PRE("activating", "start-pre", Hook.START_PRE),
    START("activating", "start", Hook.START),
    START_POST("activating", "start-post", Hook.START_POST),
    RUNNING("active", "running"),
    EXITED("active", "exited"),
    STOP("deactivating", "stop", Hook.STOP),
    STOP_SIGTERM("deactivating", "stop-sigterm"),
    STOP_SIGKILL("deactivating", "stop-sigkill"),
    STOP_POST("deactivating", "stop-post", Hook.STOP_POST),
    FINAL_SIGTERM("deactivating", "final-sigterm"),
    FINAL_SIGKILL("deactivating", "final-sigkill");

    private final String active;
    private final String sub;
    private final Optional<Hook> hook;

    Phase(String active, String sub) {
        this.active = active;
        this.sub = sub;
        this.hook = Optional.empty();
    }

    Phase(String active, String sub, Hook hook) {
        this.active = active;
        this.sub = sub;
        this.hook = Optional.of(hook);
    }

    String active() {
        return active;
    }

    String sub() {
        return sub;
    }

    /// The commands that run in this phase.
    Optional<Hook> hook() {
        return hook;
    }

    /// Whether nothing of it is up, though it may be started again by itself.
    boolean isOff() {
        return isDown() || this == AUTO_RESTART;
    }

    boolean isDown() {
        return this == DEAD || this == FAILED;
    }

    boolean isUp() {
        return this == RUNNING || this == EXITED;
    }

    boolean isStarting() {
        return switch (this) {
            case CONDITION, START_PRE, START, START_POST -> true;
            case DEAD, FAILED, AUTO_RESTART, RUNNING, EXITED -> false;
            case STOP, STOP_SIGTERM, STOP_SIGKILL, STOP_POST, FINAL_SIGTERM, FINAL_SIGKILL -> false;
        };
    }

    boolean isStopping() {
        return active.equals("deactivating");
    }

    /// Whether signals were sent in this phase, and their effect is waited for.
    boolean isSignalling() {
        return this == STOP_SIGTERM || this == STOP_SIGKILL || this == FINAL_SIGTERM || this == FINAL_SIGKILL;
    }

    boolean isSigkill() {
        return this == STOP_SIGKILL || this == FINAL_SIGKILL;
    }
}
