package io.flota.agent.runtime.docker;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.core.DefaultDockerClientConfig;
import com.github.dockerjava.core.DockerClientImpl;
import com.github.dockerjava.zerodep.ZerodepDockerHttpClient;
import com.google.common.collect.ImmutableMap;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;

/// Docker on this machine. Making one asks nothing of it.
final class Engine implements AutoCloseable {
    /// Calls end, so that a few connections do; each stream keeps one, and a further one would wait without end.
    private static final int CALLS = 64;
    private static final int STREAMS = 4_096;

    private final URI address;
    private final DockerClient docker;
    private final DockerClient streams;
    private final Calls calls;
    private final Containers containers;
    private final Images images;
    private final Logs logs;

    Engine(EngineSettings settings, InstantSource clock) {
        this.address = settings.address();
        this.docker = client(settings, CALLS);
        this.streams = client(settings, STREAMS);
        this.calls = new Calls(settings, clock);
        this.containers = new Containers(docker, streams, calls, settings.answer());
        this.images = new Images(
                docker, streams, calls, new RegistryCredentials(settings.config()), settings.pullStall());
        this.logs = new Logs(streams, calls);
    }

    private static DockerClient client(EngineSettings settings, int connections) {
        var address = settings.address().toString();
        var config = DefaultDockerClientConfig.createDefaultConfigBuilder()
                .withDockerHost(address)
                .withDockerTlsVerify(false)
                .withDockerConfig(settings.config().toString())
                .build();
        var pool = new ZerodepDockerHttpClient.Builder()
                .dockerHost(config.getDockerHost())
                .maxConnections(connections)
                .build();
        return DockerClientImpl.getInstance(config, new FreshConnections(pool, connections));
    }

    /// Whether there seems to be one: a socket that somebody made.
    boolean isThere() {
        return !address.getScheme().equals("unix") || Files.exists(Path.of(address.getPath()));
    }

    /// @param release such as `20.10.24`
    record Version(String release, String api) {}

    Version version() throws EngineException, InterruptedException {
        return calls.ask("ask for its version", () -> {
            var version = docker.versionCmd().exec();
            return new Version(version.getVersion(), version.getApiVersion());
        });
    }

    Containers containers() {
        return containers;
    }

    Images images() {
        return images;
    }

    Logs logs() {
        return logs;
    }

    EventStream events(ImmutableMap<String, String> labels, EventStream.Listener listener) {
        return new EventStream(streams, calls, labels, listener);
    }

    @Override
    public void close() {
        Quietly.close(streams);
        Quietly.close(docker);
    }
}
