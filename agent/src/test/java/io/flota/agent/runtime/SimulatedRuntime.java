package io.flota.agent.runtime;

import com.google.common.base.Ticker;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSortedMap;
import io.flota.agent.runtime.process.Signal;
import io.flota.agent.steps.Guard;
import io.flota.unit.UnitFile;
import io.flota.unit.UnitName;
import io.flota.unit.UnitProperties;
import io.flota.unit.UnitState;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;

/// Units without processes. They outlive the agents that use this, as real ones do. Starts and stops are queued and
/// happen when the test calls [#settle], or at once if it asked for that. Its watchdog acts when [#passTime] is called,
/// which is due at [#nextDeadline].
public final class SimulatedRuntime implements UnitRuntime {
    private static final Ticker NO_TIME = new Ticker() {
        @Override
        public long read() {
            return 0;
        }
    };

    private static final class SimulatedUnit {
        UnitFile file;
        String active = "inactive";
        long generation;
        long startQueued;
        long epochBase;
        long epochs;
        boolean struck;
        boolean waits;
        boolean forgotten;
        Instant since = Instant.EPOCH;

        SimulatedUnit(UnitFile file) {
            this.file = file;
        }

        void become(String nowActive) {
            active = nowActive;
            since = Instant.now();
        }
    }

    private final Ticker uptime;
    private final TreeMap<UnitName, SimulatedUnit> units = new TreeMap<>();
    private final TreeMap<UnitName, Guard> guards = new TreeMap<>();
    private final TreeMap<UnitName, UnitProperties> properties = new TreeMap<>();
    private final List<Runnable> listeners = new ArrayList<>();
    private final List<String> history = new ArrayList<>();
    private final TreeSet<UnitName> released = new TreeSet<>();
    private boolean prompt;
    private boolean unavailable;
    private boolean full;
    private boolean reloadable = true;

    private SimulatedRuntime(Ticker uptime) {
        this.uptime = uptime;
    }

    /// Starts and stops happen as soon as they are asked for. No time passes.
    public static SimulatedRuntime prompt() {
        return prompt(NO_TIME);
    }

    /// Starts and stops happen as soon as they are asked for.
    ///
    /// @param uptime of the machine
    public static SimulatedRuntime prompt(Ticker uptime) {
        var runtime = new SimulatedRuntime(uptime);
        runtime.prompt = true;
        return runtime;
    }

    /// Starts and stops happen when [#settle] is called. No time passes.
    public static SimulatedRuntime slow() {
        return slow(NO_TIME);
    }

    /// Starts and stops happen when [#settle] is called.
    ///
    /// @param uptime of the machine
    public static SimulatedRuntime slow(Ticker uptime) {
        return new SimulatedRuntime(uptime);
    }

    /// What happened to units, such as `started web@1.service 1` or, if exclusive,
    /// `started web@1.service 1 epoch 5000001`, in order.
    public synchronized ImmutableList<String> history() {
        return ImmutableList.copyOf(history);
    }

    /// Whether there is no room for guards.
    public synchronized void full(boolean nowFull) {
        full = nowFull;
    }

    public synchronized void unavailable(boolean nowUnavailable) {
        unavailable = nowUnavailable;
    }

    /// Whether the unit is not to be started for another one's sake.
    public synchronized boolean isReleased(UnitName name) {
        return released.contains(name);
    }

    /// From now on the unit's stop waits for other units to stop.
    public synchronized void waits(UnitName name) {
        units.get(name).waits = true;
    }

    /// Finishes what is queued for one unit.
    public void settle(UnitName name) {
        synchronized (this) {
            var unit = units.get(name);
            if (unit == null) {
                return;
            }
            if (unit.active.equals("deactivating")) {
                unit.become("inactive");
                history.add("stopped " + name);
            }
            if (unit.startQueued != 0) {
                long generation = unit.startQueued;
                unit.startQueued = 0;
                begin(name, unit, generation);
            }
            if (unit.forgotten && !unit.active.equals("active")) {
                forget(name);
            }
        }
        signal();
    }

