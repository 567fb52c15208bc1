package io.flota.testing;

import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// Several etcd members that are one cluster.
public record EtcdCluster(List<EtcdServer> members) implements AutoCloseable {
    static EtcdCluster start(int size) {
        var ports = IntStream.range(0, size).mapToObj(_ -> EtcdServer.Ports.free("http")).toList();
        var all = IntStream.range(0, size)
                .mapToObj(i -> "member" + i + "=" + ports.get(i).peerUrl())
                .collect(Collectors.joining(","));
        var members = new ArrayList<EtcdServer>();
        for (int i = 0; i < size; i++) {
            members.add(new EtcdServer("member" + i, ports.get(i), List.of("--initial-cluster", all)));
        }
        var cluster = new EtcdCluster(List.copyOf(members));
        try {
            members.forEach(EtcdServer::launch);
            members.forEach(EtcdServer::awaitReady);
            return cluster;
        } catch (RuntimeException e) {
            cluster.close();
            throw e;
        }
    }

    public List<URI> endpoints() {
        return members.stream().map(EtcdServer::endpoint).toList();
    }

    @Override
    public void close() {
        members.forEach(EtcdServer::close);
    }
}
