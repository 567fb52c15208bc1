package io.flota.registry;

import com.google.common.collect.ImmutableSortedMap;
import com.google.common.collect.ImmutableSortedSet;
import io.flota.api.v1.EndpointRecord;
import io.flota.api.v1.EventKind;
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
import io.flota.machine.Resources;
import io.flota.registry.Fact.Leader;
import io.flota.unit.DesiredState;
import io.flota.unit.Endpoint;
import io.flota.unit.Failures;
import io.flota.unit.Placement;
import io.flota.unit.Reservation;
import io.flota.unit.Unit;
import io.flota.unit.UnitName;
import io.flota.unit.UnitProperties;
import io.flota.unit.UnitState;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/// Between the domain's records and the messages of `registry.proto`, which the API sends as well. What a message
/// does not say because its key does is a parameter.
public final class Records {
    private Records() {}

    public static MachineRecord of(Machine machine) {
        return MachineRecord.newBuilder()
                .setId(machine.id().value())
                .setHostname(machine.hostname())
                .setPublicIp(machine.publicIp())
                .setPrivateIp(machine.privateIp())
                .putAllMetadata(machine.metadata())
                .setMemoryBytes(machine.resources().memoryBytes())
                .setCpus(machine.resources().cpus())
                .setAgentAddress(machine.agentAddress())
                .setBootId(machine.bootId())
                .setVersion(machine.version())
                .setLeaseSeconds(machine.lease().toSeconds())
                .build();
    }

    /// @throws IllegalArgumentException if the id is none
    public static Machine machine(MachineRecord message) {
        return new Machine(
                new MachineId(message.getId()),
                message.getHostname(),
                message.getPublicIp(),
                message.getPrivateIp(),
                ImmutableSortedMap.copyOf(message.getMetadataMap()),
                new Resources(message.getMemoryBytes(), message.getCpus()),
                message.getAgentAddress(),
                message.getBootId(),
                message.getVersion(),
                Duration.ofSeconds(message.getLeaseSeconds()));
    }

    public static UnitRecord of(Unit unit) {
        return UnitRecord.newBuilder()
                .setFileHash(unit.fileHash())
                .setDesired(of(unit.desired()))
                .setGeneration(unit.generation())
                .putAllProperties(unit.properties().values())
                .setUnknownFields(Unread.fields(unit.unread()))
                .build();
    }

    /// @throws IllegalArgumentException if it says no desired state
    public static Unit unit(UnitName name, UnitRecord message) {
        return new Unit(
                name, message.getFileHash(), desired(message.getDesired()), message.getGeneration(),
                UnitProperties.of(message.getPropertiesMap()), Unread.of(message));
    }

    public static PlacementRecord of(Placement placement) {
        return PlacementRecord.newBuilder()
                .setFileHash(placement.fileHash())
                .setTarget(of(placement.target()))
                .setGeneration(placement.generation())
                .setId(placement.id())
                .setReason(placement.reason())
                .setExclusive(placement.exclusive())
                .putAllProperties(placement.properties().values())
                .setUnknownFields(Unread.fields(placement.unread()))
                .build();
    }

    /// @throws IllegalArgumentException if it says no target state
    public static Placement placement(MachineId machine, UnitName unit, PlacementRecord message) {
        return new Placement(
                machine,
                unit,
                message.getFileHash(),
                desired(message.getTarget()),
                message.getGeneration(),
                message.getId(),
                message.getReason(),
                message.getExclusive(),
                UnitProperties.of(message.getPropertiesMap()),
                Unread.of(message));
    }

    public static StateRecord of(UnitState state) {
        return StateRecord.newBuilder()
                .setLoad(state.load())
                .setActive(state.active())
                .setSub(state.sub())
                .setFileHash(state.fileHash())
                .setPlacementId(state.placementId())
                .setGeneration(state.generation())
                .setSinceMillis(state.since().toEpochMilli())
                .setMessage(state.message())
                .setMainPid(state.mainPid())
                .setRestarts(state.restarts())
                .setAsksToStay(state.asksToStay())
                .setHealth(state.health().status())
                .setAiling(state.health().isAiling())
                .build();
    }

    public static UnitState state(StateRecord message) {
        return new UnitState(
                message.getLoad(),
                message.getActive(),
                message.getSub(),
                message.getFileHash(),
                message.getPlacementId(),
                message.getGeneration(),
                Instant.ofEpochMilli(message.getSinceMillis()),
                message.getMessage(),
                message.getMainPid(),
                message.getRestarts(),
                message.getAsksToStay(),
                new UnitState.Health(message.getHealth(), message.getAiling()));
    }

    public static LeaderRecord of(Leader leader) {
        return LeaderRecord.newBuilder()
                .setSchedulerId(leader.schedulerId())
                .setApiAddress(leader.apiAddress())
                .setFleetAddress(leader.fleetAddress())
                .build();
    }

    public static Leader leader(LeaderRecord message) {
        return new Leader(message.getSchedulerId(), message.getApiAddress(), message.getFleetAddress());
    }

    public static PolicyRecord of(Policy policy) {
        return PolicyRecord.newBuilder()
                .setCordoned(policy.cordoned())
                .setDraining(policy.draining())
                .putAllMetadata(policy.metadata())
                .addAllWithoutMetadata(policy.withoutMetadata())
                .setUnknownFields(Unread.fields(policy.unread()))
                .build();
    }

    public static Policy policy(PolicyRecord message) {
        return new Policy(
                message.getCordoned(),
                message.getDraining(),
                ImmutableSortedMap.copyOf(message.getMetadataMap()),
                ImmutableSortedSet.copyOf(message.getWithoutMetadataList()),
                Unread.of(message));
    }