    private void begin(UnitName name, SimulatedUnit unit, long generation) {
        var guard = guards.get(name);
        if (guard == null ? unit.epochBase != 0 : !isBefore(guard.startsUntil())) {
            unit.struck = true;
            unit.become("failed");
            history.add("refused " + name);
            return;
        }
        unit.generation = generation;
        unit.struck = false;
        unit.become("active");
        var epoch = unit.epochBase == 0 ? "" : " epoch " + (unit.epochBase * (MOST_STARTS + 1) + ++unit.epochs);
        history.add("started " + name + " " + generation + epoch);
    }

    private boolean isBefore(Duration time) {
        return uptime.read() < time.toNanos();
    }

    /// What `Restart=` does: starts the unit anew, if its guard allows that.
    public void restart(UnitName name) {
        synchronized (this) {
            var unit = units.get(name);
            if (unit == null || unit.generation == 0) {
                return;
            }
            long generation = unit.generation;
            unit.generation = 0;
            begin(name, unit, generation);
        }
        signal();
    }

    /// When the watchdog has to act next; empty if nothing is guarded.
    public synchronized Optional<Duration> nextDeadline() {
        return guards.values().stream()
                .filter(guard -> !isQuiet(guard.unit()))
                .map(Guard::livesUntil)
                .min(Duration::compareTo);
    }

    /// The watchdog's turn: kills what is over its time. Needs no agent.
    public void passTime() {
        synchronized (this) {
            for (var guard : guards.values()) {
                var unit = units.get(guard.unit());
                if (unit != null && isUp(unit) && !isBefore(guard.livesUntil())) {
                    unit.generation = 0;
                    unit.struck = true;
                    unit.become("failed");
                    history.add("killed " + guard.unit());
                }
            }
        }
        signal();
    }

    private static boolean isUp(SimulatedUnit unit) {
        return unit.active.equals("active") || unit.active.equals("deactivating");
    }

    @Override
    public synchronized void guard(Collection<Guard> toGuard) throws RuntimeUnavailableException {
        available();
        if (full) {
            throw new RuntimeUnavailableException("the simulated disk is full");
        }
        for (var guard : toGuard) {
            var unit = units.get(guard.unit());
            var before = guards.get(guard.unit());
            boolean over = before != null && !isBefore(before.livesUntil());
            if (unit != null && !(over && isUp(unit))) {
                guards.put(guard.unit(), guard);
            }
        }
    }

    @Override
    public synchronized ImmutableSortedMap<UnitName, Standing> guards() throws RuntimeUnavailableException {
        available();
        var standing = ImmutableSortedMap.<UnitName, Standing>naturalOrder();
        guards.forEach((name, guard) -> standing.put(name, new Standing(guard, units.get(name).struck)));
        return standing.build();
    }

    /// The unit's process ends by itself.
    public void end(UnitName name, String active) {
        synchronized (this) {
            if (units.containsKey(name)) {
                units.get(name).become(active);
            }
        }
        signal();
    }

    /// Whether nothing of the unit runs or is queued to.
    public synchronized boolean isQuiet(UnitName name) {
        var unit = units.get(name);
        return unit == null
                || unit.startQueued == 0 && !unit.active.equals("active") && !unit.active.equals("deactivating");
    }

    @Override
    public synchronized ImmutableSortedMap<UnitName, UnitState> observe() throws RuntimeUnavailableException {
        available();
        var states = ImmutableSortedMap.<UnitName, UnitState>naturalOrder();
        units.forEach((name, unit) -> states.put(
                name,
                new UnitState(
                        "loaded", unit.active, sub(unit.active), unit.file.hash(), "", unit.generation, unit.since, "",
                        unit.active.equals("active") ? 4711 : 0, 0)));
        return states.build();
    }

    @Override
    public void load(Collection<UnitToLoad> toLoad) throws RuntimeUnavailableException {
        synchronized (this) {
            available();
            for (var one : toLoad) {
                var unit = units.computeIfAbsent(one.name(), _ -> new SimulatedUnit(one.file()));
                unit.file = one.file();
                unit.forgotten = false;
                released.remove(one.name());
                history.add("loaded " + one.name());
            }
        }
        signal();
    }

    @Override
    public void setProperties(ImmutableSortedMap<UnitName, UnitProperties> toSet) throws RuntimeUnavailableException {
        synchronized (this) {
            available();
            toSet.forEach((name, set) -> {
                if (units.containsKey(name)) {
                    properties.put(name, set);
                    history.add("set " + name + (set.isEmpty() ? "" : " " + set));
                }
            });
        }
        signal();
    }

