package io.flota.unitctl.local;

import io.flota.api.v1.MachineRecord;
import io.flota.unitctl.client.ClusterClient;
import io.flota.unitctl.client.ClusterException;
import io.flota.unitctl.client.Endpoint;
import io.flota.unitctl.client.Sockets;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// Asks one scheduler, and no other: is it there, who leads, which machines does it see?
final class Probe {
    private static final Duration LIMIT = Duration.ofSeconds(2);

    private final ClusterClient scheduler;

    /// @throws IOException if the TLS files of the cluster cannot be read
    Probe(Node scheduler, Optional<LocalTls> tls) throws IOException {
        var address = scheduler.listens().getFirst();
        var endpoint = new Endpoint(address.getAddress().getHostAddress(), address.getPort());
        this.scheduler = new ClusterClient(List.of(endpoint), Sockets.of(tls.map(LocalTls::operator)), LIMIT);
    }

    Set<String> machineIds() throws ClusterException {
        return scheduler.listMachines().getMachinesList().stream()
                .map(MachineRecord::getId)
                .collect(Collectors.toUnmodifiableSet());
    }

    /// The id of the scheduler that leads; empty if none does.
    String leader() throws ClusterException {
        return scheduler.about().getLeader().getSchedulerId();
    }
}
