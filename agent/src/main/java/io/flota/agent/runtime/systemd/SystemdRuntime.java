package io.flota.agent.runtime.systemd;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSortedMap;
import io.flota.agent.runtime.Errand;
import io.flota.agent.runtime.NotEnteredException;
import io.flota.agent.runtime.RuntimeUnavailableException;
import io.flota.agent.runtime.Session;
import io.flota.agent.runtime.UnitDetails;
import io.flota.agent.runtime.UnitRuntime;
import io.flota.agent.runtime.guard.Deadlines;
import io.flota.agent.runtime.guard.Watchdog;
import io.flota.agent.runtime.inside.Entrance;
import io.flota.agent.runtime.systemd.Entry.Bond;
import io.flota.agent.runtime.process.Signal;
import io.flota.agent.steps.Guard;
import io.flota.loop.World;
import io.flota.unit.UnitName;
import io.flota.unit.UnitProperties;
import io.flota.unit.UnitState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Runs units as units of the machine's systemd. What is asked for is taken in at once, and carried out by [Worker].
public final class SystemdRuntime implements UnitRuntime {
    private static final Logger log = LoggerFactory.getLogger(SystemdRuntime.class);
    private static final Path RUNNING = Path.of("/run/systemd/system");
    /// For how long what was seen last is good enough: systemd re-executes itself, or a bus is restarted, in less.
    private static final Duration BLINK = Duration.ofSeconds(10);

    private final SystemdSettings settings;
    private final StateFiles files;
    private final Host host;
    private final ControlGroups groups;
    private final Watchdog watchdog;
    private final Units units;
    private final Fences fences;
    private final Worker worker;
    private final SystemdJournal journal;
    private final CopyOnWriteArrayList<Runnable> signals = new CopyOnWriteArrayList<>();
    private final Object guarding = new Object();

    private SystemdRuntime(SystemdSettings settings, Host host, StateFiles files) throws IOException {
        this.settings = settings;
        this.host = host;
        this.files = files;
        this.groups = ControlGroups.detect();
        this.watchdog = new Watchdog(
                files.fence(), files.watchdog(), groups.mount().map(Path::toString).orElse("-"), files::address,
                SystemdRuntime::now);
        this.units = new Units(files::refused);
        this.fences = new Fences(units, files, watchdog, System::nanoTime);
        this.journal = new SystemdJournal(settings.bus().user());
        this.worker = new Worker(
                settings.bus(), units,
                new Hands(units, files, fences, new DropIns(settings.bus().dropIns()), watchdog, groups),
                () -> signals.forEach(Runnable::run));
    }

    /// Whether systemd is this machine's init.
    public static boolean isHere() {
        return Files.isDirectory(RUNNING);
    }

    /// Connects to systemd and adopts the units that an earlier agent left.
    public static SystemdRuntime start(SystemdSettings settings) throws RuntimeUnavailableException {
        var host = Host.ask(settings.bus());
        var files = new StateFiles(settings);
        boolean _ = files.open(host.life());
        try {
            var runtime = new SystemdRuntime(settings, host, files);
            runtime.adopt();
            runtime.worker.start();
            runtime.guardFound();
            return runtime;
        } catch (IOException e) {
            throw new RuntimeUnavailableException("cannot start the systemd runtime: " + e, e);
        }
    }

    private void adopt() throws IOException {
        var guards = watchdog.guards();
        for (var entry : files.adopted()) {
            boolean needless = entry.file().bond() == Bond.FREE && entry.isDown();
            var guard = Optional.ofNullable(guards.get(entry.name())).filter(_ -> !needless);
            units.adopt(guard.map(entry::with).orElse(entry));
            log.info("adopted unit={} generation={}", entry.name(), entry.wish().generation());
        }
    }

    /// Watches over all that is up, now that systemd has said what is.
    private void guardFound() {
        var now = now();
        var found = units.entries().stream()
                .filter(entry -> !entry.isDown() && entry.guard().isEmpty())
                .flatMap(entry -> Deadlines.found(entry.name(), entry.file().rules(entry.name()), now).stream())
                .toList();
        try {
            watchdog.watch(units.guardsWith(found, now));
        } catch (IOException e) {
            log.error("cannot start a watchdog, units that depend on one are not started because={}", e.toString());
        }
        units.guard(found, now);
        worker.look(); // they may have to be found first
    }

    @Override
    public ImmutableSortedMap<UnitName, UnitState> observe() throws RuntimeUnavailableException {
        worker.check(BLINK);
        return units.states();
    }

