package io.flota.simulation;

import com.google.protobuf.ByteString;

/// A unit file for the simulation.
///
/// @param options lines of `[X-Fleet]` and `[X-Flota]`, sections included
/// @param command the program's behaviour
record UnitText(String options, String command) {
    ByteString bytes() {
        var restart = mayFail() ? "Restart=on-failure\n" : "";
        return ByteString.copyFromUtf8("[Service]\nExecStart=" + command + "\n" + restart + options);
    }

    boolean mayFail() {
        return !command.contains("fails=never");
    }
}
