package io.flota.scheduler.api;

import com.google.protobuf.ByteString;
import io.flota.api.v1.Answer;
import io.flota.api.v1.CallStatus;
import io.grpc.Status;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.util.Objects;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/// The answers of one connection. A client that takes nothing for too long is cut off.
final class CarrierAnswers {
    /// Long enough for a slow line or a stopped terminal pager to go on, short enough not to gather dead clients.
    private static final long STALLED_SECONDS = 30;

    private final Socket socket;
    private final OutputStream out;
    private final ScheduledExecutorService watchdog;

    /// @param socket the TCP socket itself, which can be closed while a write to it blocks
    /// @param out what leads to it, perhaps by TLS
    CarrierAnswers(Socket socket, OutputStream out, ScheduledExecutorService watchdog) {
        this.socket = socket;
        this.out = new BufferedOutputStream(out, 8192);
        this.watchdog = watchdog;
    }

    void reply(ByteString message) throws IOException {
        write(Answer.newBuilder().setReply(message).build());
    }

    /// The last answer.
    void end(Status status) throws IOException {
        var last = CallStatus.newBuilder()
                .setCode(status.getCode().value())
                .setDescription(Objects.requireNonNullElse(status.getDescription(), ""));
        write(Answer.newBuilder().setStatus(last).build());
    }

    /// Wakes whoever waits for the client to go.
    void stopListening() throws IOException {
        socket.shutdownInput();
    }

    /// The client is to close the connection: closed here with something unread, TCP would take back the last answers.
    void sayFarewell() {
        watchdog.schedule(this::abandon, STALLED_SECONDS, TimeUnit.SECONDS);
    }

    boolean isAbandoned() {
        return socket.isClosed();
    }

    /// Cuts the connection.
    void abandon() {
        try {
            socket.close();
        } catch (IOException _) {
            // it is closed as far as we can close it
        }
    }

    private synchronized void write(Answer answer) throws IOException {
        if (socket.isClosed()) {
            throw new IOException("the connection is closed");
        }
        var cut = watchdog.schedule(this::abandon, STALLED_SECONDS, TimeUnit.SECONDS);
        try {
            answer.writeDelimitedTo(out);
            out.flush();
        } finally {
            cut.cancel(false);
        }
    }
}
