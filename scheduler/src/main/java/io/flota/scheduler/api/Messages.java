package io.flota.scheduler.api;

import io.flota.api.v1.DesiredState;
import io.flota.api.v1.Freshness;
import io.flota.api.v1.LeaderRecord;
import io.flota.api.v1.MachineRecord;
import io.flota.api.v1.PlacementRecord;
import io.flota.api.v1.StateRecord;
import io.flota.machine.Machine;
import io.flota.registry.Fact.Leader;
import io.flota.scheduler.model.View;
import io.flota.unit.Placement;
import io.flota.unit.UnitState;

/// The domain's values as the messages of the API.
final class Messages {
    private Messages() {}

    static Freshness of(View view) {
        var freshness = Freshness.newBuilder().setRevision(view.revision());
        view.stale().ifPresent(stale -> freshness
                .setStaleSinceMillis(stale.since().toEpochMilli())
                .setStaleReason(stale.reason()));
        return freshness.build();
    }

    static DesiredState of(io.flota.unit.DesiredState state) {
        return switch (state) {
            case INACTIVE -> DesiredState.DESIRED_STATE_INACTIVE;
            case LOADED -> DesiredState.DESIRED_STATE_LOADED;
            case LAUNCHED -> DesiredState.DESIRED_STATE_LAUNCHED;
        };
    }

    static MachineRecord of(Machine machine) {
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
                .build();
    }

    static PlacementRecord of(Placement placement) {
        return PlacementRecord.newBuilder()
                .setFileHash(placement.fileHash())
                .setTarget(of(placement.target()))
                .setGeneration(placement.generation())
                .setId(placement.id())
                .setReason(placement.reason())
                .build();
    }

    static StateRecord of(UnitState state) {
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
                .build();
    }

    static LeaderRecord of(Leader leader) {
        return LeaderRecord.newBuilder()
                .setSchedulerId(leader.schedulerId())
                .setApiAddress(leader.apiAddress())
                .build();
    }
}
