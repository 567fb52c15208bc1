package io.flota.simulation;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSortedMap;
import io.flota.agent.runtime.RuntimeUnavailableException;
import io.flota.agent.runtime.UnitRuntime;
import io.flota.agent.runtime.process.Signal;
import io.flota.agent.steps.Guard;
import io.flota.unit.Offer;
import io.flota.unit.UnitFile;
import io.flota.unit.UnitName;
import io.flota.unit.UnitProperties;
import io.flota.unit.UnitState;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;

/// The service manager of one machine: jobs take their time, processes fail, and all outlives the agent.
final class SimSystemd implements UnitRuntime {
    /// Hears of each process.
    interface Witness {
        ///
        /// @param epoch 0 for a unit that is not exclusive
        void began(UnitName unit, UnitFile file, long generation, long epoch);

        /// It will end, or has ended.
        ///
        /// @param why who or what ends it
        void ending(UnitName unit, End why);

        /// Nothing of it is left.
        void gone(UnitName unit);
    }

    enum End {
        TOLD,
        RESTARTED,
        BY_ITSELF,
        MACHINE_DIED,
        /// By the watchdog, in time.
        GUARDED
    }

    private enum Phase {
        DEAD("inactive", "dead"),
        STARTING("activating", "start"),
        RUNNING("active", "running"),
        STOPPING("deactivating", "stop-sigterm"),
        /// `Restart=` has not given up yet.
        AUTO_RESTART("activating", "auto-restart"),
        FAILED("failed", "failed");

        private final String active;
        private final String sub;

        Phase(String active, String sub) {
            this.active = active;
            this.sub = sub;
        }
    }

    private static final class SimUnit {
        private UnitFile file;
        private SimProgram program;
        private UnitProperties properties = UnitProperties.NONE;
        private Phase phase = Phase.DEAD;
        private long generation;
        /// The generation to start once the old one is down; 0 for none.
        private long next;
        private boolean forgotten;
        private int restarts;
        private long pid;
        private long epochBase;
        private long epochs;
        private boolean exclusive;
        private Optional<Guard> guard = Optional.empty();
        private Optional<Timeline.Appointment> watchdog = Optional.empty();
        private boolean struck;
        private Instant since = Instant.EPOCH;
        private Optional<Timeline.Appointment> job = Optional.empty();

        private boolean hasProcess() {
            return phase == Phase.STARTING || phase == Phase.RUNNING || phase == Phase.STOPPING;
        }
    }

    private final Timeline timeline;
    private final SimProcess.SimClocks clocks;
    private final Witness witness;
    private final TreeMap<UnitName, SimUnit> units = new TreeMap<>();
    private Optional<Runnable> listener = Optional.empty();
    private long pids;
    private boolean full;
    private boolean dirty;

    SimSystemd(Timeline timeline, SimProcess.SimClocks clocks, Witness witness) {
        this.timeline = timeline;
        this.clocks = clocks;
        this.witness = witness;
    }

    /// The disk is full: nothing new can be loaded or started.
    void full(boolean now) {
        full = now;
        dirty = true;
        changed();
    }

    /// The machine dies, and all processes with it.
    void die() {
        units.forEach((name, unit) -> {
            unit.job.ifPresent(Timeline.Appointment::callOff);
            unit.watchdog.ifPresent(Timeline.Appointment::callOff);
            if (unit.hasProcess()) {
                witness.ending(name, End.MACHINE_DIED);
                witness.gone(name);
            }
        });
        units.clear();
        listener = Optional.empty();
    }

    /// Units that have a process.
    ImmutableList<UnitName> running() {
        return units.entrySet().stream()
                .filter(unit -> unit.getValue().hasProcess())
                .map(TreeMap.Entry::getKey)
                .collect(ImmutableList.toImmutableList());
    }

    /// Units that are up in a generation, from a file.
    boolean runs(UnitName name, long generation, String file) {
        var unit = units.get(name);
        return unit != null && unit.phase == Phase.RUNNING && unit.generation == generation
                && unit.file.hash().equals(file);
    }

    /// A unit from a file whose program never runs for long: it has failed, or is being tried again.
    boolean keepsFailing(UnitName name, String file) {
        var unit = units.get(name);
        return unit != null && unit.file.hash().equals(file) && SimProgram.of(unit.file).failsAfter().isPresent();
    }

    /// All that is loaded.
    ImmutableList<UnitName> known() {
        return ImmutableList.copyOf(units.keySet());
    }

