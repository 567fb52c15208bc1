package io.flota.agent.runtime.exec;

/// The lists of commands that a service may have.
enum Hook {
    CONDITION("ExecCondition"),
    START_PRE("ExecStartPre"),
    START("ExecStart"),
    START_POST("ExecStartPost"),
    RELOAD("ExecReload"),
    STOP("ExecStop"),
    STOP_POST("ExecStopPost");

    private final String key;

    Hook(String key) {
        this.key = key;
    }

    /// The key in `[Service]`.
    String key() {
        return key;
    }
}