    @Override
    public synchronized ImmutableSortedMap<UnitName, UnitProperties> properties() throws RuntimeUnavailableException {
        available();
        return ImmutableSortedMap.copyOf(properties);
    }

    @Override
    public void start(Collection<UnitToStart> toStart) throws RuntimeUnavailableException {
        synchronized (this) {
            available();
            for (var one : toStart) {
                var unit = units.get(one.name());
                if (unit.generation == one.generation() && unit.active.equals("active")) {
                    continue;
                }
                stopOne(unit);
                released.remove(one.name());
                unit.startQueued = one.generation();
                if (unit.epochBase != one.epochBase()) {
                    unit.epochBase = one.epochBase();
                    unit.epochs = 0;
                }
            }
        }
        settleIfPrompt(toStart.stream().map(UnitToStart::name).toList());
    }

    @Override
    public void stop(Collection<UnitName> toStop) throws RuntimeUnavailableException {
        synchronized (this) {
            available();
            for (var name : toStop) {
                var unit = units.get(name);
                if (unit != null) {
                    unit.startQueued = 0;
                    stopOne(unit);
                }
            }
        }
        settleIfPrompt(toStop);
    }

    @Override
    public void release(Collection<UnitName> toRelease) throws RuntimeUnavailableException {
        synchronized (this) {
            released.addAll(toRelease);
        }
        stop(toRelease);
    }

    @Override
    public void unload(Collection<UnitName> toUnload) throws RuntimeUnavailableException {
        synchronized (this) {
            available();
            for (var name : toUnload) {
                var unit = units.get(name);
                if (unit != null && isQuiet(name)) {
                    forget(name);
                } else if (unit != null) {
                    unit.startQueued = 0;
                    unit.forgotten = true;
                    stopOne(unit);
                }
            }
        }
        settleIfPrompt(toUnload);
    }

    @Override
    public synchronized void onChange(Runnable signal) {
        listeners.add(signal);
    }

    @Override
    public boolean journal(UnitName unit, JournalPart part, Consumer<ImmutableList<JournalLine>> sink)
            throws InterruptedException {
        synchronized (this) {
            if (!units.containsKey(unit)) {
                return false;
            }
        }
        sink.accept(ImmutableList.of(new JournalLine(Instant.EPOCH, unit, "web[4711]", "hello")));
        if (part.follow()) {
            new java.util.concurrent.Semaphore(0).acquire(); // until interrupted
        }
        return true;
    }

    /// From now on units refuse to be reloaded.
    public synchronized void reloadable(boolean nowReloadable) {
        reloadable = nowReloadable;
    }

    @Override
    public synchronized Optional<String> reload(UnitName unit) throws RuntimeUnavailableException {
        available();
        history.add("reloaded " + unit);
        return reloadable ? Optional.empty() : Optional.of("it does not want to");
    }

    @Override
    public synchronized Optional<String> signal(UnitName unit, Signal signal) throws RuntimeUnavailableException {
        available();
        history.add("sent " + signal + " to " + unit);
        return Optional.empty();
    }

    @Override
    public void close() {}

    private void forget(UnitName name) {
        units.remove(name);
        guards.remove(name);
        properties.remove(name);
    }

    private static void stopOne(SimulatedUnit unit) {
        unit.generation = 0;
        if (unit.active.equals("active") && !unit.waits) {
            unit.become("deactivating");
        }
    }

    private void settleIfPrompt(Collection<UnitName> names) {
        if (prompt) {
            names.forEach(this::settle);
        }
        signal();
    }

    private void available() throws RuntimeUnavailableException {
        if (unavailable) {
            throw new RuntimeUnavailableException("the simulated runtime is away", new IllegalStateException());
        }
    }

    private void signal() {
        List<Runnable> all;
        synchronized (this) {
            all = List.copyOf(listeners);
        }
        all.forEach(Runnable::run);
    }

    private static String sub(String active) {
        return switch (active) {
            case "active" -> "running";
            case "deactivating" -> "stop-sigterm";
            case "failed" -> "failed";
            default -> "dead";
        };
    }
}