    @Override
    public ImmutableSortedMap<UnitName, UnitState> observe() {
        var states = ImmutableSortedMap.<UnitName, UnitState>naturalOrder();
        units.forEach((name, unit) -> states.put(
                name,
                new UnitState(
                        "loaded", unit.phase.active, unit.phase.sub, unit.file.hash(), "", unit.generation,
                        unit.since, "", unit.hasProcess() ? unit.pid : 0, unit.restarts)));
        return states.build();
    }

    @Override
    public void load(Collection<UnitToLoad> toLoad) throws RuntimeUnavailableException {
        mustHaveRoom();
        for (var one : toLoad) {
            var unit = units.computeIfAbsent(one.name(), _ -> new SimUnit());
            unit.file = one.file();
            unit.exclusive = SimProgram.isExclusive(one.name(), one.file());
            unit.forgotten = false;
            dirty = true;
            if (!unit.hasProcess()) {
                unit.guard = Optional.empty();
                unit.watchdog.ifPresent(Timeline.Appointment::callOff);
            }
        }
        changed();
    }

    /// Of all units that are loaded and offer something.
    ImmutableSortedMap<UnitName, Offer> offers() {
        var offers = ImmutableSortedMap.<UnitName, Offer>naturalOrder();
        units.forEach((name, unit) -> {
            var offer = SimProgram.rules(name, unit.file).offer();
            if (!offer.equals(Offer.NONE)) {
                offers.put(name, offer);
            }
        });
        return offers.build();
    }

    @Override
    public void setProperties(ImmutableSortedMap<UnitName, UnitProperties> properties) throws RuntimeUnavailableException {
        mustHaveRoom();
        properties.forEach((name, set) -> Optional.ofNullable(units.get(name)).ifPresent(unit -> unit.properties = set));
        changed();
    }

    @Override
    public ImmutableSortedMap<UnitName, UnitProperties> properties() {
        var properties = ImmutableSortedMap.<UnitName, UnitProperties>naturalOrder();
        units.forEach((name, unit) -> properties.put(name, unit.properties));
        return properties.build();
    }

    @Override
    public void start(Collection<UnitToStart> toStart) throws RuntimeUnavailableException {
        mustHaveRoom();
        for (var one : toStart) {
            var unit = units.get(one.name());
            if (unit != null && !(unit.hasProcess() && unit.phase != Phase.STOPPING
                    && unit.generation == one.generation())) {
                unit.next = one.generation();
                if (unit.epochBase != one.epochBase()) {
                    unit.epochBase = one.epochBase();
                    unit.epochs = 0;
                }
                if (unit.hasProcess()) {
                    stop(one.name(), unit, End.RESTARTED);
                } else {
                    begin(one.name(), unit);
                }
            }
        }
        changed();
    }

    @Override
    public void stop(Collection<UnitName> toStop) {
        for (var name : toStop) {
            var unit = units.get(name);
            if (unit != null) {
                dirty |= unit.generation != 0;
                unit.next = 0;
                unit.generation = 0;
                stop(name, unit, End.TOLD);
            }
        }
        changed();
    }

    @Override
    public void unload(Collection<UnitName> toUnload) {
        for (var name : toUnload) {
            var unit = units.get(name);
            if (unit != null) {
                unit.forgotten = true;
                unit.next = 0;
                stop(name, unit, End.TOLD);
                forget(name, unit);
            }
        }
        changed();
    }

    @Override
    public void guard(Collection<Guard> guards) {
        for (var guard : guards) {
            var unit = units.get(guard.unit());
            boolean over = unit != null && unit.guard.filter(one -> isOver(one.livesUntil())).isPresent();
            if (unit != null && !(over && unit.hasProcess())) {
                unit.guard = Optional.of(guard);
                unit.watchdog.ifPresent(Timeline.Appointment::callOff);
                var left = guard.livesUntil().minusNanos(clocks.monotonic().read());
                unit.watchdog = Optional.of(timeline.after(clocks.real(left), () -> strike(guard.unit(), unit)));
            }
        }
    }

    @Override
    public ImmutableSortedMap<UnitName, Standing> guards() {
        var standing = ImmutableSortedMap.<UnitName, Standing>naturalOrder();
        units.forEach((name, unit) ->
                unit.guard.ifPresent(guard -> standing.put(name, new Standing(guard, unit.struck))));
        return standing.build();
    }

    private boolean isOver(Duration moment) {
        return clocks.monotonic().read() >= moment.toNanos();
    }

