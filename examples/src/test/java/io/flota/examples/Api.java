package io.flota.examples;

import io.flota.api.v1.ClusterGrpc;
import io.flota.api.v1.ListMachinesRequest;
import io.flota.api.v1.ListUnitsRequest;
import io.flota.api.v1.MachineRecord;
import io.flota.api.v1.Unit;
import io.flota.api.v1.UnitOnMachine;
import io.flota.tls.PemFiles;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// What a scheduler says of the cluster, over gRPC: for tests that look closer than `unitctl list-units` shows.
public final class Api implements AutoCloseable {
    private final ManagedChannel channel;

    /// @param carrier where the scheduler's carrier listens; its gRPC listener has the next port
    public Api(String carrier) {
        channel = Grpc.newChannelBuilder(besides(carrier), InsecureChannelCredentials.create()).build();
    }

    /// Of a scheduler that asks for certificates.
    public Api(String carrier, PemFiles files) throws IOException {
        channel = Intruder.channel(Optional.of(files), besides(carrier));
    }

    private static String besides(String carrier) {
        var colon = carrier.lastIndexOf(':');
        int port = Integer.parseInt(carrier.substring(colon + 1)) + 1;
        return carrier.substring(0, colon) + ":" + port;
    }

    public ClusterGrpc.ClusterBlockingStub stub() {
        return ClusterGrpc.newBlockingStub(channel).withDeadlineAfter(20, TimeUnit.SECONDS);
    }

    /// All units by name.
    public Map<String, Unit> units() {
        return stub().listUnits(ListUnitsRequest.getDefaultInstance()).getUnitsList().stream()
                .collect(Collectors.toMap(Unit::getName, unit -> unit, (a, _) -> a, TreeMap::new));
    }

    /// Where each unit is active, by its name; a unit that is active twice fails the test.
    public Map<String, Active> active() {
        return units().values().stream()
                .flatMap(unit -> unit.getMachinesList().stream()
                        .filter(there -> there.getState().getActive().equals("active"))
                        .map(there -> Map.entry(unit.getName(), new Active(there))))
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue, Api::refuseTwo, TreeMap::new));
    }

    /// Where a unit is active.
    public Stream<String> machinesOf(String unit) {
        return units().get(unit).getMachinesList().stream()
                .filter(there -> there.getState().getActive().equals("active"))
                .map(UnitOnMachine::getMachineId);
    }

    /// Hosts by machine id, of the machines that are there.
    public Map<String, String> hosts() {
        return stub().listMachines(ListMachinesRequest.getDefaultInstance()).getMachinesList().stream()
                .collect(Collectors.toMap(MachineRecord::getId, MachineRecord::getHostname, (a, _) -> a, TreeMap::new));
    }

    private static Active refuseTwo(Active one, Active other) {
        throw new AssertionError("active twice: " + one + " and " + other);
    }

    /// One running copy of a unit.
    public record Active(String machine, long pid, String placement, int restarts) {
        Active(UnitOnMachine there) {
            this(
                    there.getMachineId(),
                    there.getState().getMainPid(),
                    there.getPlacement().getId(),
                    there.getState().getRestarts());
        }
    }

    @Override
    public void close() {
        channel.shutdownNow();
    }
}
