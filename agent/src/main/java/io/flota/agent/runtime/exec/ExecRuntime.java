package io.flota.agent.runtime.exec;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSortedMap;
import com.google.protobuf.ByteString;
import io.flota.agent.runtime.Errand;
import io.flota.agent.runtime.NotEnteredException;
import io.flota.agent.runtime.RuntimeUnavailableException;
import io.flota.agent.runtime.Session;
import io.flota.agent.runtime.UnitDetails;
import io.flota.agent.runtime.UnitRuntime;
import io.flota.agent.runtime.exec.Entry.Loaded;
import io.flota.agent.runtime.guard.Watchdog;
import io.flota.agent.runtime.inside.Entrance;
import io.flota.agent.runtime.process.Signal;
import io.flota.agent.runtime.process.Signals;
import io.flota.agent.runtime.setting.ThisHost;
import io.flota.agent.steps.Guard;
import io.flota.unit.UnitFile;
import io.flota.unit.UnitFileException;
import io.flota.unit.UnitName;
import io.flota.unit.UnitProperties;
import io.flota.unit.UnitState;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Runs units as plain processes. One thread owns the [Supervisor]; everything else is a message to it.
public final class ExecRuntime implements UnitRuntime {
    private static final Logger log = LoggerFactory.getLogger(ExecRuntime.class);
    /// How often processes are looked at for the case that a message about one was lost.
    private static final Duration RESYNC = Duration.ofSeconds(5);

    private final BootClock clock;
    private final BlockingQueue<Runnable> messages = new LinkedBlockingQueue<>();
    private final CopyOnWriteArrayList<Runnable> signals = new CopyOnWriteArrayList<>();
    private final Supervisor supervisor = new Supervisor();
    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    private final MachineLock lock;
    private final ThisHost host;
    private final StateFolder state;
    private final Cgroups cgroups;
    private final Journals journals;
    private final Hands hands;
    private final Watchdog watchdog;
    private final Object guarding = new Object();
    private Instant nextResync;
    private boolean closing;

    private ExecRuntime(
            ExecSettings settings, MachineLock lock, StateFolder state, BootClock clock,
            List<StateFolder.Saved> saved)
            throws IOException {
        this.clock = clock;
        this.lock = lock;
        this.state = state;
        this.host = ThisHost.read(
                settings.hostname(), settings.machineId(), settings.stateFolder().resolve("runtime"));
        this.cgroups = Cgroups.detect(settings, state.note("cgroups"), !saved.isEmpty());
        cgroups.removeStrangers(saved.stream().map(unit -> unit.durable().unit()).toList());
        this.journals = new Journals(state, settings.journalBytes(), InstantSource.system());
        this.watchdog = new Watchdog(
                state.fence(), state.watchdog(), settings.machineId(), unit -> cgroups.tree(unit).address(),
                clock::sinceBoot);
        this.hands = new Hands(settings, state, cgroups, journals, watchdog, this::tell);
        this.nextResync = clock.instant().plus(RESYNC);
    }

    /// Opens the state folder and adopts the units that are found in it.
    public static ExecRuntime start(ExecSettings settings) throws RuntimeUnavailableException {
        var state = StateFolder.open(settings.stateFolder());
        MachineLock lock;
        try {
            lock = MachineLock.take(settings.machineId());
        } catch (RuntimeUnavailableException e) {
            state.close();
            throw e;
        }
        return start(settings, lock, state);
    }

    private static ExecRuntime start(ExecSettings settings, MachineLock lock, StateFolder state)
            throws RuntimeUnavailableException {
        try {
            var clock = BootClock.open(state.note("clock"));
            var saved = state.units(clock.instant());
            var runtime = new ExecRuntime(settings, lock, state, clock, saved);
            runtime.supervisor.at(runtime.clock.instant());
            var guards = runtime.watchdog.guards();
            for (var unit : saved) {
                runtime.adopt(unit, Optional.ofNullable(guards.get(unit.durable().unit())));
            }
            runtime.watchOver();
            runtime.journals.ingestAll();
            Thread.ofPlatform().name("exec-runtime").daemon().start(runtime::run);
            return runtime;
        } catch (IOException e) {
            lock.close();
            state.close();
            throw new RuntimeUnavailableException("cannot start the exec runtime: " + e, e);
        }
    }

    private void dismissWatchdog() {
        boolean needed = supervisor.entries().stream()
                .anyMatch(entry -> entry.term().isPresent() && !entry.phase().isDown());
        try (watchdog) {
            if (!needed && !watchdog.guards().isEmpty()) {
                watchdog.dismiss();
            }
        } catch (IOException e) {
            log.warn("the watchdog ends later because={}", e.toString());
        }
    }