    /// The watchdog's kill; it needs no agent.
    private void strike(UnitName name, SimUnit unit) {
        if (unit.hasProcess() || unit.next != 0) {
            boolean ran = unit.hasProcess();
            unit.job.ifPresent(Timeline.Appointment::callOff);
            unit.next = 0;
            if (ran && unit.phase != Phase.STOPPING) {
                witness.ending(name, End.GUARDED);
            }
            refuse(unit);
            if (ran) {
                witness.gone(name);
            }
            forget(name, unit);
            changed();
        }
    }

    private void refuse(SimUnit unit) {
        unit.generation = 0;
        unit.next = 0;
        unit.struck = true;
        become(unit, Phase.FAILED);
    }

    @Override
    public void onChange(Runnable signal) {
        listener = Optional.of(signal);
    }

    @Override
    public Optional<String> reload(UnitName unit) {
        return Optional.of("no simulated unit reads a configuration");
    }

    @Override
    public Optional<String> signal(UnitName unit, Signal signal) {
        return Optional.of("no simulated unit takes signals");
    }

    @Override
    public boolean journal(UnitName unit, JournalPart part, Consumer<ImmutableList<JournalLine>> sink) {
        return false; // nobody asks in a simulation
    }

    @Override
    public void close() {
        listener = Optional.empty();
    }

    private void mustHaveRoom() throws RuntimeUnavailableException {
        if (full) {
            throw new RuntimeUnavailableException("the disk is full", new IllegalStateException("simulated"));
        }
    }

    private void begin(UnitName name, SimUnit unit) {
        unit.generation = unit.next;
        unit.next = 0;
        unit.program = SimProgram.of(unit.file);
        unit.restarts = 0;
        exec(name, unit);
    }

    private void exec(UnitName name, SimUnit unit) {
        boolean mayStart = unit.guard.map(guard -> !isOver(guard.startsUntil())).orElse(!unit.exclusive);
        if (!mayStart) {
            refuse(unit);
            return;
        }
        unit.struck = false;
        unit.pid = ++pids;
        become(unit, Phase.STARTING);
        long epoch = unit.epochBase == 0 ? 0 : unit.epochBase * (MOST_STARTS + 1) + ++unit.epochs;
        witness.began(name, unit.file, unit.generation, epoch);
        later(unit, unit.program.start(), () -> {
            become(unit, Phase.RUNNING);
            unit.program.failsAfter().ifPresent(after -> later(unit, after, () -> fail(name, unit)));
        });
    }

    private void fail(UnitName name, SimUnit unit) {
        witness.ending(name, End.BY_ITSELF);
        witness.gone(name);
        become(unit, Phase.FAILED);
        if (unit.restarts < unit.program.restarts()) {
            become(unit, Phase.AUTO_RESTART);
            unit.restarts++;
            later(unit, unit.program.pause(), () -> exec(name, unit));
        }
    }

    private void stop(UnitName name, SimUnit unit, End why) {
        switch (unit.phase) {
            case DEAD, STOPPING -> {}
            case FAILED, AUTO_RESTART -> {
                unit.job.ifPresent(Timeline.Appointment::callOff);
                become(unit, Phase.DEAD);
            }
            case STARTING, RUNNING -> {
                become(unit, Phase.STOPPING);
                witness.ending(name, why);
                later(unit, unit.program.stop(), () -> down(name, unit));
            }
        }
    }

    private void down(UnitName name, SimUnit unit) {
        become(unit, Phase.DEAD);
        witness.gone(name);
        if (unit.next != 0) {
            begin(name, unit);
        }
        forget(name, unit);
    }

    private void forget(UnitName name, SimUnit unit) {
        if (unit.forgotten && !unit.hasProcess()) {
            unit.job.ifPresent(Timeline.Appointment::callOff);
            unit.watchdog.ifPresent(Timeline.Appointment::callOff);
            units.remove(name, unit);
            dirty = true;
        }
    }

    private void later(SimUnit unit, Duration in, Runnable task) {
        unit.job.ifPresent(Timeline.Appointment::callOff);
        unit.job = Optional.of(timeline.after(in, () -> {
            task.run();
            changed();
        }));
    }

    private void become(SimUnit unit, Phase phase) {
        unit.phase = phase;
        unit.since = clocks.wall().instant();
        dirty = true;
    }

    /// As with the real ones: nobody is called for nothing.
    private void changed() {
        if (dirty) {
            dirty = false;
            listener.ifPresent(Runnable::run);
        }
    }
}
