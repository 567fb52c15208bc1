package io.flota.registry;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSortedMap;
import com.google.common.collect.ImmutableSortedSet;
import com.google.protobuf.ByteString;
import io.flota.machine.MachineId;
import io.flota.machine.Policy;
import io.flota.registry.Batches.Change;
import io.flota.registry.Fact.EventFact;
import io.flota.registry.Fact.Leader;
import io.flota.registry.Fact.MachineFact;
import io.flota.registry.Fact.PolicyFact;
import io.flota.registry.Fact.UnitFact;
import io.flota.registry.Fact.ValveFact;
import io.flota.store.Entry;
import io.flota.store.Lease;
import io.flota.store.LeaseLife;
import io.flota.store.Outcome;
import io.flota.store.Snapshot;
import io.flota.store.Store;
import io.flota.store.StoreException;
import io.flota.store.Transaction;
import io.flota.store.Transaction.Absent;
import io.flota.store.Transaction.Condition;
import io.flota.store.Transaction.Delete;
import io.flota.store.Transaction.NotWrittenAfter;
import io.flota.store.Transaction.SameLife;
import io.flota.store.Transaction.Unchanged;
import io.flota.store.Transaction.Write;
import io.flota.unit.UnitName;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;

/// What the API and the leader write, and the little that they read past their view.
///
/// Many changes are written in several transactions, one after the other. The first whose conditions do not hold ends
/// the work: what was written before it stays, and the caller decides anew from what is there then.
public final class Registry {
    /// As one transaction takes, with room to spare.
    static final int FILES_PER_SWEEP = 100;

    private final Store store;
    private final Keys keys;
    private final Codec codec;

    public Registry(Store store, Keys keys) {
        this.store = store;
        this.keys = keys;
        this.codec = new Codec(keys);
    }

    /// All units as they stand now.
    public ImmutableMap<UnitName, UnitFact> units() throws StoreException {
        return units(store.read(keys.units()));
    }

    public Optional<UnitFact> unit(UnitName name) throws StoreException {
        return Optional.ofNullable(units(store.read(keys.unit(name))).get(name));
    }

    /// The bytes of a unit file.
    public Optional<ByteString> file(String hash) throws StoreException {
        return entry(keys.file(hash)).map(Entry::value);
    }

    /// Registers units and changes registered ones. Files that are of no use any more stay until [#sweepFiles].
    ///
    /// @return not committed: a unit is no more as it was before
    public Outcome putUnits(List<UnitChange> changes) throws StoreException {
        return commit(ImmutableList.of(), changes.stream().map(this::change).toList());
    }

    /// Forgets units. Units that are not there are passed over.
    public Outcome deleteUnits(Collection<UnitName> names) throws StoreException {
        return commit(ImmutableList.of(), new TreeSet<>(names).stream()
                .map(name -> Change.of(List.of(), List.of(new Delete(keys.unit(name)))))
                .toList());
    }

    /// Deletes those of the files that no unit uses. Whoever gives a unit a new file writes that file (again) with it,
    /// so a file that was not written since before the units were read is in nobody's hands. Which ones to look at is
    /// for the leader to say.
    ///
    /// @param hashes of which only the first [#FILES_PER_SWEEP] are looked at
    public void sweepFiles(LeaderProof proof, Collection<String> hashes) throws StoreException {
        var unused = new TreeSet<>(hashes);
        if (unused.isEmpty()) {
            return;
        }
        var snapshot = store.read(keys.units());
        var units = units(snapshot).values();
        if (units.size() < snapshot.entries().size()) {
            return; // Who knows which files the units use that this version cannot read.
        }
        units.forEach(fact -> unused.remove(fact.unit().fileHash()));
        var swept = unused.stream().limit(FILES_PER_SWEEP).map(keys::file).toList();
        if (swept.isEmpty()) {
            return;
        }
        var conditions = ImmutableList.<Condition>builder().add(leads(proof));
        swept.forEach(key -> conditions.add(new NotWrittenAfter(key, snapshot.revision())));
        // If one was written meanwhile, somebody uses it; then the leader looks anew, by a view that shows it.
        var _ = store.commit(Transaction.of(conditions.build(), swept.stream().<Write>map(Delete::new).toList()));
    }

    /// What is wanted of machines, of those that are away, too.
    public ImmutableSortedMap<MachineId, PolicyFact> policies() throws StoreException {
        return facts(keys.policies(), PolicyFact.class).stream()
                .collect(ImmutableSortedMap.toImmutableSortedMap(
                        MachineId::compareTo, PolicyFact::machine, fact -> fact));
    }

