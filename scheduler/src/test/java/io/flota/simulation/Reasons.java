package io.flota.simulation;

import com.google.common.collect.ImmutableSortedMap;
import io.flota.machine.Machine;
import io.flota.machine.MachineId;
import io.flota.machine.Policy;
import io.flota.registry.Fact.UnitFact;
import io.flota.unit.DesiredState;
import io.flota.unit.PartitionRules;
import io.flota.unit.PlacementRules;
import io.flota.unit.UnitFile;
import io.flota.unit.UnitName;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/// What operators did and what befell machines: the only reasons for which a healthy unit may be stopped.
final class Reasons {
    /// How long it may take until what was changed is acted upon.
    private static final Duration MOMENT = Duration.ofSeconds(15);
    private static final Duration NEVER = Duration.ofDays(-1);
    private static final Duration ALWAYS = Duration.ofDays(1);
    /// How long a machine may be away; what changes meanwhile is acted upon when it is back.
    private static final Duration AWAY = Duration.ofMinutes(2);

    /// One life of a unit's processes on one machine.
    ///
    /// @param registered the unit's mod revision when it began
    /// @param away whether its machine was away then: it was the second half of a restart, or a `Restart=`
    record Run(Duration since, UnitFile file, long generation, long registered, boolean away) {}

    private final Truth truth;
    private final Troubles troubles;
    private final TreeSet<String> handsOver = new TreeSet<>();
    private final TreeMap<UnitName, Duration> changedAt = new TreeMap<>();
    private final TreeMap<UnitName, Duration> placedAt = new TreeMap<>();
    private final TreeMap<MachineId, ImmutableSortedMap<String, String>> told = new TreeMap<>();
    private final TreeMap<MachineId, Policy> policies = new TreeMap<>();
    /// When a machine's metadata changed, as its agent tells it or as an operator wants it.
    private final TreeMap<MachineId, Duration> describedAt = new TreeMap<>();
    /// When a machine was drained last, or began to be.
    private final TreeMap<MachineId, Duration> drainedAt = new TreeMap<>();
    /// Until when etcd told of a copy of a unit that is up.
    private final TreeMap<UnitName, TreeMap<MachineId, Duration>> toldUpUntil = new TreeMap<>();

    Reasons(Truth truth, Troubles troubles) {
        this.truth = truth;
        this.troubles = troubles;
    }

    void handsOver(String place) {
        handsOver.add(place);
    }

    boolean isHandingOver(String place) {
        return handsOver.contains(place);
    }

    void agentStarts(String place) {
        handsOver.remove(place);
    }

    void changed(UnitName unit, Duration at) {
        changedAt.put(unit, at);
    }

    void placed(UnitName unit, Duration at) {
        placedAt.put(unit, at);
    }

    void told(MachineId machine, UnitName unit, boolean up, Duration at) {
        var copies = toldUpUntil.computeIfAbsent(unit, _ -> new TreeMap<>());
        if (up) {
            copies.put(machine, ALWAYS);
        } else {
            copies.computeIfPresent(machine, (_, until) -> until.equals(ALWAYS) ? at : until);
        }
    }

    void registered(Machine machine, Duration at) {
        if (!machine.metadata().equals(told.put(machine.id(), machine.metadata()))) {
            describedAt.put(machine.id(), at);
        }
    }

    void policy(MachineId machine, Policy policy, Duration at) {
        var last = Optional.ofNullable(policies.put(machine, policy)).orElse(Policy.NONE);
        if (!policy.over(ImmutableSortedMap.of()).equals(last.over(ImmutableSortedMap.of()))) {
            describedAt.put(machine, at);
        }
        if (policy.draining() || last.draining()) {
            drainedAt.put(machine, at);
        }
    }

