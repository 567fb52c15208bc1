package io.flota.agent.api;

import com.google.protobuf.ByteString;
import io.flota.agent.runtime.Session;
import io.flota.api.v1.ExecEnd;
import io.flota.api.v1.ExecReply;
import io.flota.api.v1.ExecRequest;
import io.flota.api.v1.ExecStart;
import io.flota.flow.Credit;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The conversation of one client with one session. Holds at most a window of input, and of output what was read last.
final class ExecCall implements StreamObserver<ExecRequest> {
    private static final Logger LOG = LoggerFactory.getLogger(ExecCall.class);
    /// Enough for a fast line; more only takes memory.
    private static final int INPUT_WINDOW = 256 * 1024;
    /// A client tells a sign of life every ten seconds.
    private static final Duration SILENCE = Duration.ofMinutes(1);
    private static final Duration LOOK = Duration.ofSeconds(5);
    private static final Duration GLANCE = Duration.ofMillis(50);

    /// What answers a start.
    interface Answer {
        void to(ExecStart start, ExecCall call) throws StatusException, InterruptedException;
    }

    private final ServerCallStreamObserver<ExecReply> client;
    private final Answer answer;
    private final Credit output = new Credit();
    /// An empty piece ends it.
    private final BlockingQueue<ByteString> input = new LinkedBlockingQueue<>();
    private final Credit granted = new Credit();
    private final Object sending = new Object();
    private Optional<Thread> thread = Optional.empty();
    private Optional<Session> session = Optional.empty();
    private Optional<ExecRequest> size = Optional.empty();
    private boolean started;
    private volatile boolean halfClosed;
    private volatile long heardAt = System.nanoTime();

    ExecCall(ServerCallStreamObserver<ExecReply> client, Answer answer) {
        this.client = client;
        this.answer = answer;
    }

    /// To be called before the service's method returns.
    void listen() {
        client.setOnReadyHandler(this::ready);
        client.setOnCancelHandler(this::cancel);
    }

    // What the client says; one message after the other

    @Override
    public void onNext(ExecRequest request) {
        heardAt = System.nanoTime();
        try {
            take(request);
        } catch (StatusException e) {
            fail(e);
        }
    }

    private void take(ExecRequest request) throws StatusException {
        if (started == (request.getContentCase() == ExecRequest.ContentCase.START)) {
            throw ExecService.refused(Status.INVALID_ARGUMENT, "a start comes first, and only once");
        }
        switch (request.getContentCase()) {
            case START -> start(request.getStart());
            case INPUT -> takeInput(request.getInput());
            case INPUT_END -> input.add(ByteString.EMPTY);
            case SIZE -> resize(request);
            case GRANT -> output.add(Math.max(0, request.getGrant()));
            case CONTENT_NOT_SET -> sendIfReady(ExecReply.getDefaultInstance());
        }
    }

    private void start(ExecStart start) {
        started = true;
        synchronized (this) {
            thread = Optional.of(Thread.ofVirtual().name("exec in " + start.getUnit()).start(() -> run(start)));
        }
    }

    private void takeInput(ByteString bytes) throws StatusException {
        if (bytes.isEmpty()) {
            return;
        }
        if (granted.left() < bytes.size()) {
            throw ExecService.refused(Status.INVALID_ARGUMENT, "more input came than was granted");
        }
        granted.add(-bytes.size());
        input.add(bytes);
    }

    private synchronized void resize(ExecRequest request) throws StatusException {
        var wanted = ExecService.size(request.getSize());
        size = Optional.of(request);
        if (session.isPresent()) {
            try {
                session.get().resize(wanted);
            } catch (IOException e) {
                LOG.debug("a terminal keeps its size because={}", e.toString());
            }
        }
    }

    @Override
    public void onCompleted() {
        halfClosed = true;
        input.add(ByteString.EMPTY);
    }

    @Override
    public void onError(Throwable failure) {
        cancel();
    }

    private synchronized void cancel() {
        thread.ifPresent(Thread::interrupt);
        ready();
    }

