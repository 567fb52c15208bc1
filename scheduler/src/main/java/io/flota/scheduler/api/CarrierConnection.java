package io.flota.scheduler.api;

import com.google.common.collect.ImmutableMap;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import io.flota.api.v1.Call;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerMethodDefinition;
import io.grpc.Status;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.time.Duration;

/// One connection of the carrier: reads its call, has the gRPC service answer it, and cancels the call when the
/// client goes.
final class CarrierConnection {
    /// A client writes its call at once; one that does not is none of ours.
    private static final Duration CALL_DEADLINE = Duration.ofSeconds(10);
    /// How much is still read of a call that is refused unread, so that the client gets the answer and not a reset.
    private static final int DRAINED_BYTES = 1 << 16;

    private final ImmutableMap<String, ServerMethodDefinition<?, ?>> methods;
    private final Socket socket;
    private final InputStream in;
    private final CarrierAnswers answers;

    CarrierConnection(
            ImmutableMap<String, ServerMethodDefinition<?, ?>> methods,
            Socket socket,
            InputStream in,
            CarrierAnswers answers) {
        this.methods = methods;
        this.socket = socket;
        this.in = in;
        this.answers = answers;
    }

    void serve() throws IOException {
        socket.setSoTimeout((int) CALL_DEADLINE.toMillis());
        Call call;
        try {
            call = readCall();
        } catch (InvalidProtocolBufferException e) {
            refuse(Status.INVALID_ARGUMENT.withDescription("not a call of Flota's carrier: " + e.getMessage()));
            return;
        }
        socket.setSoTimeout(0);
        var method = methods.get(call.getMethod());
        if (method == null) {
            answers.end(Status.UNIMPLEMENTED.withDescription("this scheduler has no method \"" + call.getMethod()
                    + "\"; client and scheduler may be of different versions"));
        } else {
            answer(method, call);
        }
    }

    private Call readCall() throws IOException {
        int first = in.read();
        if (first < 0) {
            throw new IOException("closed before a call came");
        }
        return Call.parseFrom(readMessage(first));
    }

    /// One length-delimited message of bounded size.
    ///
    /// @param first its first byte
    private byte[] readMessage(int first) throws IOException {
        int size = CodedInputStream.readRawVarint32(first, in);
        if (size < 0 || size > GrpcListener.MAX_MESSAGE_BYTES) {
            throw new InvalidProtocolBufferException(
                    "a message of " + Integer.toUnsignedString(size) + " bytes; at most "
                            + GrpcListener.MAX_MESSAGE_BYTES + " are taken");
        }
        // In pieces, so that a length that is never delivered takes no memory.
        byte[] bytes = in.readNBytes(size);
        if (bytes.length < size) {
            throw new InvalidProtocolBufferException(
                    "it ends after " + bytes.length + " of its " + size + " bytes");
        }
        return bytes;
    }

    private void refuse(Status status) throws IOException {
        answers.end(status);
        for (int drained = 0; drained < DRAINED_BYTES; ) {
            long skipped = in.skip(DRAINED_BYTES - drained);
            if (skipped <= 0) {
                return;
            }
            drained += (int) skipped;
        }
    }

    private <Q, R> void answer(ServerMethodDefinition<Q, R> method, Call request) {
        var descriptor = method.getMethodDescriptor();
        var call = new CarrierCall<>(descriptor, answers);
        var listener = method.getServerCallHandler().startCall(call, new Metadata());
        listener.onMessage(descriptor.parseRequest(request.getRequest().newInput()));
        if (descriptor.getType().clientSendsOneMessage()) {
            listener.onHalfClose();
            awaitEnd(call);
        } else {
            readOn(descriptor, call, listener);
        }
        if (call.isClosed()) {
            listener.onComplete();
        } else {
            call.cancel();
            listener.onCancel();
        }
    }

    /// Until the client goes, or the last answer of a stream is written.
    private void awaitEnd(CarrierCall<?, ?> call) {
        try {
            while (!call.isClosed() && in.read() >= 0) {
                // a client has nothing more to say
            }
        } catch (IOException _) {
            // gone, too
        }
    }

    /// Hands on what else the client says, as fast as the service takes it, until the client goes.
    private <Q, R> void readOn(
            MethodDescriptor<Q, R> descriptor, CarrierCall<Q, R> call, ServerCall.Listener<Q> listener) {
        try {
            call.awaitRequest(); // that was for the first one
            for (int first = in.read(); first >= 0; first = in.read()) {
                var message = new ByteArrayInputStream(readMessage(first));
                if (call.awaitRequest()) {
                    listener.onMessage(descriptor.parseRequest(message));
                }
            }
        } catch (IOException _) {
            // gone, or it talks nonsense, and will not understand why
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
