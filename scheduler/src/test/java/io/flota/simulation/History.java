package io.flota.simulation;

import com.google.common.collect.ImmutableList;
import io.flota.machine.MachineId;
import io.flota.machine.Policy;
import io.flota.registry.Codec;
import io.flota.registry.Fact;
import io.flota.registry.Fact.EndpointFact;
import io.flota.registry.Fact.FileFact;
import io.flota.registry.Fact.MachineFact;
import io.flota.registry.Fact.PlacementFact;
import io.flota.registry.Fact.PolicyFact;
import io.flota.registry.Fact.StateFact;
import io.flota.registry.Fact.UnitFact;
import io.flota.registry.Fact.ValveFact;
import io.flota.registry.Key;
import io.flota.registry.Keys;
import io.flota.store.Entry;
import io.flota.store.Outcome;
import io.flota.store.Transaction;
import io.flota.store.WatchListener;
import io.flota.unit.DesiredState;
import io.flota.unit.PartitionRules;
import io.flota.unit.Placement;
import io.flota.unit.PlacementRules;
import io.flota.unit.Standby;
import io.flota.unit.UnitFile;
import io.flota.unit.UnitName;
import io.flota.unit.UnitState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;

/// What really happened, seen from outside: each write to etcd and each process of each unit. It knows at every step
/// whether a promise was broken.
final class History implements SimEtcd.Witness {
    private static final Keys KEYS = Keys.DEFAULT;
    /// What a unit and its agent need at most to stop it once its time is over.
    private static final Duration STOPS = Duration.ofSeconds(4);

    private final SimCluster cluster;
    private final Story story;
    private final Codec codec = new Codec(KEYS);
    private final List<String> breaches = new ArrayList<>();
    private final TreeMap<String, Reasons.Run> runs = new TreeMap<>();
    private final TreeMap<String, PlacementCheck> checks = new TreeMap<>();
    private final TreeMap<UnitName, Long> epochs = new TreeMap<>();
    /// Keys of the states that tell that a unit is up.
    private final TreeSet<String> toldUp = new TreeSet<>();
    private final Overlaps overlaps = new Overlaps(this::breach);
    private final Truth truth;
    private final Troubles troubles;
    private final Reasons reasons;
    private final MassLosses massLosses;
    private final StandIns standIns = new StandIns(this::breach);
    private final EndpointCheck endpoints = new EndpointCheck(this::breach);
    /// The last thing that was written of each unit, or that its processes did; and, under no name, of all else.
    private final TreeMap<String, Stir> stirs = new TreeMap<>();

    /// @param unit whose it is; empty: nobody's
    record Stir(Duration at, Optional<UnitName> unit, String what) {}

    History(SimCluster cluster, Script.Shape shape, Story story) {
        this.cluster = cluster;
        this.story = story;
        this.truth = new Truth(cluster);
        this.troubles = new Troubles(shape);
        this.reasons = new Reasons(truth, troubles);
        this.massLosses = new MassLosses(shape.machines(), this::breach);
    }

    /// From now on all that happens in etcd is seen.
    void watch() {
        cluster.etcd().state().witness(new WatchListener() {
            @Override
            public void changed(long revision, ImmutableList<Event> events) {
                events.forEach(History.this::happened);
            }

            @Override
            public void broken(String reason) {
                throw new IllegalStateException(reason);
            }
        });
    }

    /// Broken promises, in words.
    List<String> breaches() {
        return breaches;
    }

    void breach(String what) {
        story.add(now(), "BREACH: " + what);
        breaches.add(what);
    }

    /// What has moved since then, but for what is only told, and for what time alone does: that a valve was released is
    /// forgotten a minute after the loss, and a failure an hour after it, by calendars that somebody may have set.
    List<Stir> stirsSince(Duration then) {
        return stirs.values().stream().filter(stir -> stir.at().compareTo(then) > 0).toList();
    }

    private void stirred(Optional<UnitName> unit, String what) {
        stirs.put(unit.map(UnitName::full).orElse(""), new Stir(now(), unit, what));
    }

