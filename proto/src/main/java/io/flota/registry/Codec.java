package io.flota.registry;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.flota.api.v1.EndpointRecord;
import io.flota.api.v1.EventRecord;
import io.flota.api.v1.FailuresRecord;
import io.flota.api.v1.LeaderRecord;
import io.flota.api.v1.MachineRecord;
import io.flota.api.v1.PlacementRecord;
import io.flota.api.v1.PolicyRecord;
import io.flota.api.v1.StateRecord;
import io.flota.api.v1.UnitRecord;
import io.flota.api.v1.ValveRecord;
import io.flota.machine.Machine;
import io.flota.machine.MachineId;
import io.flota.machine.Policy;
import io.flota.registry.Fact.EndpointFact;
import io.flota.registry.Fact.EventFact;
import io.flota.registry.Fact.FailuresFact;
import io.flota.registry.Fact.FileFact;
import io.flota.registry.Fact.Leader;
import io.flota.registry.Fact.LeaderFact;
import io.flota.registry.Fact.MachineFact;
import io.flota.registry.Fact.PlacementFact;
import io.flota.registry.Fact.PolicyFact;
import io.flota.registry.Fact.SchedulerFact;
import io.flota.registry.Fact.StateFact;
import io.flota.registry.Fact.UnitFact;
import io.flota.registry.Fact.ValveFact;
import io.flota.store.Entry;
import io.flota.store.Transaction.Put;
import io.flota.unit.DesiredState;
import io.flota.unit.Endpoint;
import io.flota.unit.Failures;
import io.flota.unit.Placement;
import io.flota.unit.Unit;
import io.flota.unit.UnitName;
import io.flota.unit.UnitState;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Between the registry's keys and values as bytes and the domain's records.
///
/// Members of a cluster may be of different versions. Units, placements, policies, failures, endpoints and the valve are
/// changed by whoever leads or is asked, so they carry along what only newer versions know of them. All else is written
/// whole by the one that it speaks of (machine, state, leader, scheduler), or never again (file, event), and that one's
/// version decides.
public final class Codec {
    private static final Logger LOG = LoggerFactory.getLogger(Codec.class);

    private final Keys keys;

    public Codec(Keys keys) {
        this.keys = keys;
    }

    /// The fact that an entry holds; empty if its key is none of ours or its value cannot be read (which is logged).
    public Optional<Fact> decode(Entry entry) {
        try {
            var key = keys.parse(entry.key());
            return key.isEmpty() ? Optional.empty() : Optional.of(fact(key.get(), entry));
        } catch (InvalidProtocolBufferException | IllegalArgumentException e) {
            LOG.warn("ignores a value that cannot be read key={} revision={} because={}",
                    entry.key(), entry.modRevision(), e.getMessage());
            return Optional.empty();
        }
    }

    /// @param leaseId the agent's lease
    public Put encode(Machine machine, long leaseId) {
        return new Put(keys.machine(machine.id()), Records.of(machine).toByteString(), leaseId);
    }

    public Put encode(String hash, ByteString file) {
        return new Put(keys.file(hash), file, 0);
    }

    public Put encode(Unit unit) {
        checkKnown(unit.desired(), unit);
        return new Put(keys.unit(unit.name()), Records.of(unit).toByteString(), 0);
    }

    public Put encode(Placement placement) {
        checkKnown(placement.target(), placement);
        var key = keys.placement(placement.machine(), placement.unit());
        return new Put(key, Records.of(placement).toByteString(), 0);
    }

    /// @param leaseId the agent's lease
    public Put encode(MachineId machine, UnitName unit, UnitState state, long leaseId) {
        return new Put(keys.state(machine, unit), Records.of(state).toByteString(), leaseId);
    }

    /// @param leaseId the scheduler's lease
    public Put encode(Leader leader, long leaseId) {
        return new Put(keys.leader(), Records.of(leader).toByteString(), leaseId);
    }

