package io.flota.simulation;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSortedMap;
import com.google.protobuf.ByteString;
import io.flota.machine.MachineId;
import io.flota.registry.Codec;
import io.flota.registry.Fact.FileFact;
import io.flota.registry.Fact.MachineFact;
import io.flota.registry.Fact.PlacementFact;
import io.flota.registry.Fact.PolicyFact;
import io.flota.registry.Fact.UnitFact;
import io.flota.registry.Fact.ValveFact;
import io.flota.registry.Key;
import io.flota.registry.Keys;
import io.flota.scheduler.cluster.RegisteredUnit;
import io.flota.scheduler.cluster.RegisteredUnit.Readable;
import io.flota.store.Entry;
import io.flota.store.Outcome;
import io.flota.store.Snapshot;
import io.flota.store.Transaction;
import io.flota.store.WatchListener;
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

/// What really happened, seen from outside: each write to etcd and each process of each unit. It knows at every step
/// whether a promise was broken.
final class History implements SimEtcd.Witness {
    private static final Keys KEYS = Keys.DEFAULT;
    /// How long it may take until what was changed is acted upon.
    private static final Duration MOMENT = Duration.ofSeconds(15);
    /// What a unit and its agent need at most to stop it once its time is over.
    private static final Duration STOPS = Duration.ofSeconds(4);
    /// How long a machine may be away; what changes meanwhile is acted upon when it is back.
    private static final Duration AWAY = Duration.ofMinutes(2);
    private static final Duration NEVER = Duration.ofSeconds(-1);

    /// One life of a unit's processes on one machine.
    ///
    /// @param registered the unit's mod revision when it began
    private record Run(Duration since, UnitFile file, long generation, long registered) {}

    private final SimCluster cluster;
    private final Story story;
    private final Codec codec = new Codec(KEYS);
    private final List<String> breaches = new ArrayList<>();
    private final TreeMap<String, Run> runs = new TreeMap<>();
    private final TreeMap<String, Duration> changedAt = new TreeMap<>();
    private final TreeSet<String> handsOver = new TreeSet<>();
    private final TreeMap<UnitName, Duration> placedAt = new TreeMap<>();
    private final TreeMap<String, PlacementCheck> checks = new TreeMap<>();
    private final TreeMap<MachineId, ImmutableSortedMap<String, String>> metadata = new TreeMap<>();
    /// When a machine told other metadata than before.
    private final TreeMap<MachineId, Duration> described = new TreeMap<>();
    private final TreeMap<UnitName, Long> epochs = new TreeMap<>();
    private final Overlaps overlaps = new Overlaps(this::breach);
    private final Troubles troubles;
    private final MassLosses massLosses;
    private Duration lastProcess = Duration.ZERO;
    private Duration lastWrite = Duration.ZERO;

