package io.flota.scheduler.api;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import com.google.protobuf.Parser;
import io.flota.api.v1.Answer;
import io.flota.api.v1.Call;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
import javax.net.SocketFactory;

/// The client's side of the carrier, as small as it can be.
record CarrierClient(int port, SocketFactory sockets) {
    /// Only ends a hopeless test.
    private static final Duration DEADLINE = Duration.ofSeconds(30);

    CarrierClient(int port) {
        this(port, SocketFactory.getDefault());
    }

    Socket connect() throws IOException {
        var socket = sockets.createSocket(InetAddress.getLoopbackAddress(), port);
        socket.setSoTimeout((int) DEADLINE.toMillis());
        return socket;
    }

    Socket send(String method, ByteString request) throws IOException {
        var socket = connect();
        Call.newBuilder().setMethod(method).setRequest(request).build().writeDelimitedTo(socket.getOutputStream());
        return socket;
    }

    /// @throws StatusRuntimeException as the stubs of gRPC do
    <T> T ask(String method, Message request, Parser<T> replies) {
        var replied = new Object() {
            Optional<T> last = Optional.empty();
        };
        stream(method, request.toByteString(), replies, reply -> replied.last = Optional.of(reply));
        return replied.last.orElseThrow();
    }

    <T> void stream(String method, ByteString request, Parser<T> replies, Consumer<T> consumer) {
        try (var socket = send(method, request)) {
            var status = answers(socket, replies, consumer);
            if (!status.isOk()) {
                throw status.asRuntimeException();
            }
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    static <T> Status answers(Socket socket, Parser<T> replies, Consumer<T> consumer) throws IOException {
        while (true) {
            var answer = Answer.parseDelimitedFrom(socket.getInputStream());
            if (answer == null) {
                throw new IOException("the connection ended without a status");
            }
            if (answer.hasStatus()) {
                return Status.fromCodeValue(answer.getStatus().getCode())
                        .withDescription(answer.getStatus().getDescription());
            }
            consumer.accept(replies.parseFrom(answer.getReply()));
        }
    }
}
