package io.flota.agent.runtime.systemd;

import java.util.Map;

/// What systemd tells of its own accord.
sealed interface News {
    /// Properties of a unit have changed.
    record Changed(String path, Map<String, Object> properties) implements News {}

    /// @param job its path
    /// @param result `done`, `dependency`, `timeout` …
    record JobEnded(String job, String unit, String result) implements News {}

    /// Nothing more comes over this connection.
    record Lost(Systemd connection) implements News {}
}
