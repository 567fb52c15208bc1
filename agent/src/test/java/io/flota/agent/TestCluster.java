package io.flota.agent;

import static org.awaitility.Awaitility.await;

import com.google.common.collect.ImmutableSortedMap;
import com.google.protobuf.ByteString;
import io.flota.agent.AgentConfig.OnStop;
import io.flota.daemon.ListenAddress;
import io.flota.machine.Machine;
import io.flota.machine.MachineId;
import io.flota.machine.Resources;
import io.flota.registry.Codec;
import io.flota.registry.Fact.MachineFact;
import io.flota.registry.Fact.StateFact;
import io.flota.registry.Keys;
import io.flota.store.Entry;
import io.flota.store.EtcdSettings;
import io.flota.store.EtcdStore;
import io.flota.store.Lease;
import io.flota.store.Store;
import io.flota.store.StoreException;
import io.flota.store.Transaction;
import io.flota.store.Transaction.Delete;
import io.flota.store.Transaction.Write;
import io.flota.testing.EtcdServer;
import io.flota.unit.DesiredState;
import io.flota.unit.Placement;
import io.flota.unit.UnitFile;
import io.flota.unit.UnitFileException;
import io.flota.unit.UnitName;
import io.flota.unit.UnitState;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Callable;

/// What surrounds an agent: a prefix of its own in a real etcd, seen and written as a leader does.
final class TestCluster implements AutoCloseable {
    /// Control groups are named after it, and tests of several work trees run on one host.
    static final MachineId HERE = new MachineId(UUID.randomUUID().toString().replace("-", ""));
    static final UnitFile FILE = file("[Service]\nExecStart=/bin/sleep infinity\n");
    /// Only ends a hopeless test.
    private static final Duration LIMIT = Duration.ofSeconds(30);

    final Keys keys = new Keys("/test/" + UUID.randomUUID() + "/");
    final Store store;
    private final EtcdServer etcd;
    private final Codec codec = new Codec(keys);

    TestCluster(EtcdServer etcd) {
        this.etcd = etcd;
        this.store = newStore();
    }

    /// Each process has its own.
    Store newStore() {
        return new EtcdStore(EtcdSettings.of(List.of(etcd.endpoint())));
    }

    AgentConfig config(String hostname, String bootId) {
        return config(hostname, bootId, Optional.empty());
    }

    AgentConfig config(String hostname, String bootId, Path socket) {
        return config(hostname, bootId, Optional.of(socket));
    }

    private AgentConfig config(String hostname, String bootId, Optional<Path> socket) {
        return new AgentConfig(
                keys, HERE, bootId, hostname, "192.0.2.7", "10.0.0.7", ImmutableSortedMap.of("disk", "ssd"),
                new Resources(512L << 20, 2), Duration.ofSeconds(2), new ListenAddress("127.0.0.1", 0), true,
                Optional.of(new ListenAddress("127.0.0.1", 0)), Optional.empty(), Optional.empty(), Path.of("unused"),
                socket, List.of(), RuntimeKind.EXEC, URI.create("unix:///nowhere/docker.sock"), Optional.empty(), OnStop.HANDOVER, Duration.ofMinutes(2));
    }

    void place(UnitName unit, DesiredState target, long generation, String id) {
        place(unit, FILE, target, generation, id);
    }

    void place(UnitName unit, UnitFile file, DesiredState target, long generation, String id) {
        var placement = new Placement(HERE, unit, file.hash(), target, generation, id, "a test says so");
        write(codec.encode(file.hash(), file.bytes()), codec.encode(placement));
    }

    void unplace(UnitName unit) {
        write(new Delete(keys.placement(HERE, unit)));
    }

    Optional<Machine> machine() throws StoreException {
        return entry(keys.machine(HERE))
                .flatMap(codec::decode)
                .map(fact -> ((MachineFact) fact).machine());
    }

    Lease lease() throws StoreException {
        return new Lease(entry(keys.machine(HERE)).orElseThrow().leaseId(), Duration.ZERO);
    }

    Optional<UnitState> state(UnitName unit) throws StoreException {
        return entry(keys.state(HERE, unit)).flatMap(codec::decode).map(fact -> ((StateFact) fact).state());
    }

    boolean reports(UnitName unit, String active, String placementId) throws StoreException {
        return state(unit)
                .filter(state -> state.active().equals(active) && state.placementId().equals(placementId))
                .isPresent();
    }

    Optional<Entry> entry(String key) throws StoreException {
        return Optional.ofNullable(store.read(key).entries().get(key));
    }

    void until(Callable<Boolean> condition) {
        await().atMost(LIMIT).pollInterval(Duration.ofMillis(20)).ignoreExceptions().until(condition);
    }

    @Override
    public void close() {
        store.close();
    }

    private void write(Write... writes) {
        until(() -> store.commit(Transaction.of(List.of(), List.of(writes))).committed());
    }

    static UnitFile file(String text) {
        try {
            return UnitFile.parse("test.service", ByteString.copyFromUtf8(text));
        } catch (UnitFileException e) {
            throw new IllegalStateException(e);
        }
    }
}