    /// That a scheduler serves, be it the leader or not.
    ///
    /// @param leaseId the scheduler's lease
    public Put encodeServing(Leader scheduler, long leaseId) {
        return new Put(keys.scheduler(scheduler.schedulerId()), Records.of(scheduler).toByteString(), leaseId);
    }

    public Put encode(MachineId machine, Policy policy) {
        return new Put(keys.policy(machine), Records.of(policy).toByteString(), 0);
    }

    public Put encode(MachineId machine, UnitName unit, Failures failures) {
        return new Put(keys.failures(machine, unit), Records.of(failures).toByteString(), 0);
    }

    public Put encode(Valve valve) {
        return new Put(keys.valve(), Records.of(valve).toByteString(), 0);
    }

    /// @param leaseId the agent's lease
    public Put encode(Endpoint endpoint, long leaseId) {
        var key = keys.endpoint(endpoint.service(), endpoint.unit());
        return new Put(key, Records.of(endpoint).toByteString(), leaseId);
    }

    /// @param leaseId after which the event is forgotten
    public Put encode(String id, Happening happening, long leaseId) {
        return new Put(keys.event(id), Records.of(happening).toByteString(), leaseId);
    }

    /// What a newer version asks for would be lost if one that does not know it wrote it.
    private static void checkKnown(DesiredState state, Record value) {
        if (state == DesiredState.UNKNOWN) {
            throw new IllegalArgumentException("only a newer version can write " + value);
        }
    }

    private static Fact fact(Key key, Entry entry) throws InvalidProtocolBufferException {
        return switch (key) {
            case Key.MachineKey(MachineId id) -> machine(id, MachineRecord.parseFrom(entry.value()));
            case Key.FileKey(String hash) -> new FileFact(hash, entry.value());
            case Key.UnitKey(UnitName name) ->
                new UnitFact(Records.unit(name, UnitRecord.parseFrom(entry.value())), entry.modRevision());
            case Key.PlacementKey(MachineId machine, UnitName unit) ->
                new PlacementFact(
                        Records.placement(machine, unit, PlacementRecord.parseFrom(entry.value())),
                        entry.modRevision());
            case Key.StateKey(MachineId machine, UnitName unit) ->
                new StateFact(machine, unit, Records.state(StateRecord.parseFrom(entry.value())));
            case Key.LeaderKey() ->
                new LeaderFact(Records.leader(LeaderRecord.parseFrom(entry.value())), entry.createRevision());
            case Key.SchedulerKey _ -> new SchedulerFact(Records.leader(LeaderRecord.parseFrom(entry.value())));
            case Key.PolicyKey(MachineId machine) ->
                new PolicyFact(machine, Records.policy(PolicyRecord.parseFrom(entry.value())), entry.modRevision());
            case Key.FailuresKey(MachineId machine, UnitName unit) ->
                new FailuresFact(
                        machine, unit, Records.failures(FailuresRecord.parseFrom(entry.value())), entry.modRevision());
            case Key.ValveKey() ->
                new ValveFact(Records.valve(ValveRecord.parseFrom(entry.value())), entry.modRevision());
            case Key.EndpointKey(String service, UnitName unit) ->
                endpoint(service, unit, EndpointRecord.parseFrom(entry.value()), entry.modRevision());
            case Key.EventKey(String id) ->
                new EventFact(id, Records.happening(EventRecord.parseFrom(entry.value())));
        };
    }

    private static MachineFact machine(MachineId id, MachineRecord message) {
        var machine = Records.machine(message);
        if (!machine.id().equals(id)) {
            throw new IllegalArgumentException("it speaks of machine " + machine.id());
        }
        return new MachineFact(machine);
    }

    private static EndpointFact endpoint(String service, UnitName unit, EndpointRecord message, long modRevision) {
        var endpoint = Records.endpoint(message);
        if (!endpoint.service().equals(service) || !endpoint.unit().equals(unit)) {
            throw new IllegalArgumentException("it speaks of " + endpoint.unit() + " for " + endpoint.service());
        }
        return new EndpointFact(endpoint, modRevision);
    }
}
