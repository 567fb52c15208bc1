package io.flota.agent.steps;

import com.google.common.collect.ImmutableSet;
import com.google.common.collect.ImmutableSortedMap;
import com.google.common.collect.ImmutableSortedSet;
import io.flota.agent.steps.Situation.Stray;
import io.flota.agent.steps.Situation.Unreadable;
import io.flota.machine.MachineId;
import io.flota.unit.DesiredState;
import io.flota.unit.Placement;
import io.flota.unit.UnitName;
import io.flota.unit.UnitProperties;
import io.flota.unit.UnitState;
import java.time.Instant;
import java.util.TreeMap;
import java.util.TreeSet;

/// Builds situations for tests, in words.
final class Situations {
    static final MachineId HERE = new MachineId("0123456789abcdef0123456789abcdef");

    private final TreeMap<UnitName, Placement> placements = new TreeMap<>();
    private final TreeMap<UnitName, UnitState> observed = new TreeMap<>();
    private final TreeMap<UnitName, UnitProperties> properties = new TreeMap<>();
    private final TreeSet<String> stopped = new TreeSet<>();
    private final TreeMap<UnitName, Unreadable> unreadable = new TreeMap<>();
    private final TreeMap<UnitName, Stray> strays = new TreeMap<>();
    private final TreeMap<UnitName, String> withheld = new TreeMap<>();

    private final TreeSet<UnitName> undrained = new TreeSet<>();
    private final TreeMap<UnitName, Long> restarts = new TreeMap<>();

    static Situations situation() {
        return new Situations();
    }

    /// Placed in generation 3, with the file `new`, under the id `p-<unit>`.
    Situations placed(String unit, DesiredState target) {
        var name = new UnitName(unit);
        placements.put(name, new Placement(HERE, name, "new", target, 3, "p-" + unit, "carries least"));
        return this;
    }

    Situations observed(String unit, String active, long generation, String fileHash) {
        return observed(unit, "loaded", active, generation, fileHash);
    }

    Situations observed(String unit, String load, String active, long generation, String fileHash) {
        var state = new UnitState(load, active, "sub", fileHash, "", generation, Instant.EPOCH, "", 0, 0);
        observed.put(new UnitName(unit), state);
        return this;
    }

    /// Wanted over the file of a unit that is placed.
    Situations wanted(String unit, UnitProperties wanted) {
        var old = placements.get(new UnitName(unit));
        placements.put(old.unit(), new Placement(
                old.machine(), old.unit(), old.fileHash(), old.target(), old.generation(), old.id(), old.reason(),
                old.exclusive(), wanted, old.unread()));
        return this;
    }

    Situations set(String unit, UnitProperties set) {
        properties.put(new UnitName(unit), set);
        return this;
    }

    Situations stopped(String unit) {
        stopped.add("p-" + unit);
        return this;
    }

    Situations unreadable(String unit) {
        unreadable.put(new UnitName(unit), new Unreadable("not-found", "file new is gone"));
        return this;
    }

    Situations stray(String unit, Stray stray) {
        strays.put(new UnitName(unit), stray);
        return this;
    }

    Situations withheld(String unit) {
        withheld.put(new UnitName(unit), "not yet");
        return this;
    }

    Situations undrained(String unit) {
        undrained.add(new UnitName(unit));
        return this;
    }

    Situations restarts(String unit) {
        restarts.put(new UnitName(unit), 1L);
        return this;
    }

    Situation build() {
        return new Situation(
                ImmutableSortedMap.copyOf(placements),
                ImmutableSortedMap.copyOf(observed),
                ImmutableSortedMap.copyOf(properties),
                ImmutableSet.copyOf(stopped),
                ImmutableSortedMap.copyOf(unreadable),
                ImmutableSortedMap.copyOf(withheld),
                ImmutableSortedSet.copyOf(undrained),
                ImmutableSortedMap.copyOf(restarts),
                ImmutableSortedMap.copyOf(strays));
    }
}
