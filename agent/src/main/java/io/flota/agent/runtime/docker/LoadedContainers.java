package io.flota.agent.runtime.docker;

import com.google.common.collect.ImmutableSortedMap;
import com.google.common.collect.ImmutableSortedSet;
import io.flota.unit.UnitName;
import io.flota.unit.UnitProperties;
import io.flota.unit.UnitState;
import java.io.IOException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;

/// The units of containers that are loaded here, and all others of which there still are containers. For any thread.
final class LoadedContainers {
    private final Sightings sightings;
    private final InstantSource clock;
    private final Runnable signal;

    private final TreeMap<UnitName, ContainerCell> cells = new TreeMap<>();
    private Optional<String> outage = Optional.empty();

    /// @param signal is called when something else is wanted
    LoadedContainers(Sightings sightings, InstantSource clock, Runnable signal) {
        this.sightings = sightings;
        this.clock = clock;
        this.signal = signal;
    }

    // What is wanted

    /// @param fresh whether its image is to be had now, ahead of its start
    void load(ContainerUnit unit, boolean fresh) {
        synchronized (this) {
            var cell = cells.computeIfAbsent(unit.name(), _ -> new ContainerCell());
            cell.unit = Optional.of(unit);
            cell.leaves = false;
            cell.since = clock.instant();
            cell.pull = new Object();
            if (fresh && cell.readable().isPresent()) {
                cell.image = new ImageSight.Wanted();
            }
        }
        signal.run();
    }

    /// Goes once the machine's runtime has forgotten it.
    void leave(UnitName unit) {
        with(unit, cell -> cell.leaves = true);
    }

    /// It is a container no more.
    void forget(UnitName unit) {
        with(unit, cell -> cell.unit = Optional.empty());
    }

    void started(UnitName unit, long generation) {
        with(unit, cell -> cell.generation = generation);
    }

    void setProperties(UnitName unit, UnitProperties properties) {
        with(unit, cell -> cell.properties = properties);
    }

    private void with(UnitName unit, Consumer<ContainerCell> change) {
        boolean known;
        synchronized (this) {
            var cell = Optional.ofNullable(cells.get(unit));
            cell.ifPresent(change);
            known = cell.isPresent();
        }
        if (known) {
            signal.run();
        }
    }

    // What is known

    /// A unit that is loaded here, with what is known of it.
    ///
    /// @param generation of one that cannot be read
    /// @param container what runs of it
    /// @param note for the operator; may be empty
    record Known(
            ContainerUnit unit, long generation, Instant since, Optional<SeenContainer> container,
            UnitState.Health health, String note) {}

    synchronized ImmutableSortedMap<UnitName, Known> known() {
        var known = ImmutableSortedMap.<UnitName, Known>naturalOrder();
        var now = clock.instant();
        cells.forEach((name, cell) -> cell.unit.ifPresent(unit -> {
            var container = sightings.running(name);
            known.put(name, new Known(
                    unit, cell.generation, cell.since, container, cell.health(container, now), note(cell)));
        }));
        return known.build();
    }

    private String note(ContainerCell cell) {
        var waits = switch (cell.image) {
            case ImageSight.Coming(String progress) -> "waits for its image: " + progress;
            case ImageSight.Missing(String because, Instant again) when !again.equals(Instant.MAX) ->
                "waits for its image, which is tried again: " + because;
            case ImageSight.Missing(String because, _) -> because;
            case ImageSight.Wanted _, ImageSight.Here _, ImageSight.Used _ -> "";
        };
        return waits.isEmpty() ? outage.filter(_ -> cell.readable().isPresent()).orElse(cell.note) : waits;
    }

    synchronized Optional<ContainerUnit> unit(UnitName name) {
        return Optional.ofNullable(cells.get(name)).flatMap(cell -> cell.unit);
    }

    /// What operators have set of units that cannot be read.
    synchronized ImmutableSortedMap<UnitName, UnitProperties> properties() {
        var properties = ImmutableSortedMap.<UnitName, UnitProperties>naturalOrder();
        cells.forEach((unit, cell) -> {
            if (cell.unit.isPresent() && cell.readable().isEmpty()) {
                properties.put(unit, cell.properties);
            }
        });
        return properties.build();
    }

    synchronized boolean isEmpty() {
        return cells.isEmpty();
    }

    /// Those that are loaded, and those that have containers.
    synchronized Set<UnitName> units() {
        var units = new TreeSet<>(cells.keySet());
        units.addAll(sightings.units());
        return units;
    }

    // For who reconciles

    /// @param because why Docker cannot be asked; empty if it can
    synchronized void reached(Optional<String> because) {
        outage = because;
    }

    /// Forgets those that have to leave, and did.
    ///
    /// @param services that the machine's runtime knows
    /// @param left is told of each before it can be loaded anew
    synchronized void forgetLeft(ImmutableSortedSet<UnitName> services, Consumer<UnitName> left) {
        cells.forEach((unit, cell) -> {
            if (cell.leaves && !services.contains(unit)) {
                left.accept(unit);
                cell.unit = Optional.empty();
                cell.leaves = false;
            }
        });
    }

    /// What is done with a unit while nobody else changes any.
    interface Visit {
        void at(UnitName unit, ContainerCell cell) throws IOException;
    }

    /// Visits all [#units].
    synchronized void each(Visit visit) throws IOException {
        for (var unit : units()) {
            visit.at(unit, cells.computeIfAbsent(unit, _ -> new ContainerCell()));
        }
        cells.values().removeIf(cell -> cell.unit.isEmpty() && cell.underway.isEmpty());
    }

    /// Changes a unit's cell from another thread than the one that reconciles.
    void change(Runnable change) {
        synchronized (this) {
            change.run();
        }
        signal.run();
    }
}
