package io.flota.scheduler.api;

import com.google.protobuf.ByteString;
import io.flota.api.v1.Answer;
import io.flota.api.v1.Call;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Duration;
import javax.net.SocketFactory;

/// The client's side of the carrier, as small as it can be.
public record CarrierClient(int port, SocketFactory sockets) {
    /// Takes the replies, as they came.
    public interface Replies {
        void accept(ByteString reply) throws IOException;
    }

    /// Only ends a hopeless test.
    private static final Duration DEADLINE = Duration.ofSeconds(30);

    public CarrierClient(int port) {
        this(port, SocketFactory.getDefault());
    }

    Socket connect() throws IOException {
        var socket = sockets.createSocket(InetAddress.getLoopbackAddress(), port);
        socket.setSoTimeout((int) DEADLINE.toMillis());
        return socket;
    }

    public Socket send(String method, ByteString request) throws IOException {
        var socket = connect();
        Call.newBuilder().setMethod(method).setRequest(request).build().writeDelimitedTo(socket.getOutputStream());
        return socket;
    }

    /// @throws StatusRuntimeException as the stubs of gRPC do
    public void stream(String method, ByteString request, Replies replies) {
        try (var socket = send(method, request)) {
            var status = answers(socket, replies);
            if (!status.isOk()) {
                throw status.asRuntimeException();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static Status answers(Socket socket, Replies replies) throws IOException {
        while (true) {
            var answer = Answer.parseDelimitedFrom(socket.getInputStream());
            if (answer == null) {
                throw new IOException("the connection ended without a status");
            }
            if (answer.hasStatus()) {
                return Status.fromCodeValue(answer.getStatus().getCode())
                        .withDescription(answer.getStatus().getDescription());
            }
            replies.accept(answer.getReply());
        }
    }
}