    /// What etcd holds.
    Truth truth() {
        return truth;
    }

    void acted(Act act) {
        story.add(now(), act.toString());
        troubles.acted(act, now());
    }

    /// A message of a place is late by so much.
    void late(String place, Duration by) {
        troubles.late(place, by, now());
    }

    /// Something that has to be known to understand the story.
    void note(String what) {
        story.add(now(), what);
    }

    void handsOver(SimMachine machine) {
        reasons.handsOver(machine.place());
    }

    void agentStarts(SimMachine machine) {
        reasons.agentStarts(machine.place());
    }

    /// A process is about to send a write.
    ///
    /// @param goesOn whether it has not waited for anything since its last write
    /// @return whether it is about placements
    boolean decided(SimProcess writer, Transaction transaction, boolean goesOn) {
        boolean places = placesSomething(transaction);
        if (places) {
            scheduler(writer).ifPresent(scheduler -> checks
                    .computeIfAbsent(writer.name(), _ -> new PlacementCheck(this::breach))
                    .check(scheduler.knew(), transaction, goesOn));
        }
        return places;
    }

    @Override
    public void committed(SimProcess writer, Transaction transaction, Outcome outcome) {
        if (!placesSomething(transaction)) {
            return;
        }
        var leader = Optional.ofNullable(truth.of(KEYS.leader()).entries().get(KEYS.leader()));
        var owner = leader.map(entry -> cluster.etcd().owner(entry.leaseId())).orElse("nobody");
        if (!owner.equals(writer.name())) {
            breach(writer.name() + " wrote placements while " + owner + " led");
        }
        onePlacementEach();
        cluster.scheduler(writer.name())
                .flatMap(SimScheduler::knowsSince)
                .ifPresent(since -> massLosses.committed(transaction, since));
        transaction.writes().forEach(this::onlyWhatIsWanted);
    }

    @Override
    public void renewed(String process) {
        cluster.machine(process).ifPresent(machine -> massLosses.renewed(machine.id(), now()));
    }

    /// Nothing is started that an operator has stopped or destroyed meanwhile.
    private void onlyWhatIsWanted(Transaction.Write write) {
        if (write instanceof Transaction.Put(var key, var value, long lease)
                && codec.decode(new Entry(key, value, 1, 1, lease)).orElse(null)
                        instanceof PlacementFact(var placement, var _)
                && placement.target() != DesiredState.INACTIVE) {
            var wanted = truth.registered(placement.unit()).map(fact -> fact.unit().desired());
            if (placement.target() == DesiredState.LOADED && wanted.equals(Optional.of(DesiredState.LAUNCHED))) {
                standIns.rests(placement.unit(), standby(placement), now());
            } else if (!wanted.equals(Optional.of(placement.target()))) {
                breach(placement.unit() + " is placed to be " + placement.target() + ", and wanted is "
                        + wanted.map(DesiredState::name).orElse("none"));
            }
        }
    }

    private static boolean placesSomething(Transaction transaction) {
        return transaction.writes().stream().anyMatch(write -> write.key().startsWith(KEYS.placements()));
    }

    private Optional<SimScheduler> scheduler(SimProcess writer) {
        return cluster.schedulers().stream()
                .filter(scheduler -> scheduler.process().equals(Optional.of(writer)))
                .findFirst();
    }

    /// No ordinary unit is to run on two machines by what is written.
    private void onePlacementEach() {
        var seen = new TreeMap<UnitName, String>();
        for (var entry : truth.of(KEYS.placements()).entries().values()) {
            if (codec.decode(entry).orElseThrow() instanceof PlacementFact(var placement, var _)
                    && placement.target() != DesiredState.INACTIVE
                    && !truth.isGlobal(placement.unit(), placement.fileHash())) {
                var other = seen.put(placement.unit(), entry.key());
                if (other != null) {
                    breach(placement.unit() + " has two placements, " + other + " and " + entry.key());
                }
            }
        }
    }

