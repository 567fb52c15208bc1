package io.flota.agent.runtime.systemd;

import static org.awaitility.Awaitility.await;

import com.google.common.collect.ImmutableSortedMap;
import com.google.common.io.MoreFiles;
import com.google.protobuf.ByteString;
import io.flota.agent.runtime.RuntimeUnavailableException;
import io.flota.agent.runtime.UnitRuntime.JournalLine;
import io.flota.agent.runtime.UnitRuntime.JournalPart;
import io.flota.agent.runtime.UnitRuntime.UnitToLoad;
import io.flota.agent.runtime.UnitRuntime.UnitToStart;
import io.flota.agent.runtime.process.UnitKey;
import io.flota.agent.steps.Guard;
import io.flota.loop.World;
import io.flota.unit.UnitFile;
import io.flota.unit.UnitFileException;
import io.flota.unit.UnitName;
import io.flota.unit.UnitState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/// A runtime on a state folder of its own. Whatever the test did, nothing is left of it.
final class SystemdMachine {
    static final Duration HOPELESS = Duration.ofSeconds(30);
    /// With all that is special between double quotes.
    static final String AGENT_SOCKET = "/run/of \"mine\" \\x/100%n/$HOME/agent.sock";
    private static final String ID = "0123456789abcdef0123456789abcdef";

    final Path folder;
    final SystemdSettings settings;
    SystemdRuntime runtime;

    SystemdMachine() throws Exception {
        folder = Files.createTempDirectory(
                Path.of(Optional.ofNullable(System.getenv(OnSystemd.FOLDER)).orElse("/run")), "flota-test");
        settings = new SystemdSettings(
                folder.resolve("state"), ID, "192.0.2.1", "10.0.0.1",
                ImmutableSortedMap.of("FLOTA_AGENT_SOCKET", AGENT_SOCKET, "COLOUR", "blue"), bus());
        runtime = SystemdRuntime.start(settings);
    }

    /// systemd's own socket, unless the environment says otherwise.
    private static Bus bus() {
        return switch (System.getenv().getOrDefault(OnSystemd.BUS, "")) {
            case OnSystemd.OVER_THE_BUS -> Bus.ofSystemBus();
            case OnSystemd.OF_USER -> Bus.ofUser();
            default -> Bus.ofSystem();
        };
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

    /// What is to be done.
    interface Deed {
        void done() throws Exception;
    }

    /// As if this runtime were the machine's.
    void on(SystemdRuntime other, Deed deed) throws Exception {
        var own = runtime;
        runtime = other;
        try {
            deed.done();
        } finally {
            runtime = own;
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

    void startExclusive(String name, long epochBase) throws RuntimeUnavailableException {
        runtime.start(List.of(new UnitToStart(name(name), 1, epochBase)));
    }

    void run(String name, String text) throws RuntimeUnavailableException {
        load(name, text);
        start(name);
    }

    void stop(String... names) throws RuntimeUnavailableException {
        runtime.stop(Arrays.stream(names).map(SystemdMachine::name).toList());
    }

    void unload(String... names) throws RuntimeUnavailableException {
        runtime.unload(Arrays.stream(names).map(SystemdMachine::name).toList());
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

    void untilUnloaded(String name) {
        await().atMost(HOPELESS).until(() -> !runtime.observe().containsKey(name(name)));
    }

    List<String> journal(String name) throws Exception {
        var lines = new ArrayList<String>();
        runtime.journal(
                name(name), new JournalPart(-1, false),
                batch -> batch.stream().map(JournalLine::text).forEach(lines::add));
        return lines;
    }

    void untilWritten(String name, String line) {
        await().atMost(HOPELESS).pollInterval(Duration.ofMillis(50)).until(() -> journal(name), all -> all.contains(line));
    }

    /// A guard of an exclusive unit, from now on.
    Guard guard(String name, Duration life) throws RuntimeUnavailableException {
        var now = uptime();
        var guard = new Guard(
                name(name), true, Duration.ZERO, now.plus(life.multipliedBy(3).dividedBy(4)), now.plus(life));
        runtime.guard(List.of(guard));
        return guard;
    }

    /// Until what this guard is for should be dead since half a second.
    static void untilOver(Guard guard) {
        await().atMost(HOPELESS).until(() -> uptime().compareTo(guard.livesUntil().plusMillis(500)) > 0);
    }

    static Duration uptime() {
        return Duration.ofNanos(World.REAL.uptime().read());
    }

    /// Another agent on the same machine, after this one has gone.
    void restartAgent() throws Exception {
        runtime.close();
        runtime = SystemdRuntime.start(settings);
    }

    /// A program that runs these lines.
    Path script(String lines) throws IOException {
        var script = Files.createTempFile(folder, "script", "");
        Files.writeString(script, "#!/bin/sh\n" + lines);
        Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
        return script;
    }

    /// Writes the time since boot to a file, again and again.
    String clock(Path log) throws Exception {
        return script("while :; do read -r up _ </proc/uptime; echo $up >>" + log + "; sleep 0.005; done\n") + "\n";
    }

    /// What [#clock] wrote last.
    static Duration lastTime(Path log) throws IOException {
        return Duration.ofMillis(Math.round(Double.parseDouble(lines(log).getLast()) * 1000));
    }

    /// None if there is no such file.
    static List<String> lines(Path file) throws IOException {
        return Files.exists(file) ? Files.readAllLines(file) : List.of();
    }

    /// A file of the fence: of this kind, for this unit.
    Path fence(String name, String kind) {
        return settings.stateFolder().resolve("systemd/fence/" + UnitKey.of(name(name)) + "." + kind);
    }

    Path path(String name) {
        return folder.resolve(name);
    }

    /// What a command says.
    static String said(String... command) throws Exception {
        var process = new ProcessBuilder(command).redirectErrorStream(true).start();
        var words = new String(process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        process.waitFor();
        return words.strip();
    }

    static String property(String unit, String property) throws Exception {
        return said("systemctl", bus().user() ? "--user" : "--system", "show", "--value", "-p", property, unit);
    }

    static boolean isAlive(long pid) {
        return ProcessHandle.of(pid).filter(ProcessHandle::isAlive).isPresent();
    }

    void close() throws Exception {
        restartAgent(); // it may have been closed by the test
        try {
            runtime.unload(List.copyOf(runtime.observe().keySet()));
            await().atMost(HOPELESS).until(() -> runtime.observe().isEmpty());
        } finally {
            runtime.close();
            MoreFiles.deleteRecursively(folder);
        }
    }
}
