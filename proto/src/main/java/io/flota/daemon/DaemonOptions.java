package io.flota.daemon;

import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Option;

/// The options that are a daemon's as a process: where its settings come from, and how much it logs.
public final class DaemonOptions {
    @Option(
            names = "--config",
            paramLabel = "FILE",
            description = "settings file, TOML (default: this daemon's in /etc/flota, if it is there)")
    Optional<Path> config = Optional.empty();

    @Option(
            names = "--fleet-config",
            paramLabel = "FILE",
            description = "settings file of a fleetd, whose settings count where Flota's own say nothing (default:"
                    + " /etc/fleet/fleet.conf, if it is there); FLEET_* variables beat it")
    Optional<Path> fleetConfig = Optional.empty();

    @Option(
            names = "--check-config",
            description = "check the settings and the files that they name, say what fleet's become, and end: 0 if all is"
                    + " well, else 1")
    boolean checkOnly;

    @Option(
            names = "--log-level",
            paramLabel = "LEVEL",
            description = "error, warn, info or debug (default: info)")
    Optional<LogLevel> logLevel = Optional.empty();
}