    /// Whether something has happened since a run began that is a reason to end it.
    ///
    /// @param elsewhere whether another copy of the unit runs
    boolean isThereOne(SimMachine machine, UnitName unit, Run run, boolean elsewhere, Duration now) {
        var rules = SimProgram.rules(unit, run.file());
        var partition = rules.partition();
        boolean leaseCounts = partition.exclusive() || partition.onDisconnect() == PartitionRules.OnDisconnect.STOP;
        return handsOver.contains(machine.place())
                || (leaseCounts && troubles.isLeaseInDoubt(machine.place(), now))
                || (partition.onReconnect() == PartitionRules.OnReconnect.OLDEST
                        && (elsewhere || isToldUpElsewhere(machine.id(), unit, now)))
                || rules.standby().isPresent() // when it may be put to rest, StandIns knows
                || isOfItsMachine(machine, rules, run, now)
                || isChanged(unit, run, now)
                || isChangedWhileAway(machine, unit, run, now)
                || isOfOthers(unit, run);
    }

    /// A copy that has died counts for as long as the leader may not know.
    private boolean isToldUpElsewhere(MachineId machine, UnitName unit, Duration now) {
        return toldUpUntil.getOrDefault(unit, new TreeMap<>()).entrySet().stream()
                .anyMatch(copy -> !copy.getKey().equals(machine) && isSince(copy.getValue(), now.minus(MOMENT)));
    }

    private boolean isOfItsMachine(SimMachine machine, PlacementRules rules, Run run, Duration now) {
        var lately = run.since().minus(MOMENT);
        var drained = drainedAt.getOrDefault(machine.id(), NEVER);
        boolean drains = Optional.ofNullable(policies.get(machine.id()))
                .filter(Policy::draining)
                .isPresent();
        return troubles.isLostSince(machine.place(), run.away() ? now.minus(AWAY) : run.since())
                || drains
                || (isSince(drained, lately) && isSince(drained, now.minus(AWAY)))
                || (!rules.metadata().isEmpty() && isSince(describedAt.getOrDefault(machine.id(), NEVER), lately));
    }

    private boolean isChanged(UnitName unit, Run run, Duration now) {
        var registered = truth.registered(unit);
        return isSince(changedAt.getOrDefault(unit, NEVER), now.minus(MOMENT))
                || registered.isEmpty()
                || registered.get().modRevision() != run.registered()
                || registered.get().unit().generation() != run.generation()
                || registered.get().unit().desired() != DesiredState.LAUNCHED
                || !registered.get().unit().fileHash().equals(run.file().hash());
    }

    private boolean isChangedWhileAway(SimMachine machine, UnitName unit, Run run, Duration now) {
        var lately = now.minus(AWAY);
        return isSince(run.since(), now.minus(troubles.isLeaderInDoubt(now) ? AWAY : MOMENT))
                && troubles.isLostSince(machine.place(), lately)
                && Stream.concat(Stream.of(unit), related(unit, run.file()).stream())
                        .anyMatch(one -> isSince(changedAt.getOrDefault(one, NEVER), lately));
    }

    private boolean isOfOthers(UnitName unit, Run run) {
        var related = related(unit, run.file());
        var lately = run.since().minus(MOMENT);
        return (!related.isEmpty() && troubles.isAnyLostSince(lately))
                || related.stream()
                        .anyMatch(other -> isSince(changedAt.getOrDefault(other, NEVER), lately)
                                || isSince(placedAt.getOrDefault(other, NEVER), lately));
    }

    /// Units whose affairs are this one's, too: those that its file names, and those whose files name it.
    private List<UnitName> related(UnitName unit, UnitFile file) {
        var own = SimProgram.rules(unit, file);
        var related = new ArrayList<>(own.machineOf());
        truth.units().stream()
                .map(UnitFact::unit)
                .filter(other -> !other.name().equals(unit))
                .filter(other -> names(own, other.name())
                        || truth.rules(other.name(), other.fileHash())
                                .filter(rules -> names(rules, unit))
                                .isPresent())
                .forEach(other -> related.add(other.name()));
        return related;
    }

    private static boolean names(PlacementRules rules, UnitName unit) {
        return rules.machineOf().contains(unit)
                || rules.conflicts().stream().anyMatch(glob -> glob.matches(unit.full()))
                || rules.replaces().stream().anyMatch(glob -> glob.matches(unit.full()));
    }

    private static boolean isSince(Duration at, Duration then) {
        return at != null && at.compareTo(then) >= 0;
    }
}