    /// The machines that are registered now.
    public ImmutableSortedSet<MachineId> machines() throws StoreException {
        return facts(keys.machines(), MachineFact.class).stream()
                .map(fact -> fact.machine().id())
                .collect(ImmutableSortedSet.toImmutableSortedSet(MachineId::compareTo));
    }

    /// Changes what is wanted of machines, each of which comes once.
    ///
    /// @return not committed: of a machine something else is wanted than was before
    public Outcome putPolicies(List<PolicyChange> changes) throws StoreException {
        return commit(ImmutableList.of(), changes.stream().map(this::change).toList());
    }

    private Change change(PolicyChange change) {
        var key = keys.policy(change.machine());
        var condition = change.before()
                .<Condition>map(before -> new Unchanged(key, before.modRevision()))
                .orElse(new Absent(key));
        var write = change.after().equals(Policy.NONE)
                ? new Delete(key)
                : codec.encode(change.machine(), change.after());
        return Change.of(List.of(condition), List.of(write));
    }

    private <F extends Fact> ImmutableList<F> facts(String prefix, Class<F> kind) throws StoreException {
        return store.read(prefix).entries().values().stream()
                .flatMap(entry -> codec.decode(entry).stream())
                .filter(kind::isInstance)
                .map(kind::cast)
                .collect(ImmutableList.toImmutableList());
    }

    /// Becomes the leader, if nobody leads, under a lease of one's own.
    ///
    /// @return empty if somebody else leads
    public Optional<LeaderProof> lead(Leader leader, Lease lease) throws StoreException {
        var key = keys.leader();
        var outcome = store.commit(
                Transaction.of(List.of(new Absent(key)), List.of(codec.encode(leader, lease.id()))));
        if (outcome.committed()) {
            return Optional.of(new LeaderProof(outcome.revision()));
        }
        // It may be ours: from an attempt whose outcome we never heard.
        return entry(key)
                .filter(entry -> entry.leaseId() == lease.id())
                .map(entry -> new LeaderProof(entry.createRevision()));
    }

    /// Tells where a scheduler serves, for as long as its lease lives. Nothing is written if that is what is told.
    public void serve(Leader scheduler, Lease lease) throws StoreException {
        var put = codec.encodeServing(scheduler, lease.id());
        var told = Optional.ofNullable(store.read(put.key()).entries().get(put.key()));
        if (told.filter(it -> it.leaseId() == lease.id() && it.value().equals(put.value())).isEmpty()) {
            var _ = store.commit(Transaction.of(List.of(), List.of(put)));
        }
    }

    /// Makes room for another leader. Nothing happens if somebody else leads already.
    public void resign(LeaderProof proof) throws StoreException {
        var _ = store.commit(Transaction.of(List.of(leads(proof)), List.of(new Delete(keys.leader()))));
    }

    /// Writes a leader's decisions.
    ///
    /// @return not committed: somebody else leads, or a placement is not as it was when the decision was made
    public Outcome commitPlacements(LeaderProof proof, List<PlacementChange> changes) throws StoreException {
        return commit(ImmutableList.of(leads(proof)), changes.stream().map(this::change).toList());
    }

    /// Tells what a leader sees happen.
    ///
    /// @param lease after which the events are forgotten
    /// @return not committed: somebody else leads
    public Outcome tell(LeaderProof proof, List<EventFact> events, Lease lease) throws StoreException {
        return commit(ImmutableList.of(leads(proof)), events.stream()
                .map(event -> Change.of(List.of(), List.of(encode(event, lease))))
                .toList());
    }

    private Write encode(EventFact event, Lease lease) {
        return codec.encode(event.id(), event.happening(), lease.id());
    }

    /// Closes or opens the valve, or says which machines are away now.
    ///
    /// @param told what is told of it; empty: nothing is, or it cannot be
    /// @return not committed: somebody else leads, or the valve is not as it was
    public Outcome commitValve(LeaderProof proof, ValveChange change, Optional<ValveChange.Told> told)
            throws StoreException {
        var writes = ImmutableList.<Write>builder()
                .add(change.after().<Write>map(codec::encode).orElseGet(() -> new Delete(keys.valve())));
        told.ifPresent(it -> writes.add(encode(it.event(), it.lease())));
        return store.commit(Transaction.of(List.of(leads(proof), valveIs(change.before())), writes.build()));
    }

    /// An operator says that the machines are lost which hold the valve closed.
    ///
    /// @return not committed: the valve is not as it was
    public Outcome releaseValve(ValveFact before) throws StoreException {
        var released = codec.encode(before.valve().release());
        return store.commit(Transaction.of(List.of(valveIs(Optional.of(before))), List.of(released)));
    }

    private Condition valveIs(Optional<ValveFact> before) {
        return before.<Condition>map(fact -> new Unchanged(keys.valve(), fact.modRevision()))
                .orElseGet(() -> new Absent(keys.valve()));
    }

