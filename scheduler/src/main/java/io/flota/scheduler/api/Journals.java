package io.flota.scheduler.api;

import com.google.common.collect.ImmutableList;
import io.flota.api.v1.AgentGrpc;
import io.flota.api.v1.JournalReply;
import io.flota.api.v1.JournalRequest;
import io.flota.scheduler.api.Agents.Place;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Executors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Reads a unit's output from the agents of the machines that it is on.
final class Journals {
    private static final Logger log = LoggerFactory.getLogger(Journals.class);
    /// Replies of several machines that wait for a slow client.
    private static final int QUEUED_REPLIES = 16;

    private sealed interface Message {}

    private record Lines(JournalReply reply) implements Message {}

    private record End(ImmutableList<String> problem) implements Message {}

    private final Agents agents;

    Journals(Agents agents) {
        this.agents = agents;
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
        var channel = agents.channel(place);
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

    private static String problem(String unit, Place place, Status status) {
        return status.getCode() == Status.Code.UNAVAILABLE
                ? "cannot reach " + place + " for the journal of " + unit + ": " + Agents.reason(status)
                : place + " cannot tell the journal of " + unit + ": " + Agents.reason(status);
    }
}
