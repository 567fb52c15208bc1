package io.flota.store;

import com.google.common.collect.ImmutableSortedMap;
import com.google.common.collect.ImmutableSortedSet;
import com.google.common.collect.Maps;
import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.KeyValue;
import io.etcd.jetcd.lease.LeaseTimeToLiveResponse;
import io.etcd.jetcd.op.Cmp;
import io.etcd.jetcd.op.CmpTarget;
import io.etcd.jetcd.op.Op;
import io.etcd.jetcd.options.DeleteOption;
import io.etcd.jetcd.options.GetOption;
import io.etcd.jetcd.options.LeaseOption;
import io.etcd.jetcd.options.PutOption;
import io.flota.store.EtcdCalls.Call;
import io.flota.store.EtcdMember.Connection;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/// A store in etcd 3.4 or later, over jetcd.
///
/// Of jetcd only what keeps the store's promises is used: every call ends within a deadline and is never repeated
/// unasked, a client that cannot connect is replaced so that an outage is over for us as soon as it is over for etcd,
/// and a watch ends at the first break, since jetcd's resumed ones may have missed something without saying so.
public final class EtcdStore implements Store {
    private final EtcdCalls calls;
    private final EtcdWatches watches;

    public EtcdStore(EtcdSettings settings) {
        this.calls = new EtcdCalls(settings);
        this.watches = new EtcdWatches(calls);
    }

    @Override
    public Snapshot read(String prefix) throws StoreException {
        var wholePrefix = GetOption.builder().isPrefix(true).build();
        var answer = calls.ask(Call.repeatable("read " + prefix, etcd -> etcd.kv().get(bytes(prefix), wholePrefix)));
        var entries = ImmutableSortedMap.<String, Entry>naturalOrder();
        for (var pair : answer.getKvs()) {
            entries.put(pair.getKey().toString(), entry(pair));
        }
        return new Snapshot(answer.getHeader().getRevision(), entries.build());
    }

    @Override
    public Snapshot read(List<KeyRange> ranges, int most) throws StoreException {
        var reads = ranges.stream().map(range -> read(range, most)).toArray(Op[]::new);
        var answer = calls.ask(Call.repeatable(
                "read " + ranges.getFirst().prefix(), etcd -> etcd.kv().txn().Then(reads).commit()));
        var entries = ImmutableSortedMap.<String, Entry>naturalOrder();
        for (var part : answer.getGetResponses()) {
            for (var pair : part.getKvs()) {
                entries.put(pair.getKey().toString(), entry(pair));
            }
        }
        return new Snapshot(answer.getHeader().getRevision(), entries.build());
    }

    @Override
    public Outcome commit(Transaction transaction) throws StoreException {
        var conditions = transaction.conditions().stream().map(EtcdStore::compare).toArray(Cmp[]::new);
        var writes = transaction.writes().stream().map(EtcdStore::operation).toArray(Op[]::new);
        var answer = calls.ask(Call.once(
                "write " + describe(transaction), etcd -> etcd.kv().txn().If(conditions).Then(writes).commit()));
        return new Outcome(answer.isSucceeded(), answer.getHeader().getRevision());
    }

    @Override
    public Watch watch(String prefix, long fromRevision, WatchListener listener) {
        return watches.open(prefix, fromRevision, listener);
    }

    @Override
    public Lease grant(Duration ttl) throws StoreException {
        long seconds = ttl.plusSeconds(1).minusNanos(1).toSeconds();
        var answer = calls.ask(Call.once("get a lease", etcd -> etcd.leases().grant(seconds)));
        return new Lease(answer.getID(), Duration.ofSeconds(answer.getTTL()));
    }

    @Override
    public Duration keepAlive(Lease lease) throws StoreException {
        var call = Call.repeatable("keep lease " + id(lease), etcd -> etcd.leases()
                .keepAliveOnce(lease.id())
                .thenApply(answer -> Duration.ofSeconds(answer.getTTL())));
        // A member that hangs must leave time to ask another one before the lease ends.
        return calls.ask(call.within(lease.ttl().dividedBy(4)).whenNotFound(Duration.ZERO));
    }

