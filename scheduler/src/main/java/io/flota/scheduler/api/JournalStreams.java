package io.flota.scheduler.api;

import io.flota.api.v1.AgentGrpc;
import io.flota.api.v1.JournalReply;
import io.flota.api.v1.JournalRequest;
import io.flota.machine.MachineId;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The journals that are read for one client, each by a thread of its own, all over one connection to each machine.
/// What comes is taken by one thread.
final class JournalStreams implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(JournalStreams.class);
    /// Replies that wait for a slow client.
    private static final int QUEUED_REPLIES = 16;
    /// A machine may have to start a process for each journal.
    private static final int READ_AT_ONCE = 8;

    sealed interface Message {}

    record Lines(JournalSource source, JournalReply reply) implements Message {}

    /// The last of a source, with whatever status.
    record End(JournalSource source, Status status) implements Message {}

    /// Somebody called [#wake].
    record Wake() implements Message {}

    private final AgentChannels channels;
    private final BlockingQueue<Message> messages = new ArrayBlockingQueue<>(QUEUED_REPLIES);
    private final Map<MachineId, Semaphore> turns = new ConcurrentHashMap<>();
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    JournalStreams(Agents agents) {
        this.channels = new AgentChannels(agents);
    }

    /// @param address the agent's, host:port
    /// @param request of which unit does not matter
    void open(JournalSource source, String address, JournalRequest request) {
        var its = request.toBuilder()
                .setUnit(source.unit().full())
                .clearNames()
                .clearPatterns()
                .build();
        threads.submit(() -> relay(source, address, its));
    }

    /// Runs this as long as the streams are open.
    void alongside(Runnable work) {
        threads.execute(work);
    }

    void wake() throws InterruptedException {
        messages.put(new Wake());
    }

    Message take() throws InterruptedException {
        return messages.take();
    }

    /// Empty if nothing comes in time.
    Optional<Message> take(Duration patience) throws InterruptedException {
        return Optional.ofNullable(messages.poll(patience.toMillis(), TimeUnit.MILLISECONDS));
    }

    private Void relay(JournalSource source, String address, JournalRequest request) throws InterruptedException {
        var turn = turns.computeIfAbsent(source.machine(), _ -> new Semaphore(READ_AT_ONCE));
        Status status = Status.OK;
        if (!request.getFollow()) {
            turn.acquire();
        }
        try {
            pass(source, address, request);
        } catch (StatusRuntimeException e) {
            status = e.getStatus();
        } catch (RuntimeException e) {
            log.error("a bug in reading a journal unit={} agent={}", source.unit(), address, e);
            status = Status.INTERNAL.withDescription(e.toString());
        } finally {
            if (!request.getFollow()) {
                turn.release();
            }
        }
        messages.put(new End(source, status));
        return null;
    }

    private void pass(JournalSource source, String address, JournalRequest request) throws InterruptedException {
        var replies = AgentGrpc.newBlockingStub(channels.to(address)).journal(request);
        while (replies.hasNext()) {
            var reply = replies.next().toBuilder().setMachineId(source.machine().value());
            messages.put(new Lines(source, reply.build()));
        }
    }

    @Override
    public void close() {
        threads.shutdownNow();
        channels.close();
    }
}
