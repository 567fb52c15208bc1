package io.flota.agent.runtime.exec;

import com.google.common.collect.ImmutableList;
import io.flota.agent.runtime.exec.Launch.ImpossibleException;
import io.flota.agent.runtime.exec.RecordCodec.Durable;
import io.flota.agent.runtime.guard.Watchdog;
import io.flota.agent.runtime.process.FolderWatch;
import io.flota.agent.runtime.process.ProcFs;
import io.flota.agent.runtime.process.Signal;
import io.flota.agent.runtime.process.Signals;
import io.flota.loop.Backoff;
import io.flota.unit.UnitFile;
import io.flota.unit.UnitName;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Does what [UnitMachine] decides, and says what comes of it. What is decided is on disk before it is done.
final class Hands implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Hands.class);
    private static final Duration FIRST_RETRY = Duration.ofMillis(100);
    private static final Duration LAST_RETRY = Duration.ofSeconds(5);

    private final StateFolder state;
    private final Cgroups cgroups;
    private final Journals journals;
    private final Launches launches;
    private final Spawner spawner;
    private final RunFiles runFiles;
    private final Watchdog watchdog;
    private final BiConsumer<UnitName, Event> listener;
    private final Watches watches;
    private final NotifySockets notifySockets;
    private final Lanes lanes = new Lanes();
    private final Map<String, UnitName> units = new ConcurrentHashMap<>();
    private final Map<String, Set<Long>> runs = new ConcurrentHashMap<>();
    private final FolderWatch runWatch;
    private volatile boolean closing;

    Hands(
            ExecSettings settings, StateFolder state, Cgroups cgroups, Journals journals, Watchdog watchdog,
            BiConsumer<UnitName, Event> listener)
            throws IOException {
        this.state = state;
        this.cgroups = cgroups;
        this.journals = journals;
        this.watchdog = watchdog;
        this.listener = listener;
        this.launches = new Launches(settings);
        this.spawner = new Spawner(state);
        this.runFiles = new RunFiles(state.runs());
        this.watches = new Watches(listener);
        this.notifySockets = new NotifySockets(settings, cgroups::tree, listener);
        state.runsByFolder().forEach((folder, run) -> runsOf(folder).add(run));
        this.runWatch = FolderWatch.start(state.runs(), this::runFilesChanged);
    }

    /// Has to be known before anything of it can be told.
    void know(UnitName unit) {
        units.put(StateFolder.folderName(unit), unit);
        journals.open(unit);
    }

    /// @param keepOld whether what runs still needs the file so far
    void saveFile(UnitName unit, UnitFile file, boolean keepOld) {
        lanes.submit(unit, () -> save(unit, "save its file", () -> {
            know(unit);
            state.saveFile(unit, file.bytes(), keepOld);
        }));
    }

    void forgetStartedFile(UnitName unit) {
        lanes.submit(unit, () -> save(unit, "forget its old file", () -> state.forgetStartedFile(unit)));
    }

    /// Saves the unit as it is now, then acts.
    void carryOut(Entry entry, ImmutableList<Act> acts) {
        lanes.submit(entry.name(), () -> {
            boolean saved = save(entry.name(), "save its state", () ->
                    state.saveRecord(new Durable(entry.name(), entry.life(), entry.wish())));
            if (saved) {
                acts.forEach(act -> attempt(entry.name(), "do " + act, () -> carryOut(entry, act)));
            }
        });
    }

    /// Nothing of the unit goes on before this is done: with a full disk, the unit waits for room.
    ///
    /// @return false if this agent ends before
    private boolean save(UnitName unit, String what, Work work) {
        var backoff = new Backoff(FIRST_RETRY, LAST_RETRY, new SplittableRandom());
        while (true) {
            try {
                work.run();
                return true;
            } catch (IOException e) {
                log.error("cannot {}, the unit waits for it unit={} because={}", what, unit, e.toString());
            }
            if (closing) {
                return false;
            }
            LockSupport.parkNanos(backoff.next().toNanos());
        }
    }

    void forget(UnitName unit) {
        lanes.submit(unit, () -> attempt(unit, "forget it", () -> {
            watches.forget(unit);
            notifySockets.forget(unit);
            units.remove(StateFolder.folderName(unit), unit);
            journals.forget(unit);
            cgroups.remove(unit);
            forgetRuns(unit);
            state.forget(unit);
        }));
    }

    private void carryOut(Entry entry, Act act) throws IOException {
        var unit = entry.name();
        var tree = cgroups.tree(unit);
        switch (act) {
            case Act.Spawn spawn -> spawn(entry, spawn);
            case Act.Recover(long run) -> recover(entry, run);
            case Act.Kill(Act.Scope scope, Signal signal) -> {
                if (scope == Act.Scope.TREE && signal.equals(Signal.KILL)) {
                    tree.killAll();
                } else {
                    Signals.send(signal, scope == Act.Scope.TREE ? tree.pids() : known(entry.life()));
                }
            }
            case Act.AwaitEmpty(long run) -> watches.awaitEmpty(
                    unit, tree, entry.phase() == Phase.RUNNING, new Event.TreeEmptied(run));
            case Act.FindMain _ -> watches.findMain(unit, tree, entry.settings().service().pidFile());
            case Act.WatchMain _ -> entry.life().main().ifPresent(main -> watches.watch(unit, main));
            case Act.Clean _ -> clean(unit, tree);
            case Act.Limit _ -> limit(entry, tree);
            case Act.Log(String text) -> journals.say(unit, text);
        }
    }

    private void spawn(Entry entry, Act.Spawn spawn) {
        var unit = entry.name();
        try {
            var service = entry.settings().service();
            FolderMaker.make(service.surroundings());
            if (service.notifies()) {
                notifySockets.listen(unit);
            }
            var launch = launches.of(unit, entry.settings(), entry.life(), spawn.hook(), spawn.command());
            if (!besideMain(spawn.hook())) {
                nameWriter(unit, launch.program(), spawn.run());
            }
            runsOf(StateFolder.folderName(unit)).add(spawn.run());
            var groups = groups(entry);
            var deadline = deadline(entry);
            var shim = spawner.spawn(unit, spawn.run(), launch, groups, deadline);
            shim.onExit().thenRun(() -> shimEnded(unit, spawn.run()));
        } catch (ImpossibleException e) {
            listener.accept(unit, new Event.NotSpawned(spawn.run(), e.status(), e.getMessage()));
        } catch (IOException e) {
            listener.accept(unit, new Event.NotSpawned(spawn.run(), ExitStatus.EXEC, "cannot start it: " + e));
        } catch (IllegalArgumentException e) {
            // What no process can be given: a NUL in a variable that an environment file sets.
            listener.accept(unit, new Event.NotSpawned(
                    spawn.run(), ExitStatus.EXEC, "cannot start it: " + e.getMessage()));
        }
    }

    private String deadline(Entry entry) throws ImpossibleException {
        try {
            return watchdog.admit(entry.name(), entry.settings().exclusive(), entry.term().isPresent());
        } catch (IOException e) {
            throw new ImpossibleException(
                    ExitStatus.FENCED, "not started, for nothing would end it in time: " + e.getMessage());
        }
    }

    private void nameWriter(UnitName unit, String program, long run) throws IOException {
        var journal = journals.known(unit);
        if (journal.isPresent()) {
            journal.get().writtenBy(program, () -> runFiles.began(unit, run)
                    .map(began -> OptionalLong.of(began.pid()))
                    .orElse(OptionalLong.empty()));
        }
    }

    /// Output of these is rare, and that of the main process goes on beside it.
    private static boolean besideMain(Hook hook) {
        return hook == Hook.START_POST || hook == Hook.STOP || hook == Hook.STOP_POST;
    }

    private List<Path> groups(Entry entry) throws IOException {
        var unit = entry.name();
        var tree = cgroups.tree(unit);
        tree.create();
        var groups = new ArrayList<Path>(tree.groups());
        var limits = entry.limits();
        if (limits.exist()) {
            var unheld = new ArrayList<String>();
            groups.addAll(cgroups.limit(unit, limits, unheld));
            unheld.forEach(words -> journals.say(unit, words));
        }
        return groups;
    }

    private void limit(Entry entry, Tree tree) throws IOException {
        if (tree.pids().isEmpty()) {
            return; // what is started next begins with its limits
        }
        var unheld = new ArrayList<String>();
        try {
            cgroups.relimit(entry.name(), entry.limits(), unheld);
        } catch (IOException e) {
            unheld.add("not all limits can be held: " + e.getMessage());
        }
        unheld.forEach(words -> journals.say(entry.name(), words));
    }

    private static List<Long> known(Life life) {
        return Stream.of(life.main(), life.control())
                .flatMap(proc -> proc.stream())
                .filter(proc -> proc.isClaimed() && ProcFs.isAlive(proc.pid(), proc.ticks()))
                .map(Proc::pid)
                .toList();
    }

    private void clean(UnitName unit, Tree tree) throws IOException {
        watches.forget(unit);
        var journal = journals.known(unit);
        if (journal.isPresent() && tree.isEmpty()) {
            journal.get().finish();
        }
        cgroups.remove(unit);
        forgetRuns(unit);
    }

    private void forgetRuns(UnitName unit) throws IOException {
        var done = runs.remove(StateFolder.folderName(unit));
        if (done != null) {
            for (long run : done) {
                state.forgetRun(unit, run);
            }
        }
    }

    private Set<Long> runsOf(String folder) {
        return runs.computeIfAbsent(folder, _ -> ConcurrentHashMap.newKeySet());
    }

    // What processes say

    /// @param names empty: any of them
    void runFilesChanged(Set<Path> names) {
        try {
            for (var name : names.isEmpty() ? state.runFiles() : names) {
                RunFile.of(name).ifPresent(this::runFileChanged);
            }
        } catch (IOException e) {
            log.warn("cannot see what processes said, looking again soon because={}", e.toString());
        }
    }

    private void runFileChanged(RunFile file) {
        var unit = units.get(file.folder());
        if (unit != null) {
            attempt(unit, "read what its process said", () -> {
                switch (file.kind()) {
                    case PID -> reportBegin(unit, file.run());
                    case EXIT -> report(unit, file.run());
                }
            });
        }
    }

    private void reportBegin(UnitName unit, long run) throws IOException {
        runFiles.began(unit, run).ifPresent(began -> listener.accept(unit, began));
    }

    /// Reports that a run has ended, and before that it began, lest the order be lost.
    ///
    /// @return false if it has not ended as far as is known
    private boolean report(UnitName unit, long run) throws IOException {
        var ended = runFiles.ended(unit, run);
        if (ended.isPresent()) {
            reportBegin(unit, run);
            journals.known(unit).ifPresent(journal -> attempt(unit, "take over its output", journal::ingest));
            if (ended.get().exit().equals(new Exit.Killed(Signal.KILL)) && cgroups.ranOutOfMemory(unit)) {
                listener.accept(unit, new Event.OutOfMemory());
            }
            listener.accept(unit, ended.get());
        }
        return ended.isPresent();
    }

    /// Looks at a process whose end may have been missed.
    void inspect(UnitName unit, Proc proc) {
        lanes.submit(unit, () -> attempt(unit, "inspect its process", () -> {
            reportBegin(unit, proc.run());
            boolean gone = proc.isClaimed() && runFiles.isOpen(unit, proc.run())
                    && !ProcFs.isAlive(proc.pid(), proc.ticks());
            if (!report(unit, proc.run()) && gone) {
                log.warn("a process is gone, and its shim has not said how unit={} pid={}", unit, proc.pid());
                watches.watchShim(unit, proc, () -> report(unit, proc.run()));
            }
        }));
    }

    private void recover(Entry entry, long run) throws IOException {
        var unit = entry.name();
        if (entry.settings().service().notifies()) {
            notifySockets.listen(unit);
        }
        var proc = Stream.of(entry.life().main(), entry.life().control())
                .flatMap(found -> found.stream())
                .filter(found -> found.run() == run)
                .findFirst()
                .orElse(Proc.planned(run));
        if (proc.isClaimed()) {
            nameWriter(unit, ProcFs.name(proc.pid()).orElse(unit.prefix()), run);
        }
        if (proc.isClaimed() && !runFiles.isOpen(unit, run)) {
            watches.watch(unit, proc); // a daemon, which never had a shim
        } else if (proc.isClaimed() || !runFiles.revoke(unit, run)) {
            inspect(unit, proc);
        } else {
            listener.accept(unit, new Event.NeverBegan(run));
        }
    }

    /// The shim ends after it has told how the process ended, unless somebody killed it.
    private void shimEnded(UnitName unit, long run) {
        attempt(unit, "see how its process ended", () -> {
            if (runFiles.isOpen(unit, run) && !report(unit, run)) {
                var began = runFiles.began(unit, run);
                log.warn("a process has lost its shim, how it ends will not be known unit={} run={}", unit, run);
                if (began.isPresent()) {
                    watches.watch(unit, new Proc(run, began.get().pid(), began.get().ticks()));
                } else {
                    listener.accept(unit, new Event.Ended(run, new Exit.Unseen()));
                }
            }
        });
    }

    private interface Work {
        void run() throws IOException;
    }

    /// What fails here is tried again when the units are next looked at; it holds up no other unit.
    private static void attempt(UnitName unit, String what, Work work) {
        try {
            work.run();
        } catch (IOException | java.io.UncheckedIOException e) {
            log.warn("cannot {} unit={} because={}", what, unit, e.toString());
        }
    }

    @Override
    public void close() {
        closing = true;
        runWatch.close();
        watches.close();
        lanes.close();
        notifySockets.close();
    }
}