    public static FailuresRecord of(Failures failures) {
        return FailuresRecord.newBuilder()
                .setGeneration(failures.generation())
                .setFileHash(failures.fileHash())
                .setCount(failures.count())
                .setLastMillis(failures.last().toEpochMilli())
                .setPlacementId(failures.placementId())
                .setUnknownFields(Unread.fields(failures.unread()))
                .build();
    }

    public static Failures failures(FailuresRecord message) {
        return new Failures(
                message.getGeneration(),
                message.getFileHash(),
                message.getCount(),
                Instant.ofEpochMilli(message.getLastMillis()),
                message.getPlacementId(),
                Unread.of(message));
    }

    public static ValveRecord of(Valve valve) {
        return ValveRecord.newBuilder()
                .setClosedSinceMillis(valve.closedSince().toEpochMilli())
                .addAllLostMachineIds(valve.lost().stream().map(MachineId::value).toList())
                .setMachines(valve.machines())
                .setReleased(valve.released())
                .setUnknownFields(Unread.fields(valve.unread()))
                .build();
    }

    /// @throws IllegalArgumentException if a machine id is none
    public static Valve valve(ValveRecord message) {
        return new Valve(
                Instant.ofEpochMilli(message.getClosedSinceMillis()),
                message.getLostMachineIdsList().stream()
                        .map(MachineId::new)
                        .collect(ImmutableSortedSet.toImmutableSortedSet(MachineId::compareTo)),
                message.getMachines(),
                message.getReleased(),
                Unread.of(message));
    }

    public static EndpointRecord of(Endpoint endpoint) {
        return EndpointRecord.newBuilder()
                .setService(endpoint.service())
                .setUnit(endpoint.unit().full())
                .setMachineId(endpoint.machine().value())
                .setAddress(endpoint.address())
                .setPort(endpoint.port())
                .putAllAttributes(endpoint.attributes())
                .setEpoch(endpoint.epoch())
                .setSinceMillis(endpoint.since().toEpochMilli())
                .setUntilMillis(endpoint.until().map(Instant::toEpochMilli).orElse(0L))
                .setUnknownFields(Unread.fields(endpoint.unread()))
                .build();
    }

    /// @throws IllegalArgumentException if it names a service, unit or machine badly, or no port
    public static Endpoint endpoint(EndpointRecord message) {
        return new Endpoint(
                message.getService(),
                new UnitName(message.getUnit()),
                new MachineId(message.getMachineId()),
                message.getAddress(),
                message.getPort(),
                ImmutableSortedMap.copyOf(message.getAttributesMap()),
                message.getEpoch(),
                Instant.ofEpochMilli(message.getSinceMillis()),
                message.getUntilMillis() == 0
                        ? Optional.empty()
                        : Optional.of(Instant.ofEpochMilli(message.getUntilMillis())),
                Unread.of(message));
    }

    public static EventRecord of(Happening happening) {
        return EventRecord.newBuilder()
                .setTimeMillis(happening.at().toEpochMilli())
                .setKind(EventKind.valueOf("EVENT_KIND_" + happening.kind()))
                .setUnit(happening.unit().map(UnitName::full).orElse(""))
                .setMachineId(happening.machine().map(MachineId::value).orElse(""))
                .setReason(happening.reason())
                .setSource(happening.source())
                .setPlacementId(happening.placementId())
                .build();
    }

    /// @throws IllegalArgumentException if it names no kind that this version knows, or names a unit or machine badly
    public static Happening happening(EventRecord message) {
        return new Happening(
                Instant.ofEpochMilli(message.getTimeMillis()),
                Happening.Kind.valueOf(message.getKind().name().replaceFirst("^EVENT_KIND_", "")),
                given(message.getUnit()).map(UnitName::new),
                given(message.getMachineId()).map(MachineId::new),
                message.getReason(),
                message.getSource(),
                message.getPlacementId());
    }

    public static io.flota.api.v1.Reservation of(Reservation reservation) {
        return io.flota.api.v1.Reservation.newBuilder()
                .setCpuMillis(reservation.cpuMillis())
                .setMemoryBytes(reservation.memoryBytes())
                .build();
    }

    private static Optional<String> given(String text) {
        return text.isEmpty() ? Optional.empty() : Optional.of(text);
    }

    public static io.flota.api.v1.DesiredState of(DesiredState state) {
        return switch (state) {
            case INACTIVE -> io.flota.api.v1.DesiredState.DESIRED_STATE_INACTIVE;
            case LOADED -> io.flota.api.v1.DesiredState.DESIRED_STATE_LOADED;
            case LAUNCHED -> io.flota.api.v1.DesiredState.DESIRED_STATE_LAUNCHED;
            case UNKNOWN -> io.flota.api.v1.DesiredState.DESIRED_STATE_UNSPECIFIED; // said, never kept
        };
    }

    /// @throws IllegalArgumentException if there is none
    public static DesiredState desired(io.flota.api.v1.DesiredState state) {
        return switch (state) {
            case DESIRED_STATE_INACTIVE -> DesiredState.INACTIVE;
            case DESIRED_STATE_LOADED -> DesiredState.LOADED;
            case DESIRED_STATE_LAUNCHED -> DesiredState.LAUNCHED;
            case UNRECOGNIZED -> DesiredState.UNKNOWN;
            case DESIRED_STATE_UNSPECIFIED -> throw new IllegalArgumentException("it says no desired state");
        };
    }
}