    private void happened(WatchListener.Event event) {
        var key = KEYS.parse(event.key());
        boolean passes = event.key().equals(KEYS.valve())
                || event instanceof WatchListener.Deleted && event.key().startsWith(KEYS.failures());
        if (!event.key().startsWith(KEYS.events()) && !passes) {
            stirred(key.flatMap(truth::unit), "etcd has changed at " + event.key());
        }
        switch (event) {
            case WatchListener.Deleted _ -> key.ifPresent(this::deleted);
            case WatchListener.Written(var entry) -> {
                codec.decode(entry).ifPresent(fact -> {
                    written(fact, cluster.etcd().owner(entry.leaseId()));
                    if (story.isTold()) {
                        story.add(now(), "  etcd: "
                                + (fact instanceof FileFact file ? "file " + file.hash() : fact.toString()));
                    }
                });
            }
        }
    }

    /// @param owner whose lease it is under
    private void written(Fact fact, String owner) {
        switch (fact) {
            case MachineFact(var machine) -> {
                massLosses.registered(machine, now());
                reasons.registered(machine, now());
            }
            case UnitFact(var unit, var _) -> reasons.changed(unit.name(), now());
            case PolicyFact(var machine, var policy, var _) -> reasons.policy(machine, policy, now());
            case ValveFact(var valve, var _) -> massLosses.stands(valve, this::isDraining, now());
            case StateFact(var machine, var unit, var state) -> told(machine, unit, Optional.of(state));
            case PlacementFact(var placement, var _) -> {
                reasons.placed(placement.unit(), now());
                standIns.placed(placement, standby(placement), now());
            }
            case EndpointFact(var endpoint, var _) -> cluster.machines().stream()
                    .filter(machine -> machine.id().equals(endpoint.machine()))
                    .forEach(machine -> endpoints.written(endpoint, owner, machine, now()));
            default -> {}
        }
    }

    /// What it stands by for, if that is why it is loaded: an operator may want no more.
    private Optional<Standby> standby(Placement placement) {
        return truth.registered(placement.unit())
                .filter(fact -> fact.unit().desired() == DesiredState.LAUNCHED)
                .flatMap(_ -> truth.rules(placement.unit(), placement.fileHash()))
                .flatMap(PlacementRules::standby);
    }

    private void told(MachineId machine, UnitName unit, Optional<UnitState> state) {
        boolean up = state.filter(it -> !it.isDown()).isPresent();
        standIns.told(machine, unit, state, now());
        reasons.told(machine, unit, up, now());
        var key = KEYS.state(machine, unit);
        if (up) {
            toldUp.add(key);
        } else {
            toldUp.remove(key);
        }
    }

    private void deleted(Key key) {
        story.add(now(), "  etcd: gone: " + key);
        switch (key) {
            case Key.MachineKey(var id) ->
                cluster.machines().stream().filter(one -> one.id().equals(id)).forEach(this::lost);
            case Key.UnitKey(var unit) -> reasons.changed(unit, now());
            case Key.PolicyKey(var machine) -> reasons.policy(machine, Policy.NONE, now());
            case Key.PlacementKey(var machine, var unit) -> {
                reasons.placed(unit, now());
                standIns.removed(machine, unit);
            }
            case Key.StateKey(var machine, var unit) -> told(machine, unit, Optional.empty());
            default -> {}
        }
    }

    /// A machine's lease has ended, or its agent has left.
    private void lost(SimMachine machine) {
        troubles.lost(machine.place(), now());
        overlaps.lost(machine.id(), now());
        boolean toldNone = toldUp.stream().noneMatch(key -> key.startsWith(KEYS.states(machine.id())));
        boolean leaves = reasons.isHandingOver(machine.place()) || toldNone || overlaps.on(machine.id()).isEmpty();
        boolean drained =
                isDraining(machine.id()) && truth.of(KEYS.placements(machine.id())).entries().isEmpty();
        massLosses.lost(machine.id(), leaves, drained, now());
        overlaps.on(machine.id()).forEach((unit, copy) -> {
            if (copy.isExclusive() && !troubles.isMisled(machine.place(), now())) {
                breach(unit + " is exclusive, and on " + machine + " it outlives the machine's lease");
            }
            if (copy.rules().partition().onDisconnect() == PartitionRules.OnDisconnect.STOP) {
                var over = copy.rules().partition().grace().plus(STOPS);
                var loss = now();
                cluster.timeline().after(over, () -> {
                    if (overlaps.isLast(machine.id(), loss)) { // else it has been back meanwhile
                        mustHaveStopped(machine, unit, copy);
                    }
                });
            }
        });
    }