    // What the session does; a thread of its own

    private void run(ExecStart start) {
        try {
            answer.to(start, this);
        } catch (StatusException e) {
            fail(e);
        } catch (InterruptedException _) {
            LOG.info("a visitor has left unit={}", start.getUnit());
        } catch (RuntimeException bug) {
            LOG.error("a bug in a visit unit={}", start.getUnit(), bug);
            fail(ExecService.refused(Status.INTERNAL, "the agent failed (its log says more): " + bug));
        }
    }

    /// Passes everything on between client and session, until the session has ended.
    ///
    /// @return its exit status
    int converse(Session begun) throws StatusException, InterruptedException {
        synchronized (this) {
            session = Optional.of(begun);
            if (size.isPresent()) {
                resize(size.get());
            }
        }
        if (begun.entry().isPresent()) {
            send(ExecReply.newBuilder().setEntry(begun.entry().get()).build());
        }
        var pumps = List.of(
                new Pump(begun.output(), output, bytes -> send(ExecReply.newBuilder().setOutput(bytes).build())),
                new Pump(begun.error(), output, bytes -> send(ExecReply.newBuilder().setErrorOutput(bytes).build())));
        // Not virtual: they are in the kernel most of the time.
        var threads = pumps.stream().map(pump -> Thread.ofPlatform().daemon().name("exec output").start(pump)).toList();
        var writer = Thread.ofPlatform().daemon().name("exec input").start(() -> write(begun));
        try {
            grant(INPUT_WINDOW);
            var status = begun.await(LOOK);
            for (; status.isEmpty(); status = begun.await(LOOK)) {
                checkSilence();
            }
            for (int i = 0; i < pumps.size(); i++) {
                while (!threads.get(i).join(GLANCE) && !pumps.get(i).waitsInVain()) {
                    checkSilence();
                }
            }
            return status.get();
        } finally {
            threads.forEach(Thread::interrupt);
            writer.interrupt();
            synchronized (this) {
                session = Optional.empty();
            }
        }
    }

    private void checkSilence() throws StatusException {
        if (!halfClosed && System.nanoTime() - heardAt > SILENCE.toNanos()) {
            throw ExecService.refused(Status.DEADLINE_EXCEEDED, "nothing was heard of the client for a minute");
        }
    }

    /// What nobody reads any more is taken all the same, so that the client is not held up.
    private void write(Session session) {
        boolean isRead = true;
        try (var stream = session.input()) {
            for (var bytes = input.take(); !bytes.isEmpty(); bytes = input.take()) {
                try {
                    if (isRead) {
                        bytes.writeTo(stream);
                        stream.flush();
                    }
                } catch (IOException _) {
                    isRead = false;
                }
                grant(bytes.size());
            }
        } catch (IOException _) {
            return; // it was closed by the other end
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    // What the client is told

    private void grant(int bytes) throws InterruptedException {
        granted.add(bytes);
        send(ExecReply.newBuilder().setGrant(bytes).build());
    }

    /// The last word.
    ///
    /// @param problem why nothing was run; empty if something was
    void end(int status, String problem) throws InterruptedException {
        send(ExecReply.newBuilder().setEnd(ExecEnd.newBuilder().setStatus(status).setProblem(problem)).build());
        synchronized (sending) {
            client.onCompleted();
        }
    }

    private void send(ExecReply reply) throws InterruptedException {
        synchronized (sending) {
            while (!client.isReady()) {
                if (client.isCancelled()) {
                    throw new InterruptedException("the client is gone");
                }
                sending.wait();
            }
            client.onNext(reply);
        }
    }

    private void sendIfReady(ExecReply reply) {
        synchronized (sending) {
            if (client.isReady()) {
                client.onNext(reply);
            }
        }
    }

    private void ready() {
        synchronized (sending) {
            sending.notifyAll();
        }
    }

    private void fail(StatusException e) {
        synchronized (sending) {
            if (!client.isCancelled()) {
                client.onError(e);
            }
        }
        cancel();
    }
}
