package io.flota.agent.runtime.systemd;

import static com.google.common.collect.ImmutableSet.toImmutableSet;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import com.google.common.collect.ImmutableSortedMap;
import io.flota.agent.runtime.systemd.Entry.Broken;
import io.flota.unit.UnitName;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Stream;

/// Units of the host's own that have the name of a unit that is placed here: Flota neither starts nor stops them.
final class HostUnits {
    /// What a start does to other units than the one that is started, or may do once that runs.
    private static final ImmutableList<String> EFFECTS = ImmutableList.of(
            "Requires", "BindsTo", "Wants", "Upholds", "Conflicts", "Triggers", "OnFailure", "OnSuccess");

    private final Units units;
    private final StateFiles files;

    HostUnits(Units units, StateFiles files) {
        this.units = units;
        this.files = files;
    }

    /// Of these units, those that systemd knows as units of the host's own; each with what to say of it.
    ImmutableSortedMap<UnitName, Broken> among(Systemd systemd, Collection<UnitName> names) throws BusLostException {
        var foreign = ImmutableSortedMap.<UnitName, Broken>naturalOrder();
        systemd.fragments(names).forEach((name, fragment) -> {
            if (isForeign(name, fragment)) {
                foreign.put(name, broken(name, ", " + fragment));
            }
        });
        return foreign.build();
    }

    /// As [#among], of units that no file of ours is linked for: what systemd has without a file is not ours, such as a
    /// mount.
    ImmutableSortedMap<UnitName, Broken> amongUnlinked(Systemd systemd, Collection<UnitName> names)
            throws BusLostException {
        var foreign = ImmutableSortedMap.<UnitName, Broken>naturalOrder();
        for (var found : systemd.fragments(names).entrySet()) {
            var name = found.getKey();
            try {
                boolean hosts = found.getValue().isEmpty()
                        ? !systemd.property(name.full(), "LoadState").toString().equals("not-found")
                        : isForeign(name, found.getValue());
                if (hosts) {
                    // Asked again: it may have come just after the first question.
                    var fragment = systemd.property(name.full(), "FragmentPath").toString();
                    foreign.put(name, broken(name, fragment.isEmpty() ? "" : ", " + fragment));
                }
            } catch (RefusedException e) {
                foreign.put(name, unknown(e));
            }
        }
        return foreign.build();
    }

    /// @param fragment where systemd has read it; empty if it has it from no file
    boolean isForeign(UnitName unit, String fragment) {
        return !fragment.isEmpty() && !files.isOurs(unit, fragment);
    }

    static Broken broken(UnitName unit, String path) {
        return new Broken(
                "error", "this host has a unit of its own with the name " + unit + path + "; give yours another name",
                true);
    }

    private static Broken unknown(RefusedException because) {
        return new Broken(
                "error", "systemd does not say whether this host has a unit of its own with this name: "
                        + because.getMessage(),
                true);
    }

    /// What a start would do to such a unit; empty if it would leave them all alone.
    Optional<String> touched(Systemd systemd, UnitName start) throws BusLostException {
        var foreign = units.entries().stream()
                .filter(entry -> entry.isForeign() && entry.isDown())
                .map(Entry::name)
                .collect(toImmutableSet());
        try {
            return reached(systemd, start, foreign).map(effect -> effect.of() + " would have " + effect.on()
                    + " started or stopped, which is not the one that is placed here but this host's own");
        } catch (RefusedException e) {
            return Optional.of("systemd does not say what starts with it: " + e.getMessage());
        }
    }

    /// Those of these units that can be started before systemd has read the files of others.
    ImmutableList<Entry> without(Systemd systemd, List<Entry> starts, List<Entry> unread) throws BusLostException {
        var names = unread.stream().map(Entry::name).collect(toImmutableSet());
        var free = ImmutableList.<Entry>builder();
        for (var entry : starts) {
            try {
                if (reached(systemd, entry.name(), names).isEmpty()) {
                    free.add(entry);
                }
            } catch (RefusedException _) {
                continue; // it waits, as for one that needs what is unread
            }
        }
        return free.build();
    }

    /// What the start of one unit does to another.
    private record Effect(UnitName of, UnitName on) {}

    /// The first of these units that the start of one does something to, by itself or by way of others of ours.
    private Optional<Effect> reached(Systemd systemd, UnitName start, ImmutableSet<UnitName> looked)
            throws BusLostException, RefusedException {
        if (looked.isEmpty()) {
            return Optional.empty();
        }
        var seen = new TreeSet<UnitName>();
        var next = new ArrayDeque<>(List.of(start));
        while (!next.isEmpty()) {
            var unit = next.remove();
            for (var other : seen.add(unit) ? effects(systemd, unit) : ImmutableSet.<UnitName>of()) {
                if (looked.contains(other)) {
                    return Optional.of(new Effect(unit, other));
                }
                if (units.knows(other)) {
                    next.add(other);
                }
            }
        }
        return Optional.empty();
    }

    private static ImmutableSet<UnitName> effects(Systemd systemd, UnitName unit)
            throws BusLostException, RefusedException {
        Map<String, Object> properties = systemd.properties(unit.full());
        return EFFECTS.stream()
                .flatMap(effect -> names(properties.get(effect)))
                .filter(name -> UnitName.problem(name).isEmpty())
                .map(UnitName::new)
                .collect(toImmutableSet());
    }

    /// A list, as the bus has it; one of an older systemd may be missing.
    private static Stream<String> names(Object value) {
        return switch (value) {
            case Collection<?> some -> some.stream().map(Object::toString);
            case Object[] some -> Arrays.stream(some).map(Object::toString);
            case null, default -> Stream.empty();
        };
    }
}