    private boolean isDraining(MachineId machine) {
        return truth.of(KEYS.policy(machine)).entries().values().stream()
                .flatMap(entry -> codec.decode(entry).stream())
                .anyMatch(fact -> fact instanceof PolicyFact policy && policy.policy().draining());
    }

    /// Its time is over; an agent that has just come back gets a moment.
    private void mustHaveStopped(SimMachine machine, UnitName unit, Overlaps.Copy copy) {
        if (outlives(machine, unit, copy)) {
            cluster.timeline().after(Duration.ofSeconds(1), () -> {
                if (outlives(machine, unit, copy)) {
                    breach(machine + " has not stopped " + unit + " though it was cut off");
                }
            });
        }
    }

    private boolean outlives(SimMachine machine, UnitName unit, Overlaps.Copy copy) {
        boolean same = Optional.ofNullable(overlaps.on(machine.id()).get(unit))
                .filter(now -> now.since().equals(copy.since()))
                .isPresent();
        boolean absent = truth.of(KEYS.machine(machine.id())).entries().isEmpty();
        return same && absent && machine.agent().filter(process -> !process.isPaused()).isPresent();
    }

    /// Sees the units of one machine.
    SimSystemd.Witness on(SimMachine machine) {
        return new SimSystemd.Witness() {
            @Override
            public void began(UnitName unit, UnitFile file, long generation, long epoch) {
                stirred(Optional.of(unit), machine + " started " + unit);
                story.add(now(), "    " + machine + " starts " + unit + " " + generation + " epoch " + epoch);
                var rules = SimProgram.rules(unit, file);
                boolean known = !truth.of(KEYS.machine(machine.id())).entries().isEmpty();
                overlaps.began(machine.id(), unit, rules, known, now());
                if (rules.partition().exclusive()) {
                    rises(machine, unit, epoch);
                }
                long revision = truth.registered(unit).map(UnitFact::modRevision).orElse(0L);
                runs.put(run(machine, unit), new Reasons.Run(now(), file, generation, revision, !known));
            }

            @Override
            public void ending(UnitName unit, SimSystemd.End why) {
                stirred(Optional.of(unit), machine + " ended " + unit);
                story.add(now(), "    " + machine + " ends " + unit + ": " + why);
                if (why == SimSystemd.End.BY_ITSELF) {
                    overlaps.failed(machine.id(), unit);
                }
                boolean told = why == SimSystemd.End.TOLD || why == SimSystemd.End.RESTARTED;
                var run = runs.get(run(machine, unit));
                if (told && !reasons.isThereOne(machine, unit, run, runsElsewhere(machine, unit), now())) {
                    breach(machine + " stopped " + unit + ", which was well, for no reason");
                }
            }

            @Override
            public void gone(UnitName unit) {
                stirred(Optional.of(unit), unit + " is gone from " + machine);
                runs.remove(run(machine, unit));
                overlaps.gone(machine.id(), unit);
                endpoints.gone(machine.place(), unit, now());
            }
        };
    }

    private void rises(SimMachine machine, UnitName unit, long epoch) {
        long last = epochs.getOrDefault(unit, 0L);
        if (epoch <= last) {
            breach(unit + " starts on " + machine + " with epoch " + epoch + " after " + last);
        }
        epochs.put(unit, epoch);
    }

    private boolean runsElsewhere(SimMachine machine, UnitName unit) {
        return cluster.machines().stream()
                .anyMatch(other -> !other.equals(machine) && runs.containsKey(run(other, unit)));
    }

    private static String run(SimMachine machine, UnitName unit) {
        return machine.place() + "/" + unit;
    }

    private Duration now() {
        return cluster.timeline().now();
    }
}
