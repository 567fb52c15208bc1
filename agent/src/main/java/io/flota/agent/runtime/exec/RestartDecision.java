package io.flota.agent.runtime.exec;

/// Whether a unit that went down is to be started again: `Restart=` and what overrides it.
final class RestartDecision {
    private RestartDecision() {}

    static boolean restarts(ServiceSettings settings, Life life) {
        if (life.stopRequested() || life.result() == Result.EXEC_CONDITION || life.result() == Result.FENCED) {
            return false;
        }
        var rule = settings.restart();
        if (life.mainExit().filter(rule.prevented()::contains).isPresent()) {
            return false;
        }
        if (life.mainExit().filter(rule.forced()::contains).isPresent()) {
            return true;
        }
        var result = life.result();
        return switch (rule.when()) {
            case NO -> false;
            case ALWAYS -> true;
            case ON_SUCCESS -> !result.isFailure();
            case ON_FAILURE -> result.isFailure();
            case ON_ABNORMAL -> result.isFailure() && result != Result.EXIT_CODE;
            case ON_ABORT -> result == Result.SIGNAL || result == Result.OOM_KILL;
            case ON_WATCHDOG -> result == Result.WATCHDOG;
        };
    }
}