    History(SimCluster cluster, Script.Shape shape, Story story) {
        this.cluster = cluster;
        this.story = story;
        this.troubles = new Troubles(shape.schedulers());
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

    /// When something was written last, but for what is only told, and for the valve: that it was released is forgotten
    /// a minute after the loss.
    Duration lastWrite() {
        return lastWrite;
    }

    /// When a unit's process began or ended last.
    Duration lastProcess() {
        return lastProcess;
    }

    void acted(Act act) {
        story.add(now(), act.toString());
        troubles.acted(act, now());
    }

    /// Something that has to be known to understand the story.
    void note(String what) {
        story.add(now(), what);
    }

    void handsOver(SimMachine machine) {
        handsOver.add(machine.place());
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
        var leader = Optional.ofNullable(outside(KEYS.leader()).entries().get(KEYS.leader()));
        var owner = leader.map(entry -> cluster.etcd().owner(entry.leaseId())).orElse("nobody");
        if (!owner.equals(writer.name())) {
            breach(writer.name() + " wrote placements while " + owner + " led");
        }
        onePlacementEach();
        massLosses.committed(transaction, writer.born());
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
            var wanted = registered(placement.unit()).map(fact -> fact.unit().desired());
            if (!wanted.equals(Optional.of(placement.target()))) {
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
        for (var entry : outside(KEYS.placements()).entries().values()) {
            if (codec.decode(entry).orElseThrow() instanceof PlacementFact(var placement, var _)
                    && placement.target() != DesiredState.INACTIVE
                    && !isGlobal(placement.unit(), placement.fileHash())) {
                var other = seen.put(placement.unit(), entry.key());
                if (other != null) {
                    breach(placement.unit() + " has two placements, " + other + " and " + entry.key());
                }
            }
        }
    }

    private boolean isGlobal(UnitName unit, String hash) {
        return rules(unit, hash).filter(PlacementRules::global).isPresent()
                || rules(unit, registeredHash(unit)).filter(PlacementRules::global).isPresent();
    }

    private String registeredHash(UnitName unit) {
        return registered(unit).map(fact -> fact.unit().fileHash()).orElse("none");
    }

    Optional<UnitFact> registered(UnitName unit) {
        return Optional.ofNullable(outside(KEYS.unit(unit)).entries().get(KEYS.unit(unit)))
                .flatMap(codec::decode)
                .map(UnitFact.class::cast);
    }

    private Optional<PlacementRules> rules(UnitName unit, String hash) {
        var files = new TreeMap<String, ByteString>();
        outside(KEYS.file(hash)).entries().values().forEach(entry -> files.put(hash, entry.value()));
        return RegisteredUnit.Contents.of(unit, hash, files) instanceof Readable(var _, var rules)
                ? Optional.of(rules)
                : Optional.empty();
    }

    private void happened(WatchListener.Event event) {
        var key = KEYS.parse(event.key());
        if (!event.key().startsWith(KEYS.events()) && !event.key().equals(KEYS.valve())) {
            lastWrite = now();
        }
        switch (event) {
            case WatchListener.Deleted _ -> key.ifPresent(this::deleted);
            case WatchListener.Written(var entry) -> {
                changedAt.put(entry.key(), now());
                if (codec.decode(entry).orElse(null) instanceof ValveFact fact) {
                    massLosses.stands(fact.valve(), this::isDraining);
                }
                if (codec.decode(entry).orElse(null) instanceof MachineFact(var machine)) {
                    massLosses.registered(machine, now());
                    if (!machine.metadata().equals(metadata.put(machine.id(), machine.metadata()))) {
                        described.put(machine.id(), now());
                    }
                }
                if (key.orElse(null) instanceof Key.PlacementKey(var _, var unit)) {
                    placedAt.put(unit, now());
                }
                if (story.isTold()) {
                    codec.decode(entry).ifPresent(fact -> story.add(now(), "  etcd: "
                            + (fact instanceof FileFact file ? "file " + file.hash() : fact.toString())));
                }
            }
        }
    }

    private void deleted(Key key) {
        story.add(now(), "  etcd: gone: " + key);
        switch (key) {
            case Key.MachineKey(var id) ->
                cluster.machines().stream().filter(one -> one.id().equals(id)).forEach(this::lost);
            case Key.UnitKey(var unit) -> changedAt.put(KEYS.unit(unit), now());
            case Key.PolicyKey(var machine) -> changedAt.put(KEYS.policy(machine), now());
            case Key.PlacementKey(var _, var unit) -> placedAt.put(unit, now());
            default -> {}
        }
    }

    /// A machine's lease has ended, or its agent has left.
    private void lost(SimMachine machine) {
        troubles.lost(machine.place(), now());
        overlaps.lost(machine.id(), now());
        boolean leaves = handsOver.contains(machine.place()) || overlaps.on(machine.id()).isEmpty();
        boolean drained = isDraining(machine.id()) && outside(KEYS.placements(machine.id())).entries().isEmpty();
        massLosses.lost(machine.id(), leaves, drained, now());
        overlaps.on(machine.id()).forEach((unit, copy) -> {
            if (copy.isExclusive() && !troubles.isMisled(machine.place(), now())) {
                breach(unit + " is exclusive, and on " + machine + " it outlives the machine's lease");
            }
            if (copy.rules().partition().onDisconnect() == PartitionRules.OnDisconnect.STOP) {
                var over = copy.rules().partition().grace().plus(STOPS);
                cluster.timeline().after(over, () -> mustHaveStopped(machine, unit, copy));
            }
        });
    }

    private boolean isDraining(MachineId machine) {
        return outside(KEYS.policy(machine)).entries().values().stream()
                .flatMap(entry -> codec.decode(entry).stream())
                .anyMatch(fact -> fact instanceof PolicyFact policy && policy.policy().draining());
    }

    private void mustHaveStopped(SimMachine machine, UnitName unit, Overlaps.Copy copy) {
        boolean same = Optional.ofNullable(overlaps.on(machine.id()).get(unit))
                .filter(now -> now.since().equals(copy.since()))
                .isPresent();
        boolean absent = outside(KEYS.machine(machine.id())).entries().isEmpty();
        boolean agent = machine.agent().filter(process -> !process.isPaused()).isPresent();
        if (same && absent && agent) {
            breach(machine + " has not stopped " + unit + " though it was cut off");
        }
    }

    /// Sees the units of one machine.
    SimSystemd.Witness on(SimMachine machine) {
        return new SimSystemd.Witness() {
            @Override
            public void began(UnitName unit, UnitFile file, long generation, long epoch) {
                lastProcess = now();
                story.add(now(), "    " + machine + " starts " + unit + " " + generation + " epoch " + epoch);
                var rules = SimProgram.rules(unit, file);
                boolean known = !outside(KEYS.machine(machine.id())).entries().isEmpty();
                overlaps.began(machine.id(), unit, rules, known, now());
                if (rules.partition().exclusive()) {
                    rises(machine, unit, epoch);
                }
                long revision = registered(unit).map(UnitFact::modRevision).orElse(0L);
                runs.put(run(machine, unit), new Run(now(), file, generation, revision));
            }

            @Override
            public void ending(UnitName unit, SimSystemd.End why) {
                lastProcess = now();
                story.add(now(), "    " + machine + " ends " + unit + ": " + why);
                if (why == SimSystemd.End.BY_ITSELF) {
                    overlaps.failed(machine.id(), unit);
                }
                boolean told = why == SimSystemd.End.TOLD || why == SimSystemd.End.RESTARTED;
                if (told && !isExcused(machine, unit, runs.get(run(machine, unit)))) {
                    breach(machine + " stopped " + unit + ", which was well, for no reason");
                }
            }

            @Override
            public void gone(UnitName unit) {
                lastProcess = now();
                runs.remove(run(machine, unit));
                overlaps.gone(machine.id(), unit);
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

    private static String run(SimMachine machine, UnitName unit) {
        return machine.place() + "/" + unit;
    }

    /// Whether something has happened since a run began that is a reason to end it: an operator's doing, or the loss
    /// of its machine.
    private boolean isExcused(SimMachine machine, UnitName unit, Run run) {
        if (handsOver.contains(machine.place())) {
            return true;
        }
        var rules = partition(unit, run.file());
        if (rules.exclusive() || rules.onDisconnect() == PartitionRules.OnDisconnect.STOP) {
            return true; // it asked for it; how often that happens is another matter
        }
        if (rules.onReconnect() == PartitionRules.OnReconnect.OLDEST && runsElsewhere(machine, unit)) {
            return true;
        }
        if (troubles.isLostSince(machine.place(), run.since())
                || isLaterThan(described.getOrDefault(machine.id(), NEVER), run.since().minus(MOMENT))
                || !outside(KEYS.policy(machine.id())).entries().isEmpty()
                || isLaterThan(changedAt.getOrDefault(KEYS.policy(machine.id()), NEVER), run.since().minus(MOMENT))) {
            return true;
        }
        var lately = now().minus(AWAY);
        boolean changedWhileAway = isLaterThan(run.since(), now().minus(MOMENT))
                && troubles.isLostSince(machine.place(), lately)
                && isLaterThan(changedAt.getOrDefault(KEYS.unit(unit), NEVER), lately);
        if (changedWhileAway) {
            return true;
        }
        var related = related(unit, run.file());
        boolean peersMove = !related.isEmpty()
                && troubles.isAnyLostSince(run.since().minus(MOMENT));
        return peersMove || isChanged(unit, run) || related.stream().anyMatch(other ->
                isLaterThan(changedAt.getOrDefault(KEYS.unit(other), NEVER), run.since().minus(MOMENT))
                        || isLaterThan(placedAt.getOrDefault(other, NEVER), run.since()));
    }

    private boolean runsElsewhere(SimMachine machine, UnitName unit) {
        return cluster.machines().stream()
                .anyMatch(other -> !other.equals(machine) && runs.containsKey(run(other, unit)));
    }

    private PartitionRules partition(UnitName unit, UnitFile file) {
        return SimProgram.rules(unit, file).partition();
    }

    private boolean isChanged(UnitName unit, Run run) {
        var registered = registered(unit);
        boolean justNow = isLaterThan(changedAt.getOrDefault(KEYS.unit(unit), NEVER), now().minus(MOMENT));
        return justNow
                || registered.isEmpty()
                || registered.get().modRevision() != run.registered()
                || registered.get().unit().generation() != run.generation()
                || registered.get().unit().desired() != DesiredState.LAUNCHED
                || !registered.get().unit().fileHash().equals(run.file().hash());
    }

    /// Units whose affairs are this one's, too: those that its file names, and those whose files name it.
    private List<UnitName> related(UnitName unit, UnitFile file) {
        var related = new TreeSet<UnitName>();
        var own = Optional.of(SimProgram.rules(unit, file));
        for (var entry : outside(KEYS.units()).entries().values()) {
            if (codec.decode(entry).orElseThrow() instanceof UnitFact(var other, var _)
                    && !other.name().equals(unit)) {
                var others = rules(other.name(), other.fileHash());
                if (own.filter(rules -> names(rules, other.name())).isPresent()
                        || others.filter(rules -> names(rules, unit)).isPresent()) {
                    related.add(other.name());
                }
            }
        }
        own.ifPresent(rules -> related.addAll(rules.machineOf()));
        return List.copyOf(related);
    }

    private static boolean names(PlacementRules rules, UnitName unit) {
        return rules.machineOf().contains(unit)
                || rules.conflicts().stream().anyMatch(glob -> glob.matches(unit.full()))
                || rules.replaces().stream().anyMatch(glob -> glob.matches(unit.full()));
    }

    private static boolean isLaterThan(Duration one, Duration other) {
        return one.compareTo(other) >= 0;
    }

    private Duration now() {
        return cluster.timeline().now();
    }

    /// The bare truth, whether or not anybody can reach etcd.
    Snapshot outside(String prefix) {
        return cluster.etcd().state().peek(prefix);
    }
}
