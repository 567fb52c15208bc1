package io.flota.agent.runtime.exec;

import static org.awaitility.Awaitility.await;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSortedMap;
import com.google.common.io.MoreFiles;
import com.google.protobuf.ByteString;
import io.flota.agent.runtime.RuntimeUnavailableException;
import io.flota.agent.runtime.UnitRuntime.JournalLine;
import io.flota.agent.runtime.UnitRuntime.JournalPart;
import io.flota.agent.runtime.UnitRuntime.UnitToLoad;
import io.flota.agent.runtime.UnitRuntime.UnitToStart;
import io.flota.agent.runtime.process.ProcFs;
import io.flota.agent.steps.Guard;
import io.flota.loop.World;
import io.flota.unit.UnitFile;
import io.flota.unit.UnitFileException;
import io.flota.unit.UnitName;
import io.flota.unit.UnitProperties;
import io.flota.unit.UnitState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Predicate;

/// A machine of its own for one test: a runtime on a fresh folder. Whatever the test did, nothing is left of it.
final class Units {
    static final Duration HOPELESS = Duration.ofSeconds(30);

    final Path folder;
    final ExecSettings settings;
    ExecRuntime runtime;

    Units() throws Exception {
        folder = Files.createTempDirectory("flota-exec");
        var machine = UUID.randomUUID().toString().replace("-", "");
        settings = new ExecSettings(
                folder.resolve("state"), machine, "host-a.example", "192.0.2.1", "10.0.0.1",
                Optional.of(folder.resolve("environment")), 64 * 1024, "flota-test-" + machine.substring(0, 12),
                Optional.empty(), ImmutableMap.of());
        runtime = ExecRuntime.start(settings);
    }

    static UnitName name(String name) {
        return new UnitName(name);
    }

    static UnitFile file(String text) {
        try {
            return UnitFile.parse("test.service", ByteString.copyFromUtf8(text));
        } catch (UnitFileException e) {
            throw new AssertionError(e);
        }
    }

    void load(String name, String text) throws RuntimeUnavailableException {
        runtime.load(List.of(new UnitToLoad(name(name), file(text))));
    }

    void start(String... names) throws RuntimeUnavailableException {
        start(1, names);
    }

    void start(long generation, String... names) throws RuntimeUnavailableException {
        runtime.start(Arrays.stream(names).map(name -> new UnitToStart(name(name), generation)).toList());
    }

    void set(String name, Map<String, String> properties) throws RuntimeUnavailableException {
        runtime.setProperties(ImmutableSortedMap.of(name(name), UnitProperties.of(properties)));
    }

    void stop(String... names) throws RuntimeUnavailableException {
        runtime.stop(Arrays.stream(names).map(Units::name).toList());
    }

    void unload(String... names) throws RuntimeUnavailableException {
        runtime.unload(Arrays.stream(names).map(Units::name).toList());
    }

    /// Loads and starts a service.
    void run(String name, String text) throws RuntimeUnavailableException {
        load(name, text);
        start(name);
    }

    UnitState state(String name) throws RuntimeUnavailableException {
        return Optional.ofNullable(runtime.observe().get(name(name)))
                .orElseThrow(() -> new AssertionError(name + " is not loaded"));
    }

    UnitState until(String name, Predicate<UnitState> holds) {
        return await().atMost(HOPELESS).pollInterval(Duration.ofMillis(5)).until(() -> state(name), holds);
    }

    /// Waits for `active/sub`.
    UnitState until(String name, String activeAndSub) {
        return until(name, state -> (state.active() + "/" + state.sub()).equals(activeAndSub));
    }

    List<String> journal(String name) throws Exception {
        var lines = new ArrayList<String>();
        runtime.journal(name(name), new JournalPart(-1, false), batch -> batch.stream().map(JournalLine::text).forEach(lines::add));
        return lines;
    }

    void untilWritten(String name, String line) {
        await().atMost(HOPELESS).pollInterval(Duration.ofMillis(5)).until(() -> journal(name), all -> all.contains(line));
    }

    /// Another agent on the same machine, after this one has gone.
    void restartAgent() throws Exception {
        runtime.close();
        runtime = ExecRuntime.start(settings);
    }

    /// Those of this machine, but for another state folder.
    ExecSettings elsewhere(String name) {
        return new ExecSettings(
                folder.resolve(name), settings.machineId(), settings.hostname(), settings.publicIp(),
                settings.privateIp(), settings.environmentFile(), settings.journalBytes(), settings.cgroupParent(),
                settings.cgroupBase(), settings.environment());
    }

    static boolean isAlive(long pid) {
        return ProcFs.stat(pid).filter(ProcFs.Stat::isAlive).isPresent();
    }

    /// A program that runs these lines.
    Path script(String lines) throws IOException {
        var script = Files.createTempFile(folder, "script", "");
        Files.writeString(script, "#!/bin/sh\n" + lines);
        Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
        return script;
    }

    /// The first line of a file, once it is there.
    String untilLine(Path file) {
        return await().atMost(HOPELESS).pollInterval(Duration.ofMillis(5)).until(() -> lines(file), lines ->
                        !lines.isEmpty())
                .getFirst();
    }

    Path path(String name) {
        return folder.resolve(name);
    }

    Cgroups cgroups() throws IOException {
        return Cgroups.detect(settings, settings.stateFolder().resolve("exec/cgroups"), true);
    }

    /// Since boot.
    static Duration uptime() {
        return Duration.ofNanos(World.REAL.uptime().read());
    }

    /// An exclusive unit that may live for so long from now on.
    Guard guard(String name, Duration life) throws RuntimeUnavailableException {
        var until = uptime().plus(life);
        var guard = new Guard(name(name), true, Duration.ZERO, until.minus(life.dividedBy(4)), until);
        runtime.guard(List.of(guard));
        return guard;
    }

    /// The process id of the watchdog; empty if there is none.
    Optional<Long> watchdog() throws IOException {
        return lines(settings.stateFolder().resolve("exec/fence/watchdog")).stream()
                .map(Long::parseLong)
                .filter(Units::isAlive)
                .findFirst();
    }

    void close() throws Exception {
        runtime.close();
        watchdog().flatMap(ProcessHandle::of).ifPresent(watchdog -> {
            watchdog.descendants().forEach(ProcessHandle::destroyForcibly);
            watchdog.destroyForcibly();
        });
        var groups = cgroups();
        try (var saved = StateFolder.open(settings.stateFolder())) {
            for (var unit : saved.units(Instant.now())) {
                var tree = groups.tree(unit.durable().unit());
                tree.killAll();
                await().atMost(HOPELESS).until(tree::isEmpty);
                groups.remove(unit.durable().unit());
            }
        }
        groups.removeParents();
        try {
            MoreFiles.deleteRecursively(folder);
        } catch (IOException e) {
            throw new AssertionError("not all could be removed", e);
        }
    }

    static ImmutableList<String> lines(Path file) throws IOException {
        return Files.exists(file) ? ImmutableList.copyOf(Files.readAllLines(file)) : ImmutableList.of();
    }
}
