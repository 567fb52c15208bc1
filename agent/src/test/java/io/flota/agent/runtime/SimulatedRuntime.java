package io.flota.agent.runtime;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSortedMap;
import io.flota.unit.UnitFile;
import io.flota.unit.UnitName;
import io.flota.unit.UnitState;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.TreeMap;
import java.util.function.Consumer;

/// Units without processes. They outlive the agents that use this, as real ones do. Starts and stops are queued and
/// happen when the test calls [#settle], or at once if it asked for that.
public final class SimulatedRuntime implements UnitRuntime {
    private static final class SimulatedUnit {
        UnitFile file;
        String active = "inactive";
        long generation;
        long startQueued;
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

    private final TreeMap<UnitName, SimulatedUnit> units = new TreeMap<>();
    private final List<Runnable> listeners = new ArrayList<>();
    private final List<String> history = new ArrayList<>();
    private boolean prompt;
    private boolean unavailable;

    /// Starts and stops happen as soon as they are asked for.
    public static SimulatedRuntime prompt() {
        var runtime = new SimulatedRuntime();
        runtime.prompt = true;
        return runtime;
    }

    /// Starts and stops happen when [#settle] is called.
    public static SimulatedRuntime slow() {
        return new SimulatedRuntime();
    }

    /// What happened to units, such as `started web@1.service 1`, in order.
    public synchronized ImmutableList<String> history() {
        return ImmutableList.copyOf(history);
    }

    public synchronized void unavailable(boolean nowUnavailable) {
        unavailable = nowUnavailable;
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
                unit.generation = unit.startQueued;
                unit.startQueued = 0;
                unit.become("active");
                history.add("started " + name + " " + unit.generation);
            }
            if (unit.forgotten && !unit.active.equals("active")) {
                units.remove(name);
            }
        }
        signal();
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
                history.add("loaded " + one.name());
            }
        }
        signal();
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
                unit.startQueued = one.generation();
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
    public void unload(Collection<UnitName> toUnload) throws RuntimeUnavailableException {
        synchronized (this) {
            available();
            for (var name : toUnload) {
                var unit = units.get(name);
                if (unit != null && isQuiet(name)) {
                    units.remove(name);
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
    public boolean journal(UnitName unit, int lines, boolean follow, Consumer<ImmutableList<JournalLine>> sink)
            throws InterruptedException {
        synchronized (this) {
            if (!units.containsKey(unit)) {
                return false;
            }
        }
        sink.accept(ImmutableList.of(new JournalLine(Instant.EPOCH, unit, "web[4711]", "hello")));
        if (follow) {
            new java.util.concurrent.Semaphore(0).acquire(); // until interrupted
        }
        return true;
    }

    @Override
    public void close() {}

    private static void stopOne(SimulatedUnit unit) {
        unit.generation = 0;
        if (unit.active.equals("active")) {
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