    @Override
    public LeaseLife life(long leaseId) throws StoreException {
        var call = Call.repeatable("ask for lease " + Long.toHexString(leaseId), etcd -> life(etcd, leaseId));
        return calls.ask(call.whenNotFound(LeaseLife.ENDED));
    }

    /// One answer is missing: nothing is known. etcd does not fail for a lease that it does not know.
    @Override
    public ImmutableSortedMap<Long, LeaseLife> lives(Collection<Long> leaseIds) throws StoreException {
        var ids = ImmutableSortedSet.copyOf(leaseIds);
        return calls.ask(Call.repeatable("ask for " + ids.size() + " leases", etcd -> lives(etcd, ids)));
    }

    private static CompletableFuture<ImmutableSortedMap<Long, LeaseLife>> lives(
            Connection etcd, ImmutableSortedSet<Long> leaseIds) {
        var asked = Maps.toMap(leaseIds, leaseId -> life(etcd, leaseId));
        return CompletableFuture.allOf(asked.values().toArray(CompletableFuture[]::new))
                .thenApply(_ -> ImmutableSortedMap.copyOf(Maps.transformValues(asked, CompletableFuture::join)));
    }

    private static CompletableFuture<LeaseLife> life(Connection etcd, long leaseId) {
        return etcd.leases().timeToLive(leaseId, LeaseOption.DEFAULT).thenApply(EtcdStore::life);
    }

    /// etcd says -1 of a lease that it does not know.
    private static LeaseLife life(LeaseTimeToLiveResponse answer) {
        return answer.getTTL() < 0
                ? LeaseLife.ENDED
                : new LeaseLife(Duration.ofSeconds(answer.getGrantedTTL()), Duration.ofSeconds(answer.getTTL()));
    }

    @Override
    public void revoke(Lease lease) throws StoreException {
        var call = Call.repeatable("revoke lease " + id(lease), etcd -> etcd.leases()
                .revoke(lease.id())
                .thenApply(_ -> Boolean.TRUE));
        calls.ask(call.whenNotFound(Boolean.FALSE));
    }

    @Override
    public void close() {
        watches.close();
        calls.close();
    }

    static ByteSequence bytes(String key) {
        return ByteSequence.from(key, StandardCharsets.UTF_8);
    }

    static Entry entry(KeyValue pair) {
        return new Entry(
                pair.getKey().toString(), UnsafeByteOperations.unsafeWrap(pair.getValue().getBytes()),
                pair.getCreateRevision(), pair.getModRevision(), pair.getLease());
    }

    private static String id(Lease lease) {
        return Long.toHexString(lease.id());
    }

    private static String describe(Transaction transaction) {
        if (transaction.writes().isEmpty()) {
            return "nothing";
        }
        int others = transaction.writes().size() - 1;
        return transaction.writes().getFirst().key() + (others == 0 ? "" : " and " + others + " more");
    }

    private static Cmp compare(Transaction.Condition condition) {
        var key = bytes(condition.key());
        return switch (condition) {
            case Transaction.Absent _ -> new Cmp(key, Cmp.Op.EQUAL, CmpTarget.version(0));
            case Transaction.Unchanged(_, long revision) ->
                new Cmp(key, Cmp.Op.EQUAL, CmpTarget.modRevision(revision));
            case Transaction.SameLife(_, long revision) ->
                new Cmp(key, Cmp.Op.EQUAL, CmpTarget.createRevision(revision));
            case Transaction.NotWrittenAfter(_, long revision) ->
                new Cmp(key, Cmp.Op.LESS, CmpTarget.modRevision(revision + 1));
        };
    }

    private static Op read(KeyRange range, int most) {
        return Op.get(
                bytes(range.from()), GetOption.builder().withRange(bytes(range.to())).withLimit(most).build());
    }

    private static Op operation(Transaction.Write write) {
        return switch (write) {
            case Transaction.Put(String key, ByteString value, long leaseId) -> Op.put(
                    bytes(key), ByteSequence.from(value), PutOption.builder().withLeaseId(leaseId).build());
            case Transaction.Delete(String key) -> Op.delete(bytes(key), DeleteOption.DEFAULT);
        };
    }
}
