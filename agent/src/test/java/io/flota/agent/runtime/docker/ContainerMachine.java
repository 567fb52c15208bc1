package io.flota.agent.runtime.docker;

import static org.awaitility.Awaitility.await;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSortedMap;
import com.google.common.io.MoreFiles;
import com.google.protobuf.ByteString;
import io.flota.agent.runtime.RuntimeUnavailableException;
import io.flota.agent.runtime.UnitRuntime;
import io.flota.agent.runtime.UnitRuntime.JournalLine;
import io.flota.agent.runtime.UnitRuntime.JournalPart;
import io.flota.agent.runtime.UnitRuntime.UnitToLoad;
import io.flota.agent.runtime.UnitRuntime.UnitToStart;
import io.flota.agent.runtime.exec.ExecRuntime;
import io.flota.agent.runtime.exec.ExecSettings;
import io.flota.unit.UnitFile;
import io.flota.unit.UnitFileException;
import io.flota.unit.UnitName;
import io.flota.unit.UnitProperties;
import io.flota.unit.UnitState;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Predicate;

/// A machine with Docker beside the exec runtime. Whatever the test did, nothing is left of it.
final class ContainerMachine {
    static final Duration HOPELESS = Duration.ofSeconds(60);

    final Path folder;
    final OwnDocker docker;
    final String id = UUID.randomUUID().toString().replace("-", "");
    private final ExecSettings services;
    ContainerRuntime runtime;

    ContainerMachine(OwnDocker docker) throws Exception {
        this.docker = docker;
        folder = Files.createTempDirectory("flota-containers");
        services = new ExecSettings(
                folder.resolve("state"), id, "host-a.example", "192.0.2.1", "10.0.0.1", Optional.empty(), 64 * 1024,
                "flota-test-" + id.substring(0, 12), Optional.empty(), ImmutableMap.of());
        start();
    }

    private void start() throws Exception {
        UnitRuntime host = ExecRuntime.start(services);
        runtime = ContainerRuntime.start(
                host,
                new ContainerRuntime.Settings(
                        docker.socket(), folder.resolve("state/containers"), "c1", id, "host-a.example", false,
                        ImmutableSortedMap.of("FLOTA_MACHINE_ID", id)),
                new Engine(docker.settings(), InstantSource.system()));
    }

    /// Another agent on the same machine, after this one has gone.
    void restartAgent() throws Exception {
        runtime.close();
        start();
    }

    static UnitFile file(String text) {
        try {
            return UnitFile.parse("test.service", ByteString.copyFromUtf8(text));
        } catch (UnitFileException e) {
            throw new AssertionError(e);
        }
    }

    void load(String name, String text) throws RuntimeUnavailableException {
        runtime.load(List.of(new UnitToLoad(new UnitName(name), file(text), "placed-" + name)));
    }

    void start(String... names) throws RuntimeUnavailableException {
        runtime.start(Arrays.stream(names).map(name -> new UnitToStart(new UnitName(name), 1)).toList());
    }

    void run(String name, String text) throws RuntimeUnavailableException {
        load(name, text);
        start(name);
    }

    void stop(String name) throws RuntimeUnavailableException {
        runtime.stop(List.of(new UnitName(name)));
    }

    void unload(String name) throws RuntimeUnavailableException {
        runtime.unload(List.of(new UnitName(name)));
    }

    void set(String name, Map<String, String> properties) throws RuntimeUnavailableException {
        runtime.setProperties(ImmutableSortedMap.of(new UnitName(name), UnitProperties.of(properties)));
    }

    UnitState state(String name) throws RuntimeUnavailableException {
        return Optional.ofNullable(runtime.observe().get(new UnitName(name)))
                .orElseThrow(() -> new AssertionError(name + " is not loaded"));
    }

    UnitState until(String name, Predicate<UnitState> holds) {
        return await(name).atMost(HOPELESS).pollInterval(Duration.ofMillis(10)).until(() -> state(name), holds);
    }

    /// Waits for `active/sub`.
    UnitState until(String name, String activeAndSub) {
        return until(name, state -> (state.active() + "/" + state.sub()).equals(activeAndSub));
    }

    List<String> journal(String name) throws Exception {
        return journal(name, -1);
    }

    List<String> journal(String name, int lines) throws Exception {
        var all = new ArrayList<String>();
        var _ = runtime.journal(
                new UnitName(name), new JournalPart(lines, false),
                batch -> batch.stream().map(JournalLine::text).forEach(all::add));
        return all;
    }

    /// Of a unit, whatever became of them.
    List<SeenContainer> containers(String name) throws Exception {
        return docker.engine().containers().list(ContainerLabels.of("c1", id)).stream()
                .filter(seen -> seen.labels().filter(own -> own.unit().full().equals(name)).isPresent())
                .toList();
    }

    /// The one that runs.
    SeenContainer container(String name) throws Exception {
        return containers(name).stream()
                .filter(SeenContainer::runs)
                .findFirst()
                .orElseThrow(() -> new AssertionError("no container of " + name + " runs"));
    }

    void untilGone(String name) {
        await(name).atMost(HOPELESS).until(() -> containers(name).isEmpty());
    }

    void close() throws Exception {
        try {
            runtime.unload(List.copyOf(runtime.observe().keySet()));
            await().atMost(HOPELESS).until(() -> runtime.observe().isEmpty());
            await().atMost(HOPELESS).until(() ->
                    docker.engine().containers().list(ContainerLabels.of("c1", id)).isEmpty());
        } finally {
            runtime.close();
            MoreFiles.deleteRecursively(folder);
        }
    }
}