    private void watchOver() {
        try {
            watchdog.watch(supervisor.guardsWith(List.of()));
        } catch (IOException e) {
            log.error("cannot start a watchdog, units that depend on one are not started because={}", e.toString());
        }
    }

    private void adopt(StateFolder.Saved saved, Optional<Guard> guard) {
        var unit = saved.durable().unit();
        var life = saved.durable().life();
        hands.know(unit);
        var running = Optional.<UnitSettings>empty();
        if (saved.damaged()) {
            running = Optional.of(UnitSettings.NOTHING); // whose way to stop is to kill all of it
        } else if (!life.phase().isDown()
                && parse(unit, saved.started().orElse(saved.loaded())).loaded()
                        instanceof Loaded.Readable(UnitSettings settings)) {
            running = Optional.of(settings);
        }
        var found = parse(unit, saved.loaded());
        var unguarded = running;
        var term = guard.map(until -> Term.of(until, clock))
                .or(() -> unguarded.flatMap(settings -> Term.found(unit, settings.partition(), clock)));
        supervisor.adopt(
                new Entry(
                        unit, found.file(), cgroups.accept(found.loaded()), running, life, saved.durable().wish(),
                        term));
        log.info("adopted unit={} phase={}", unit, life.phase().sub());
    }

    private record Found(UnitFile file, Loaded loaded) {}

    /// A file that was loaded once, and is damaged now, makes its unit broken; the next one that is loaded mends it.
    private Found parse(UnitName unit, ByteString bytes) {
        try {
            var file = UnitFile.parse(unit.full(), bytes);
            return new Found(file, read(unit, file));
        } catch (UnitFileException e) {
            var because = "its saved unit file cannot be read: " + String.join("; ", e.problems());
            return new Found(UnitFile.EMPTY, new Loaded.Broken("error", because));
        }
    }

    private Loaded read(UnitName unit, UnitFile file) {
        try {
            var settings = UnitSettings.of(file, host.context(unit));
            return new Loaded.Readable(
                    settings.withIgnored(cgroups.unheld(settings.service().surroundings().limits())));
        } catch (UnitFileException e) {
            var load = UnitSettings.isOurs(unit) ? "bad-setting" : "error";
            return new Loaded.Broken(load, String.join("; ", e.problems()));
        }
    }

    // The owner

    private void run() {
        try {
            while (!closing) {
                var message = messages.poll(rest().toMillis() + 1, TimeUnit.MILLISECONDS);
                supervisor.at(clock.instant());
                for (; message != null; message = messages.poll()) {
                    message.run();
                }
                supervisor.passTime();
                supervisor.runJobs();
                carryOut(supervisor.takeTasks());
                resync();
            }
            ended.complete(null);
        } catch (InterruptedException e) {
            log.error("the exec runtime has stopped; units run on", e);
            ended.completeExceptionally(e);
        } catch (RuntimeException bug) {
            ended.completeExceptionally(bug);
            throw bug; // has to end the process: a machine without a runtime must not count as alive
        }
    }

    private Duration rest() {
        var next = supervisor.nextDeadline().filter(nextResync::isAfter).orElse(nextResync);
        var rest = Duration.between(clock.instant(), next);
        return rest.isNegative() ? Duration.ZERO : rest;
    }

    private void carryOut(ImmutableList<Task> tasks) {
        for (var task : tasks) {
            switch (task) {
                case Task.CarryOut(Entry entry, ImmutableList<Act> acts) -> hands.carryOut(entry, acts);
                case Task.SaveFile(Entry entry, boolean keepOld) ->
                    hands.saveFile(entry.name(), entry.file(), keepOld);
                case Task.ForgetStartedFile(UnitName unit) -> hands.forgetStartedFile(unit);
                case Task.Forget(UnitName unit) -> hands.forget(unit);
            }
        }
        if (!tasks.isEmpty()) {
            signals.forEach(Runnable::run);
        }
    }

    private void resync() {
        if (clock.instant().isBefore(nextResync)) {
            return;
        }
        nextResync = clock.instant().plus(RESYNC);
        for (var entry : supervisor.entries()) {
            Stream.of(entry.life().main(), entry.life().control())
                    .flatMap(Optional::stream)
                    .forEach(proc -> hands.inspect(entry.name(), proc));
        }
        journals.ingestAll();
    }

    private void tell(UnitName unit, Event event) {
        messages.add(() -> supervisor.happened(unit, event));
    }

    // What the agent asks for

    @Override
    public ImmutableSortedMap<UnitName, UnitState> observe() throws RuntimeUnavailableException {
        var states = ImmutableSortedMap.<UnitName, UnitState>naturalOrder();
        ask(supervisor::states).forEach((unit, state) ->
                states.put(unit, state.withSince(clock.onTheWall(state.since()))));
        return states.buildOrThrow();
    }

