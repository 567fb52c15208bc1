package io.flota.agent.runtime.docker;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;

/// How Docker is reached.
///
/// @param address such as `unix:///var/run/docker.sock`
/// @param answer how long a call may take that does not wait for anything
/// @param pullStall how long a pull may make no progress
/// @param config the folder of `config.json`, which says how registries know us; need not exist
record EngineSettings(URI address, Duration answer, Duration pullStall, Path config) {
    /// Longer than a busy daemon takes to create a container with a slow disk.
    private static final Duration ANSWER = Duration.ofSeconds(30);
    private static final Duration PULL_STALL = Duration.ofMinutes(5);

    static EngineSettings of(URI address) {
        var own = System.getenv().getOrDefault("DOCKER_CONFIG", System.getProperty("user.home") + "/.docker");
        return new EngineSettings(address, ANSWER, PULL_STALL, Path.of(own));
    }
}
