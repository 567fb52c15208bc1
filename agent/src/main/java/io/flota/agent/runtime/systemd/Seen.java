package io.flota.agent.runtime.systemd;

import io.flota.agent.runtime.process.Signal;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;

/// What systemd says of one unit.
///
/// @param since when the active state began; the epoch if systemd does not know
/// @param result `success`, `exit-code`, `timeout` …
/// @param mainCode how the main process ended: 1 it exited, 2 a signal killed it, 3 it dumped core
/// @param mainStatus with what status, or by which signal
/// @param status what the unit says of itself (`STATUS=`)
/// @param run tells one run of the unit from the next: when it began, microseconds since boot; 0 if it never ran
record Seen(
        String active, String sub, Instant since, long mainPid, int restarts, String result, int mainCode,
        int mainStatus, String status, long run) {
    static final Seen NOTHING = new Seen("inactive", "dead", Instant.EPOCH, 0, 0, "success", 0, 0, "", 0);

    private static final int EXITED = 1;

    /// @param changed properties of the unit, of whichever of its interfaces
    Seen with(Map<String, Object> changed) {
        var nowActive = text(changed, "ActiveState", active);
        return new Seen(
                nowActive,
                text(changed, "SubState", sub),
                since(changed, nowActive),
                number(changed, "MainPID", mainPid),
                (int) number(changed, "NRestarts", restarts),
                text(changed, "Result", result),
                (int) number(changed, "ExecMainCode", mainCode),
                (int) number(changed, "ExecMainStatus", mainStatus),
                text(changed, "StatusText", status),
                number(changed, "InactiveExitTimestampMonotonic", run));
    }

    Seen since(Instant time) {
        return new Seen(
                active, sub, time, mainPid, restarts, result, mainCode, mainStatus, status, run);
    }

    boolean isDown() {
        return active.equals("inactive") || active.equals("failed");
    }

    boolean isStopping() {
        return active.equals("deactivating");
    }

    /// Why it is as it is; empty if there is nothing to say.
    String words() {
        if (result.equals("success") || active.equals("active") || active.equals("reloading")) {
            return isDown() ? "" : status;
        }
        return switch (result) {
            case "exit-code" -> mainCode == EXITED && mainStatus != 0
                    ? "exit-code " + mainStatus
                    : "exit-code of a command before or after ExecStart=";
            case "signal" -> mainCode > EXITED ? "killed by " + new Signal(mainStatus) : "killed by a signal";
            case "core-dump" -> mainCode > EXITED ? "killed by " + new Signal(mainStatus) + ", dumped core" : result;
            case "timeout" -> "timeout: it took too long to start or to stop";
            case "start-limit-hit" -> "start-limit-hit: started too often, not started again (StartLimitBurst=)";
            case "oom-kill" -> "oom-kill: the kernel had no memory left for it";
            case "exec-condition" -> "skipped, its ExecCondition= does not hold";
            case "watchdog" -> "watchdog: it did not say in time that it is well (WatchdogSec=)";
            case "protocol" -> "protocol: it did not say that it is ready as its Type= asks for";
            case "resources" -> "resources: systemd could not set up what it needs, such as an EnvironmentFile=";
            default -> result;
        };
    }

    private Instant since(Map<String, Object> changed, String nowActive) {
        var stamp = switch (nowActive) {
            case "active", "reloading" -> "ActiveEnterTimestamp";
            case "inactive", "failed" -> "InactiveEnterTimestamp";
            case "activating" -> "InactiveExitTimestamp";
            default -> "ActiveExitTimestamp";
        };
        long micros = number(changed, stamp, 0);
        return micros == 0 ? since : Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
    }

    private static String text(Map<String, Object> changed, String key, String before) {
        return changed.get(key) instanceof String now ? now : before;
    }

    private static long number(Map<String, Object> changed, String key, long before) {
        return changed.get(key) instanceof Number now ? now.longValue() : before;
    }
}
