package io.flota.scheduler.api;

import com.google.protobuf.ByteString;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.Status;
import java.io.IOException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/// One call that came by the carrier, as the gRPC service sees it. A send blocks until the client has taken it, so
/// a slow client slows only itself.
final class CarrierCall<Q, R> extends ServerCall<Q, R> {
    private static final int LOOK_MILLIS = 200;
    /// Half a minute of them, as a client has it that takes nothing.
    private static final int LOOKS = 150;

    private final MethodDescriptor<Q, R> method;
    private final CarrierAnswers answers;
    /// How many messages the service is ready to take; counts only where it takes a stream of them.
    private final Semaphore requested = new Semaphore(0);
    private volatile boolean cancelled;
    private volatile boolean closed;

    CarrierCall(MethodDescriptor<Q, R> method, CarrierAnswers answers) {
        this.method = method;
        this.answers = answers;
    }

    @Override
    public void request(int numMessages) {
        requested.release(numMessages);
    }

    /// Waits until the service takes another message. One that takes none for too long has its call cancelled: meanwhile
    /// nobody would see the client go.
    ///
    /// @return false if the call has ended
    boolean awaitRequest() throws InterruptedException {
        for (int i = 0; i < LOOKS; i++) {
            if (closed || cancelled || answers.isAbandoned()) {
                return false;
            }
            if (requested.tryAcquire(LOOK_MILLIS, TimeUnit.MILLISECONDS)) {
                return !closed && !cancelled;
            }
        }
        cancel();
        return false;
    }

    /// Nothing to do: the carrier has no headers.
    @Override
    public void sendHeaders(Metadata headers) {}

    @Override
    public void sendMessage(R message) {
        try (var bytes = method.streamResponse(message)) {
            answers.reply(ByteString.readFrom(bytes));
        } catch (IOException _) {
            cancel(); // the client is gone, which the service learns by its listener
        }
    }

    @Override
    public void close(Status status, Metadata trailers) {
        try {
            answers.end(status);
            closed = true; // not before: whoever sees it closes the connection
            requested.release();
            if (method.getType().clientSendsOneMessage()) {
                answers.stopListening();
            } else {
                answers.sayFarewell();
            }
        } catch (IOException _) {
            cancel();
        }
    }

    void cancel() {
        cancelled = true;
        requested.release();
        answers.abandon();
    }

    boolean isClosed() {
        return closed;
    }

    @Override
    public boolean isCancelled() {
        return cancelled;
    }

    @Override
    public boolean isReady() {
        return !cancelled && !closed;
    }

    @Override
    public MethodDescriptor<Q, R> getMethodDescriptor() {
        return method;
    }
}
