package io.flota.unitctl.client;

import com.google.protobuf.ByteString;
import io.flota.api.v1.ExecReply;
import io.flota.api.v1.ExecRequest;
import io.flota.api.v1.TerminalSize;
import io.flota.flow.Credit;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;

/// A conversation with what runs inside a unit. What it writes is read ahead by a window and no further, however slowly it
/// is taken; what it reads is sent as fast as it reads. Closing it ends what runs there.
public final class Visit implements AutoCloseable {
    /// Something that came.
    public sealed interface Piece {}

    public record Output(ByteString bytes) implements Piece {}

    public record ErrorOutput(ByteString bytes) implements Piece {}

    /// The last piece.
    ///
    /// @param problem why nothing was run; empty if something was
    public record End(int status, String problem) implements Piece {}

    /// Enough for a fast line far away.
    private static final int WINDOW = 1 << 20;
    /// Told together, so that not every piece is answered.
    private static final int LEAST_GRANT = WINDOW / 8;
    private static final int LONGEST_PIECE = 32 * 1024;
    private static final Duration PULSE = Duration.ofSeconds(10);
    /// Several pulses, of which one may be late.
    private static final Duration SILENCE = Duration.ofSeconds(45);

    private final Endpoint endpoint;
    private final Connection connection;
    private final Credit credit = new Credit();
    private final BlockingQueue<Piece> pieces = new LinkedBlockingQueue<>();
    private final CompletableFuture<String> entry = new CompletableFuture<>();
    /// What was taken and is not granted anew.
    private int taken;
    private volatile boolean isOver;
    /// Why there is no end that the other side has told; set before the last piece is there.
    private volatile Optional<ClusterException> lost = Optional.empty();

    Visit(Endpoint endpoint, Connection connection) throws ClusterException {
        this.endpoint = endpoint;
        this.connection = connection;
        connection.expectSignsOfLife(SILENCE);
        say(ExecRequest.newBuilder().setGrant(WINDOW));
        Thread.ofPlatform().daemon().name("visit").start(this::hear);
        Thread.ofPlatform().daemon().name("pulse").start(this::beat);
    }

    private void hear() {
        var last = new End(0, "");
        try {
            last = hearToTheEnd();
        } catch (ClusterException failure) {
            lost = Optional.of(failure);
        }
        isOver = true;
        entry.complete("");
        credit.add(WINDOW); // wakes whoever waits
        pieces.add(last);
    }

    private End hearToTheEnd() throws ClusterException {
        for (var bytes = connection.next(); bytes.isPresent(); bytes = connection.next()) {
            var reply = Replies.parse(endpoint, ExecReply.parser(), bytes.get());
            switch (reply.getContentCase()) {
                case OUTPUT -> pieces.add(new Output(reply.getOutput()));
                case ERROR_OUTPUT -> pieces.add(new ErrorOutput(reply.getErrorOutput()));
                case GRANT -> {
                    entry.complete("");
                    credit.add(reply.getGrant());
                }
                case ENTRY -> entry.complete(reply.getEntry());
                case END -> {
                    return new End(reply.getEnd().getStatus(), reply.getEnd().getProblem());
                }
                case CONTENT_NOT_SET -> {} // a sign of life
            }
        }
        throw new BrokenCallException(endpoint, "ended the call without a status", null);
    }

    private void beat() {
        try {
            while (!isOver) {
                Thread.sleep(PULSE);
                connection.write(ExecRequest.getDefaultInstance());
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        } catch (IOException _) {
            isOver = true; // whoever hears knows it, too
        }
    }

    /// Waits for the next piece; the one before may be forgotten now.
    public Piece next() throws ClusterException, InterruptedException {
        if (taken >= LEAST_GRANT && !isOver) {
            say(ExecRequest.newBuilder().setGrant(taken));
            taken = 0;
        }
        var piece = pieces.take();
        switch (piece) {
            case Output(var bytes) -> taken += bytes.size();
            case ErrorOutput(var bytes) -> taken += bytes.size();
            case End _ -> {
                if (lost.isPresent()) {
                    throw lost.get();
                }
            }
        }
        return piece;
    }

    /// Waits until something runs there; if it comes to nothing, [#next] says why.
    ///
    /// @return what the topmost entry of a tar has to be called that is to be written; empty: as it is
    public String begun() throws InterruptedException {
        try {
            return entry.get();
        } catch (ExecutionException e) {
            throw new IllegalStateException("is never completed so", e);
        }
    }

    /// For one thread. Closing it tells that no more comes.
    public OutputStream input() {
        return new OutputStream() {
            @Override
            public void write(int one) throws IOException {
                write(new byte[] {(byte) one}, 0, 1);
            }

            @Override
            public void write(byte[] bytes, int offset, int length) throws IOException {
                try {
                    for (int sent = 0; sent < length; ) {
                        int part = credit.take(Math.min(length - sent, LONGEST_PIECE));
                        if (isOver) {
                            throw new IOException("nobody reads it any more");
                        }
                        connection.write(ExecRequest.newBuilder()
                                .setInput(ByteString.copyFrom(bytes, offset + sent, part))
                                .build());
                        sent += part;
                    }
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    throw new IOException("interrupted", e);
                }
            }

            @Override
            public void close() throws IOException {
                if (!isOver) {
                    connection.write(ExecRequest.newBuilder().setInputEnd(true).build());
                }
            }
        };
    }

    /// The terminal is of another size.
    public void resize(TerminalSize size) throws BrokenCallException {
        say(ExecRequest.newBuilder().setSize(size));
    }

    private void say(ExecRequest.Builder request) throws BrokenCallException {
        try {
            connection.write(request.build());
        } catch (IOException failed) {
            if (!isOver) {
                throw new BrokenCallException(
                        endpoint, "broke the connection off: " + Reasons.of(failed), failed);
            }
        }
    }

    @Override
    public void close() {
        isOver = true;
        connection.close();
    }
}
