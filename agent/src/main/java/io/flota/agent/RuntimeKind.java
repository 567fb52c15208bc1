package io.flota.agent;

import io.flota.agent.runtime.systemd.SystemdRuntime;

/// What runs the units.
enum RuntimeKind {
    /// The machine's systemd.
    SYSTEMD,
    /// The systemd of the user who runs the agent.
    USER_SYSTEMD,
    /// A supervisor of the agent's own.
    EXEC;

    /// @param word `auto`, `systemd` or `exec`
    /// @param bus `system` or `user`
    static RuntimeKind of(String word, String bus) {
        boolean systemd = word.equals("systemd") || word.equals("auto") && SystemdRuntime.isHere();
        if (!systemd) {
            return EXEC;
        }
        return bus.equals("user") ? USER_SYSTEMD : SYSTEMD;
    }
}
