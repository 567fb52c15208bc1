package io.flota.scheduler.api;

import com.google.common.collect.ImmutableList;
import io.flota.api.v1.AgentGrpc;
import io.flota.api.v1.JournalReply;
import io.flota.api.v1.JournalRequest;
import io.flota.machine.MachineId;
import io.flota.tls.HandshakeFailure;
import io.grpc.ChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.channel.ChannelOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Reads a unit's output from the agents of the machines that it is on.
final class Journals {
    private static final Logger log = LoggerFactory.getLogger(Journals.class);
    /// An agent is near; one that has not accepted by then will not.
    private static final int CONNECT_TIMEOUT_MILLIS = 3000;
    /// How long an agent may be silent; whether it has lines to tell or not, its connection answers.
    private static final long SILENCE_SECONDS = 10;
    /// Replies of several machines that wait for a slow client.
    private static final int QUEUED_REPLIES = 16;

    /// Where a unit's output is.
    ///
    /// @param address host:port of the machine's agent
    record Place(MachineId machine, String address) {}

    private sealed interface Message {}

    private record Lines(JournalReply reply) implements Message {}

    private record End(ImmutableList<String> problem) implements Message {}

    private final ChannelCredentials credentials;

    Journals(ChannelCredentials credentials) {
        this.credentials = credentials;
    }

    /// Sends the lines of all places in the order in which they come, each place by a thread of its own. A place that
    /// cannot be read does not hold up the others; it is told at the end.
    void read(JournalRequest request, List<Place> places, Outlet<JournalReply> outlet)
            throws RefusedException, InterruptedException {
        var messages = new ArrayBlockingQueue<Message>(QUEUED_REPLIES);
        var problems = new ArrayList<String>();
        var threads = Executors.newVirtualThreadPerTaskExecutor();
        try {
            places.forEach(place -> threads.submit(() -> relay(request, place, messages)));
            for (int open = places.size(); open > 0; ) {
                switch (messages.take()) {
                    case Lines(var reply) -> outlet.send(reply);
                    case End(var problem) -> {
                        problems.addAll(problem);
                        open--;
                    }
                }
            }
        } finally {
            threads.shutdownNow();
        }
        if (!problems.isEmpty()) {
            throw new RefusedException(Status.Code.UNAVAILABLE, problems);
        }
    }

    private Void relay(JournalRequest request, Place place, BlockingQueue<Message> messages)
            throws InterruptedException {
        ImmutableList<String> problem = ImmutableList.of();
        try {
            pass(request, place, messages);
        } catch (StatusRuntimeException e) {
            problem = ImmutableList.of(problem(request.getUnit(), place, e.getStatus()));
        } catch (RuntimeException e) {
            log.error("a bug in reading a journal unit={} agent={}", request.getUnit(), place.address(), e);
            var status = Status.INTERNAL.withDescription(e.toString());
            problem = ImmutableList.of(problem(request.getUnit(), place, status));
        }
        messages.put(new End(problem));
        return null;
    }

    private void pass(JournalRequest request, Place place, BlockingQueue<Message> messages)
            throws InterruptedException {
        var channel = channel(place);
        try {
            var replies = AgentGrpc.newBlockingStub(channel).journal(request);
            while (replies.hasNext()) {
                var reply = replies.next().toBuilder().setMachineId(place.machine().value());
                messages.put(new Lines(reply.build()));
            }
        } finally {
            channel.shutdownNow();
        }
    }

    private ManagedChannel channel(Place place) {
        return NettyChannelBuilder.forTarget(place.address(), credentials)
                .withOption(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_TIMEOUT_MILLIS)
                .keepAliveTime(SILENCE_SECONDS, TimeUnit.SECONDS)
                .keepAliveTimeout(SILENCE_SECONDS, TimeUnit.SECONDS)
                .maxInboundMessageSize(GrpcListener.MAX_MESSAGE_BYTES)
                .build();
    }

    private static String problem(String unit, Place place, Status status) {
        String where = "machine " + place.machine().shortened() + " (agent " + place.address() + ")";
        return status.getCode() == Status.Code.UNAVAILABLE
                ? "cannot reach " + where + " for the journal of " + unit + ": " + reason(status)
                : where + " cannot tell the journal of " + unit + ": " + reason(status);
    }

    /// The transport's own words are "io exception"; what happened is said by the cause.
    private static String reason(Status status) {
        var cause = status.getCause();
        if (status.getCode() == Status.Code.UNAVAILABLE && cause != null && cause.getMessage() != null) {
            return HandshakeFailure.because(cause)
                    .orElseGet(() -> cause.getMessage().lines().findFirst().orElse(""));
        }
        return status.getDescription() == null ? status.getCode().toString() : status.getDescription();
    }
}
