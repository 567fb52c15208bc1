package io.flota.store;

import com.google.common.collect.ImmutableList;
import io.etcd.jetcd.api.Event;
import io.etcd.jetcd.api.WatchCreateRequest;
import io.etcd.jetcd.api.WatchGrpc;
import io.etcd.jetcd.api.WatchProgressRequest;
import io.etcd.jetcd.api.WatchRequest;
import io.etcd.jetcd.api.WatchResponse;
import io.grpc.CallOptions;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.grpc.stub.MetadataUtils;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;

/// One watch on one stream to one member. It never resumes: whatever ends the stream ends the watch.
final class EtcdWatch implements Watch, ClientResponseObserver<WatchRequest, WatchResponse> {
    /// Asks a member that is cut off from the others to end the stream, instead of keeping it in silence.
    private static final Metadata REQUIRE_LEADER = new Metadata();

    static {
        REQUIRE_LEADER.put(Metadata.Key.of("hasleader", Metadata.ASCII_STRING_MARSHALLER), "true");
    }

    /// In the place of a watch's id, in answers that speak of the whole stream.
    private static final long PROGRESS_ID = -1;

    private final WatchListener listener;
    private final Consumer<EtcdWatch> atEnd;
    private Optional<ClientCallStreamObserver<WatchRequest>> stream = Optional.empty();
    private boolean created;
    private boolean ended;
    private long delivered;
    private long progress;
    private volatile long revision;

    EtcdWatch(long fromRevision, WatchListener listener, Consumer<EtcdWatch> atEnd) {
        this.listener = listener;
        this.atEnd = atEnd;
        this.delivered = fromRevision - 1;
        this.revision = delivered;
    }

    void start(EtcdCalls calls, String prefix) {
        var member = calls.preferred();
        var create = WatchCreateRequest.newBuilder()
                .setKey(EtcdStore.bytes(prefix))
                .setRangeEnd(EtcdStore.endOf(prefix))
                .setStartRevision(delivered + 1);
        try {
            var options = calls.attachToken(CallOptions.DEFAULT, member);
            var stub = WatchGrpc.newStub(member.channel())
                    .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(REQUIRE_LEADER))
                    .withCallCredentials(options.getCredentials());
            stub.watch(this).onNext(WatchRequest.newBuilder().setCreateRequest(create).build());
        } catch (StatusRuntimeException e) {
            onError(e);
        }
    }

    synchronized void askForProgress() {
        if (created && !ended) {
            stream.ifPresent(requests -> requests.onNext(WatchRequest.newBuilder()
                    .setProgressRequest(WatchProgressRequest.getDefaultInstance())
                    .build()));
        }
    }

    @Override
    public long revision() {
        return revision;
    }

    @Override
    public synchronized void close() {
        end();
    }

    @Override
    public synchronized void beforeStart(ClientCallStreamObserver<WatchRequest> requests) {
        stream = Optional.of(requests);
    }

    @Override
    public synchronized void onNext(WatchResponse response) {
        if (ended) {
            return;
        }
        if (response.getCanceled()) {
            broken(response.getCompactRevision() > 0
                    ? "revision " + (delivered + 1) + " is compacted, " + response.getCompactRevision()
                            + " is the oldest that etcd still has"
                    : "etcd ended it: " + EtcdFailure.firstLine(response.getCancelReason()));
            return;
        }
        created |= response.getCreated();
        deliver(response);
        if (response.getWatchId() == PROGRESS_ID) {
            // An answer may overtake changes that are on their way, but not by the time until the next answer.
            revision = Math.max(revision, progress);
            progress = response.getHeader().getRevision();
        }
        revision = Math.max(revision, delivered);
    }

    @Override
    public synchronized void onError(Throwable failure) {
        broken(EtcdFailure.because(Status.fromThrowable(failure), Duration.ZERO));
    }

    @Override
    public synchronized void onCompleted() {
        broken("etcd ended it");
    }

    private void deliver(WatchResponse response) {
        var events = response.getEventsList();
        for (int from = 0; from < events.size() && !ended; ) {
            long at = revisionOf(events.get(from));
            int to = from;
            var changes = ImmutableList.<WatchListener.Event>builder();
            while (to < events.size() && revisionOf(events.get(to)) == at) {
                changes.add(event(events.get(to)));
                to++;
            }
            if (at <= delivered) {
                broken("etcd told revision " + at + " after " + delivered);
                return;
            }
            delivered = at;
            listener.changed(at, changes.build());
            from = to;
        }
    }

    private void broken(String reason) {
        if (!ended) {
            end();
            listener.broken(reason);
        }
    }

    private void end() {
        if (!ended) {
            ended = true;
            atEnd.accept(this);
            stream.ifPresent(requests -> requests.cancel("the watch is closed", null));
        }
    }

    private static long revisionOf(Event event) {
        return event.getKv().getModRevision();
    }

    private static WatchListener.Event event(Event event) {
        return switch (event.getType()) {
            case PUT -> new WatchListener.Written(EtcdStore.entry(event.getKv()));
            case DELETE -> new WatchListener.Deleted(event.getKv().getKey().toStringUtf8());
            case UNRECOGNIZED -> throw new IllegalStateException("etcd told an event of unknown type " + event);
        };
    }
}
