package io.flota.examples.faults;

import io.flota.examples.faults.Registrar.Change;
import io.flota.machine.MachineId;
import io.flota.registry.Fact;
import io.flota.registry.Key;
import io.flota.registry.Key.PlacementKey;
import io.flota.unit.DesiredState;
import io.flota.unit.Placement;
import io.flota.unit.Unit;
import io.flota.unit.UnitName;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// Reads the registry's history in the order of its revisions, and finds placements that were changed or taken away
/// although the unit was wanted just so, its machine was there, and nobody had asked for anything.
final class Decisions {
    private record Placed(Placement placement, long revision, boolean wasUnwanted) {}

    private final Map<UnitName, Unit> units = new HashMap<>();
    private final Map<UnitName, Long> unitChanged = new HashMap<>();
    private final Map<MachineId, Long> machineAway = new HashMap<>(); // the last revision at which it was away
    private final Set<MachineId> machines = new HashSet<>();
    private final Map<UnitName, Long> failuresChanged = new HashMap<>();
    private final Map<MachineId, Long> policyChanged = new HashMap<>();
    private final Map<PlacementKey, Placed> placements = new HashMap<>();
    private final Map<String, Long> anchorMoved = new HashMap<>();
    private final Map<String, String> anchors;
    private final List<String> groundless = new ArrayList<>();

    /// @param anchors units that follow another one, by the name of the follower
    private Decisions(Map<String, String> anchors) {
        this.anchors = anchors;
    }

    /// @return what was decided for no reason, in words
    static List<String> groundless(List<Change> history, Map<String, String> anchors) {
        var decisions = new Decisions(anchors);
        history.forEach(decisions::read);
        return decisions.groundless;
    }

    /// @return which placements were changed without an event that tells of it, in words
    static List<String> untold(List<Change> history) {
        var told = history.stream()
                .flatMap(change -> change.fact()
                        .filter(fact -> fact instanceof Fact.EventFact)
                        .flatMap(fact -> ((Fact.EventFact) fact).happening().unit())
                        .map(unit -> new Told(change.revision(), unit))
                        .stream())
                .collect(Collectors.toSet());
        return history.stream()
                .filter(change -> change.key() instanceof PlacementKey key
                        && !told.contains(new Told(change.revision(), key.unit())))
                .map(change -> "revision %d: no event tells of %s, which became %s"
                        .formatted(change.revision(), change.key(), change.fact()))
                .toList();
    }

    private record Told(long revision, UnitName unit) {}

    private void read(Change change) {
        switch (change.key()) {
            case Key.UnitKey(var name) -> {
                unitChanged.put(name, change.revision());
                if (change.fact().orElse(null) instanceof Fact.UnitFact(var unit, _)) {
                    units.put(name, unit);
                } else {
                    units.remove(name);
                }
            }
            case Key.MachineKey(var id) -> {
                if (change.fact().isPresent()) {
                    machines.add(id);
                } else {
                    machines.remove(id);
                }
                machineAway.put(id, change.revision()); // up to now, or from now on
            }
            case Key.FailuresKey(_, var name) -> failuresChanged.put(name, change.revision());
            case Key.PolicyKey(var id) -> policyChanged.put(id, change.revision());
            case PlacementKey key -> read(key, change);
            case Key.FileKey _, Key.StateKey _, Key.LeaderKey _, Key.ValveKey _ -> {}
            case Key.EndpointKey _, Key.EventKey _, Key.SchedulerKey _ -> {}
        }
    }

    private void read(PlacementKey key, Change change) {
        var before = Optional.ofNullable(placements.get(key));
        Optional<Placement> now = change.fact().flatMap(
                fact -> fact instanceof Fact.PlacementFact(var placement, _) ? Optional.of(placement) : Optional.empty());
        if (before.isPresent() && !isGrounded(key, before.get(), change.revision())) {
            groundless.add("revision %d: the placement of %s on %s became %s, though %s".formatted(
                    change.revision(), key.unit(), key.machine(), now, before.get().placement()));
        }
        anchorMoved.put(key.unit().toString(), change.revision());
        if (now.isPresent()) {
            placements.put(key, new Placed(now.get(), change.revision(), isUnwanted(now.get())));
        } else {
            placements.remove(key);
        }
    }

    private boolean isGrounded(PlacementKey key, Placed before, long revision) {
        return before.wasUnwanted()
                || isUnwanted(before.placement())
                || !machines.contains(key.machine())
                || since(before, unitChanged, key.unit())
                || since(before, machineAway, key.machine())
                || since(before, failuresChanged, key.unit())
                || since(before, policyChanged, key.machine())
                || since(before, anchorMoved, anchors.getOrDefault(key.unit().toString(), ""));
    }

    private static <K> boolean since(Placed before, Map<K, Long> changed, K what) {
        return changed.getOrDefault(what, 0L) >= before.revision();
    }

    /// Whether it is not what the unit's record asks for, as far as that had come.
    private boolean isUnwanted(Placement placement) {
        var unit = units.get(placement.unit());
        return unit == null
                || unit.desired() == DesiredState.INACTIVE
                || unit.desired() != placement.target()
                || unit.generation() != placement.generation()
                || !unit.fileHash().equals(placement.fileHash());
    }
}
