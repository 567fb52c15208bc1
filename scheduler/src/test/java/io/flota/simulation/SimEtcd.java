package io.flota.simulation;

import io.flota.store.Lease;
import io.flota.store.LeaseLife;
import io.flota.store.Outcome;
import io.flota.store.Snapshot;
import io.flota.store.Store;
import io.flota.store.StoreException;
import io.flota.store.Transaction;
import io.flota.testing.SimStore;
import java.time.Duration;
import java.util.TreeMap;

/// An etcd with a clock of its own, that can be away, change its leader, and forget history.
final class SimEtcd {
    /// How often etcd looks for leases that have ended.
    private static final Duration LEASE_CHECK = Duration.ofMillis(500);

    /// Hears of each write, before anything else happens.
    interface Witness {
        void committed(SimProcess writer, Transaction transaction, Outcome outcome);

        /// A lease of the process has its whole life before it.
        void renewed(String process);
    }

    private final Timeline timeline;
    private final double rate;
    private final Witness witness;
    private final SimStore store = new SimStore();
    private final TreeMap<Long, String> owners = new TreeMap<>();
    /// Processes that still talk to a leader that is none any more, until when.
    private final TreeMap<String, Duration> misled = new TreeMap<>();
    private boolean away;
    private Duration passed = Duration.ZERO;

    /// @param rate of etcd's clock
    SimEtcd(Timeline timeline, double rate, Witness witness) {
        this.timeline = timeline;
        this.rate = rate;
        this.witness = witness;
        timeline.after(LEASE_CHECK, this::check);
    }

    /// The state itself, for who looks from outside.
    SimStore state() {
        return store;
    }

    boolean isAway() {
        return away;
    }

    void goAway() {
        passTime();
        away = true;
        store.goAway("etcd is away");
    }

    void comeBack() {
        passTime();
        away = false;
        store.comeBack();
        owners.values().forEach(witness::renewed);
    }

    /// Another member leads. Who is misled gets renewals acknowledged by the old one for a moment, which are worth
    /// nothing, and no answer to anything else.
    void changeLeader(Iterable<String> misledProcesses, Duration moment) {
        passTime();
        store.changeLeader();
        owners.values().forEach(witness::renewed);
        misledProcesses.forEach(process -> misled.put(process, timeline.now().plus(moment)));
    }

    boolean isMisled(SimProcess process) {
        return misled.getOrDefault(process.name(), Duration.ZERO).compareTo(timeline.now()) > 0;
    }

    Snapshot read(String prefix) throws StoreException {
        passTime();
        return store.read(prefix);
    }

    Outcome commit(SimProcess writer, Transaction transaction) throws StoreException {
        passTime();
        var outcome = store.commit(transaction);
        if (outcome.committed()) {
            witness.committed(writer, transaction, outcome);
        }
        store.deliver();
        return outcome;
    }

    Lease grant(SimProcess owner, Duration ttl) throws StoreException {
        passTime();
        var lease = store.grant(ttl);
        owners.put(lease.id(), owner.name());
        witness.renewed(owner.name());
        return lease;
    }

    Duration keepAlive(SimProcess process, Lease lease) throws StoreException {
        passTime();
        if (isMisled(process)) {
            return lease.ttl();
        }
        var life = store.keepAlive(lease);
        if (!life.isZero()) {
            witness.renewed(process.name());
        }
        return life;
    }

    LeaseLife life(long leaseId) throws StoreException {
        passTime();
        return store.life(leaseId);
    }

    void revoke(Lease lease) throws StoreException {
        passTime();
        store.revoke(lease);
        store.deliver();
    }

    /// Who was granted a lease.
    String owner(long lease) {
        return owners.getOrDefault(lease, "nobody");
    }

    /// The bare store, without a network: for what looks on from outside.
    Store outside() {
        return store;
    }

    private void check() {
        passTime();
        timeline.after(LEASE_CHECK, this::check);
    }

    private void passTime() {
        var local = Duration.ofNanos((long) (timeline.nowNanos() * rate));
        store.pass(local.minus(passed));
        passed = local;
        if (!away) {
            store.deliver();
        }
    }
}