    /// The leases that keep machines registered, by the machine.
    public ImmutableSortedMap<MachineId, Long> machineLeases() throws StoreException {
        var leases = ImmutableSortedMap.<MachineId, Long>naturalOrder();
        for (var entry : store.read(keys.machines()).entries().values()) {
            if (keys.parse(entry.key()).orElse(null) instanceof Key.MachineKey(var machine)) {
                leases.put(machine, entry.leaseId());
            }
        }
        return leases.build();
    }

    /// How long some leases have still to live, a hundred at most.
    public ImmutableSortedMap<Long, LeaseLife> lives(Collection<Long> leaseIds) throws StoreException {
        return store.lives(leaseIds);
    }

    private Condition leads(LeaderProof proof) {
        return new SameLife(keys.leader(), proof.createRevision());
    }

    private Outcome commit(ImmutableList<Condition> always, List<Change> changes) throws StoreException {
        var outcome = new Outcome(true, 0);
        for (var transaction : Batches.of(always, changes)) {
            outcome = store.commit(transaction);
            if (!outcome.committed()) {
                break;
            }
        }
        return outcome;
    }

    private Change change(UnitChange change) {
        var key = keys.unit(change.unit().name());
        var condition = change.before()
                .<Condition>map(before -> new Unchanged(key, before.modRevision()))
                .orElse(new Absent(key));
        var writes = ImmutableList.<Write>builder().add(codec.encode(change.unit()));
        change.file().ifPresent(bytes -> writes.add(codec.encode(change.unit().fileHash(), bytes)));
        return Change.of(List.of(condition), writes.build());
    }

    private Change change(PlacementChange change) {
        return switch (change) {
            case PlacementChange.Place(var placement) ->
                Change.of(
                        List.of(new Absent(keys.placement(placement.machine(), placement.unit()))),
                        List.of(codec.encode(placement)));
            case PlacementChange.Rewrite(var placement, long modRevision) ->
                Change.of(
                        List.of(new Unchanged(keys.placement(placement.machine(), placement.unit()), modRevision)),
                        List.of(codec.encode(placement)));
            case PlacementChange.Remove(var machine, var unit, long modRevision) -> {
                var key = keys.placement(machine, unit);
                yield Change.of(List.of(new Unchanged(key, modRevision)), List.of(new Delete(key)));
            }
            case PlacementChange.Move(var from, long modRevision, var to) -> {
                var left = keys.placement(from, to.unit());
                yield Change.of(
                        List.of(new Unchanged(left, modRevision), new Absent(keys.placement(to.machine(), to.unit()))),
                        List.of(new Delete(left), codec.encode(to)));
            }
            case PlacementChange.Recount(var machine, var unit, var before, var after) -> {
                var key = keys.failures(machine, unit);
                var condition = before.<Condition>map(fact -> new Unchanged(key, fact.modRevision()))
                        .orElse(new Absent(key));
                var write = after.<Write>map(failures -> codec.encode(machine, unit, failures))
                        .orElse(new Delete(key));
                yield Change.of(List.of(condition), List.of(write));
            }
            case PlacementChange.Both(var one, var other) -> {
                var first = change(one);
                var second = change(other);
                yield new Change(
                        ImmutableList.<Condition>builder().addAll(first.conditions()).addAll(second.conditions()).build(),
                        ImmutableList.<Write>builder().addAll(first.writes()).addAll(second.writes()).build());
            }
            case PlacementChange.WhileUnchanged(var unit, long modRevision, var inner) ->
                provided(new Unchanged(keys.unit(unit), modRevision), change(inner));
            case PlacementChange.WhileAway(var machine, var inner) ->
                provided(new Absent(keys.machine(machine)), change(inner));
            case PlacementChange.Told(var event, var lease, var inner) -> {
                var then = change(inner);
                var writes = ImmutableList.<Write>builder().addAll(then.writes()).add(encode(event, lease));
                yield new Change(then.conditions(), writes.build());
            }
        };
    }

    private static Change provided(Condition condition, Change change) {
        var conditions = ImmutableList.<Condition>builder().addAll(change.conditions()).add(condition);
        return new Change(conditions.build(), change.writes());
    }

    private ImmutableMap<UnitName, UnitFact> units(Snapshot snapshot) {
        var units = ImmutableMap.<UnitName, UnitFact>builder();
        for (var entry : snapshot.entries().values()) {
            if (codec.decode(entry).orElse(null) instanceof UnitFact fact) {
                units.put(fact.unit().name(), fact);
            }
        }
        return units.build();
    }

    private Optional<Entry> entry(String key) throws StoreException {
        return Optional.ofNullable(store.read(key).entries().get(key));
    }
}