    @Override
    public void load(Collection<UnitToLoad> toLoad) throws RuntimeUnavailableException {
        worker.check(BLINK);
        var lacking = groups.problem().or(host::problem).or(settings.bus()::problem);
        for (var unit : toLoad) {
            var file = Composed.of(unit.name(), unit.file(), settings, files).on(lacking);
            units.load(unit.name(), unit.file().hash(), file, Instant.now());
        }
        worker.signal();
    }

    @Override
    public void setProperties(ImmutableSortedMap<UnitName, UnitProperties> properties)
            throws RuntimeUnavailableException {
        worker.check(BLINK);
        properties.forEach(units::setProperties);
        worker.signal();
    }

    @Override
    public ImmutableSortedMap<UnitName, UnitProperties> properties() {
        var properties = ImmutableSortedMap.<UnitName, UnitProperties>naturalOrder();
        units.entries().forEach(entry -> properties.put(entry.name(), entry.limits().wanted()));
        return properties.build();
    }

    @Override
    public void start(Collection<UnitToStart> toStart) throws RuntimeUnavailableException {
        worker.check(BLINK);
        toStart.forEach(unit -> units.start(unit, now()));
        worker.signal();
    }

    @Override
    public void stop(Collection<UnitName> toStop) throws RuntimeUnavailableException {
        worker.check(BLINK);
        toStop.forEach(units::stop);
        worker.signal();
    }

    @Override
    public void release(Collection<UnitName> toRelease) throws RuntimeUnavailableException {
        worker.check(BLINK);
        toRelease.forEach(units::release);
        worker.signal();
    }

    @Override
    public void unload(Collection<UnitName> toUnload) throws RuntimeUnavailableException {
        worker.check(BLINK);
        toUnload.forEach(units::unload);
        toUnload.forEach(journal::endFollowing);
        worker.signal();
    }

    @Override
    public void guard(Collection<Guard> guards) throws RuntimeUnavailableException {
        synchronized (guarding) {
            try {
                if (fences.mend() || fences.isAstray()) {
                    worker.look();
                }
                if (fences.isAstray()) {
                    throw new IOException("the state folder was removed, and where units run is asked for anew");
                }
                // The watchdog first: nothing may count on a deadline that it does not keep.
                watchdog.watch(units.guardsWith(guards, now()));
            } catch (IOException e) {
                throw new RuntimeUnavailableException("cannot tell the watchdog until when units may live: " + e, e);
            }
            units.guard(guards, now());
        }
    }

    @Override
    public ImmutableSortedMap<UnitName, Standing> guards() {
        return units.guards();
    }

    @Override
    public void onChange(Runnable signal) {
        signals.add(signal);
    }

    @Override
    public boolean journal(
            UnitName unit, JournalPart part, Consumer<ImmutableList<JournalLine>> sink)
            throws RuntimeUnavailableException, InterruptedException {
        if (!units.knows(unit)) {
            return false;
        }
        journal.read(unit, part, sink);
        return true;
    }

    @Override
    public Optional<UnitDetails> details(UnitName unit) throws RuntimeUnavailableException {
        boolean ours = units.entries().stream().anyMatch(entry -> entry.name().equals(unit) && !entry.isForeign());
        return ours ? Inspection.of(worker.connection(), unit.full()) : Optional.empty();
    }

    @Override
    public Session enter(UnitName unit, Errand errand) throws NotEnteredException, RuntimeUnavailableException {
        return Entrance.open(this, unit, errand);
    }

    @Override
    public Optional<String> reload(UnitName unit) throws RuntimeUnavailableException, InterruptedException {
        return new Reload(worker, unit).run();
    }

    @Override
    public Optional<String> signal(UnitName unit, Signal signal) throws RuntimeUnavailableException {
        try {
            worker.connection().signal(unit, signal.number());
            return Optional.empty();
        } catch (RefusedException e) {
            return Optional.of(e.getMessage());
        } catch (BusLostException e) {
            throw new RuntimeUnavailableException(e.getMessage(), e);
        }
    }

    /// Looks after unit files now, as is done every now and then.
    void look() {
        worker.look();
    }

    private static Duration now() {
        return Duration.ofNanos(World.REAL.uptime().read());
    }

    @Override
    public void close() {
        worker.close();
        journal.close();
        boolean needed = units.entries().stream().anyMatch(entry -> entry.guard().isPresent() && !entry.isDown());
        try (watchdog) {
            if (!needed && !watchdog.guards().isEmpty()) {
                watchdog.dismiss();
            }
        } catch (IOException e) {
            log.warn("the watchdog ends later because={}", e.toString());
        }
    }
}