    @Override
    public void load(Collection<UnitToLoad> units) throws RuntimeUnavailableException {
        order(() -> units.forEach(unit -> supervisor.load(unit, cgroups.accept(read(unit.name(), unit.file())))));
    }

    @Override
    public void setProperties(ImmutableSortedMap<UnitName, UnitProperties> properties)
            throws RuntimeUnavailableException {
        order(() -> properties.forEach(supervisor::setProperties));
    }

    @Override
    public ImmutableSortedMap<UnitName, UnitProperties> properties() throws RuntimeUnavailableException {
        return ask(supervisor::properties);
    }

    @Override
    public void start(Collection<UnitToStart> units) throws RuntimeUnavailableException {
        order(() -> units.forEach(supervisor::start));
    }

    @Override
    public void stop(Collection<UnitName> units) throws RuntimeUnavailableException {
        order(() -> units.forEach(supervisor::stop));
    }

    @Override
    public void release(Collection<UnitName> units) throws RuntimeUnavailableException {
        order(() -> units.forEach(supervisor::release));
    }

    @Override
    public void unload(Collection<UnitName> units) throws RuntimeUnavailableException {
        order(() -> units.forEach(supervisor::unload));
    }

    @Override
    public void guard(Collection<Guard> toGuard) throws RuntimeUnavailableException {
        var terms = toGuard.stream().map(guard -> Term.of(guard, clock)).toList();
        synchronized (guarding) {
            try {
                // The watchdog first: nothing may count on a deadline that it does not keep.
                watchdog.watch(ask(() -> supervisor.guardsWith(terms)));
            } catch (IOException e) {
                throw new RuntimeUnavailableException("cannot tell the watchdog until when units may live: " + e, e);
            }
            order(() -> supervisor.guard(terms));
        }
    }

    @Override
    public ImmutableSortedMap<UnitName, Standing> guards() throws RuntimeUnavailableException {
        return ask(supervisor::guards);
    }

    private void order(Runnable work) throws RuntimeUnavailableException {
        var _ = ask(() -> {
            work.run();
            return true;
        });
    }

    /// The answer is given by the owner, so that what was asked before has been taken in.
    private <T> T ask(Supplier<T> question) throws RuntimeUnavailableException {
        var answer = new CompletableFuture<T>();
        messages.add(() -> answer.complete(question.get()));
        try {
            while (!ended.isDone() || answer.isDone()) {
                try {
                    return answer.get(1, TimeUnit.SECONDS);
                } catch (TimeoutException _) {
                    continue; // it is busy, or has ended just now
                }
            }
            throw new RuntimeUnavailableException("the exec runtime has stopped", ended.exceptionNow());
        } catch (ExecutionException | IllegalStateException e) {
            throw new RuntimeUnavailableException("the exec runtime is closed", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new RuntimeUnavailableException("interrupted while waiting for the exec runtime", e);
        }
    }

    @Override
    public void onChange(Runnable signal) {
        signals.add(signal);
    }

    @Override
    public boolean journal(UnitName unit, JournalPart part, Consumer<ImmutableList<JournalLine>> sink)
            throws RuntimeUnavailableException, InterruptedException {
        try {
            return journals.tell(unit, part, sink);
        } catch (IOException e) {
            throw new RuntimeUnavailableException("cannot read the journal of " + unit + ": " + e.getMessage(), e);
        }
    }

    @Override
    public Optional<UnitDetails> details(UnitName unit) throws RuntimeUnavailableException {
        var entry = ask(() -> supervisor.entry(unit));
        try {
            return entry.isPresent() ? Optional.of(new Inspection(cgroups).of(entry.get())) : Optional.empty();
        } catch (IOException e) {
            throw new RuntimeUnavailableException("cannot look at " + unit + ": " + e.getMessage(), e);
        }
    }

    @Override
    public Session enter(UnitName unit, Errand errand) throws NotEnteredException, RuntimeUnavailableException {
        return Entrance.open(this, unit, errand);
    }

    @Override
    public Optional<String> reload(UnitName unit) throws RuntimeUnavailableException, InterruptedException {
        var entry = ask(() -> supervisor.entry(unit));
        return entry.isPresent() ? new Reload(this, entry.get()).run() : Optional.of("it is not on this machine");
    }

    @Override
    public Optional<String> signal(UnitName unit, Signal signal) throws RuntimeUnavailableException {
        return Signals.sendToMain(signal, Optional.ofNullable(observe().get(unit)));
    }

    @Override
    public void close() {
        messages.add(() -> closing = true);
        ended.handle((_, _) -> true).join();
        hands.close();
        dismissWatchdog();
        journals.close();
        try {
            cgroups.removeParents();
        } catch (IOException e) {
            log.warn("cannot remove empty control groups because={}", e.toString());
        }
        lock.close();
        state.close();
    }
}
