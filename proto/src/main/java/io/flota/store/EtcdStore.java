package io.flota.store;

import com.google.common.collect.ImmutableSortedMap;
import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.Compare;
import io.etcd.jetcd.api.DeleteRangeRequest;
import io.etcd.jetcd.api.KVGrpc;
import io.etcd.jetcd.api.KeyValue;
import io.etcd.jetcd.api.LeaseGrantRequest;
import io.etcd.jetcd.api.LeaseGrpc;
import io.etcd.jetcd.api.LeaseKeepAliveRequest;
import io.etcd.jetcd.api.LeaseKeepAliveResponse;
import io.etcd.jetcd.api.LeaseRevokeRequest;
import io.etcd.jetcd.api.LeaseRevokeResponse;
import io.etcd.jetcd.api.PutRequest;
import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.RequestOp;
import io.etcd.jetcd.api.TxnRequest;
import io.flota.store.EtcdCalls.Call;
import io.grpc.MethodDescriptor;
import java.time.Duration;

/// A store in etcd 3.4 or later.
///
/// It speaks etcd's protocol over connections of its own, so that every call ends within a deadline, an outage is over
/// for us as soon as it is over for etcd, and a watch that may have missed something says so. jetcd's client assures
/// none of the three; only its generated protocol classes are used.
public final class EtcdStore implements Store {
    /// Half-closed after one request the stream answers once and ends, so that it can be called like any other method.
    private static final MethodDescriptor<LeaseKeepAliveRequest, LeaseKeepAliveResponse> KEEP_ALIVE_ONCE =
            LeaseGrpc.getLeaseKeepAliveMethod().toBuilder()
                    .setType(MethodDescriptor.MethodType.UNARY)
                    .build();

    private final EtcdCalls calls;
    private final EtcdWatches watches;

    public EtcdStore(EtcdSettings settings) {
        this.calls = new EtcdCalls(settings);
        this.watches = new EtcdWatches(calls);
    }

    @Override
    public Snapshot read(String prefix) throws StoreException {
        var request = RangeRequest.newBuilder().setKey(bytes(prefix)).setRangeEnd(endOf(prefix)).build();
        var answer = calls.ask(Call.repeatable("read " + prefix, KVGrpc.getRangeMethod(), request));
        var entries = ImmutableSortedMap.<String, Entry>naturalOrder();
        for (var pair : answer.getKvsList()) {
            entries.put(pair.getKey().toStringUtf8(), entry(pair));
        }
        return new Snapshot(answer.getHeader().getRevision(), entries.build());
    }

    @Override
    public Outcome commit(Transaction transaction) throws StoreException {
        var request = TxnRequest.newBuilder();
        transaction.conditions().forEach(condition -> request.addCompare(compare(condition)));
        transaction.writes().forEach(write -> request.addSuccess(operation(write)));
        var answer = calls.ask(Call.once("write " + describe(transaction), KVGrpc.getTxnMethod(), request.build()));
        return new Outcome(answer.getSucceeded(), answer.getHeader().getRevision());
    }

    @Override
    public Watch watch(String prefix, long fromRevision, WatchListener listener) {
        return watches.open(prefix, fromRevision, listener);
    }

    @Override
    public Lease grant(Duration ttl) throws StoreException {
        long seconds = ttl.plusSeconds(1).minusNanos(1).toSeconds();
        var request = LeaseGrantRequest.newBuilder().setTTL(seconds).build();
        var answer = calls.ask(Call.once("get a lease", LeaseGrpc.getLeaseGrantMethod(), request));
        return new Lease(answer.getID(), Duration.ofSeconds(answer.getTTL()));
    }

    @Override
    public Duration keepAlive(Lease lease) throws StoreException {
        var request = LeaseKeepAliveRequest.newBuilder().setID(lease.id()).build();
        // A member that hangs must leave time to ask another one before the lease ends.
        var call = Call.repeatable("keep lease " + id(lease), KEEP_ALIVE_ONCE, request)
                .within(lease.ttl().dividedBy(4));
        return Duration.ofSeconds(Math.max(0, calls.ask(call).getTTL()));
    }

    @Override
    public void revoke(Lease lease) throws StoreException {
        var request = LeaseRevokeRequest.newBuilder().setID(lease.id()).build();
        calls.ask(Call.repeatable("revoke lease " + id(lease), LeaseGrpc.getLeaseRevokeMethod(), request)
                .whenNotFound(LeaseRevokeResponse.getDefaultInstance()));
    }

    @Override
    public void close() {
        watches.close();
        calls.close();
    }

    static ByteString bytes(String key) {
        return ByteString.copyFromUtf8(key);
    }

    static Entry entry(KeyValue pair) {
        return new Entry(
                pair.getKey().toStringUtf8(), pair.getValue(), pair.getCreateRevision(), pair.getModRevision(),
                pair.getLease());
    }

    /// The first key after all that start with the prefix: its last byte raised by one. In UTF-8 no byte is 0xff.
    static ByteString endOf(String prefix) {
        var end = bytes(prefix).toByteArray();
        end[end.length - 1]++;
        return ByteString.copyFrom(end);
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

    private static Compare compare(Transaction.Condition condition) {
        var compare = Compare.newBuilder().setKey(bytes(condition.key())).setResult(Compare.CompareResult.EQUAL);
        return switch (condition) {
            case Transaction.Absent _ -> compare.setTarget(Compare.CompareTarget.VERSION).setVersion(0).build();
            case Transaction.Unchanged(_, long revision) ->
                compare.setTarget(Compare.CompareTarget.MOD).setModRevision(revision).build();
            case Transaction.SameLife(_, long revision) ->
                compare.setTarget(Compare.CompareTarget.CREATE).setCreateRevision(revision).build();
        };
    }

    private static RequestOp operation(Transaction.Write write) {
        return switch (write) {
            case Transaction.Put(String key, ByteString value, long leaseId) ->
                RequestOp.newBuilder()
                        .setRequestPut(PutRequest.newBuilder().setKey(bytes(key)).setValue(value).setLease(leaseId))
                        .build();
            case Transaction.Delete(String key) ->
                RequestOp.newBuilder()
                        .setRequestDeleteRange(DeleteRangeRequest.newBuilder().setKey(bytes(key)))
                        .build();
        };
    }
}
