package io.flota.agent.api;

import com.google.protobuf.ByteString;
import io.flota.flow.Credit;
import java.io.IOException;
import java.io.InputStream;

/// Sends what one stream of a session says, as far as the client grants it. Holds what it has read last, and no more.
final class Pump implements Runnable {
    private static final int MOST = 32 * 1024;
    /// What a program left behind may hold its output open for ever, and say nothing.
    private static final long IN_VAIN_NANOS = 500_000_000;

    /// Takes a piece as soon as there is room for it.
    interface Sink {
        void send(ByteString piece) throws InterruptedException;
    }

    private final InputStream stream;
    private final Credit credit;
    private final Sink sink;
    /// 0 while it does not read.
    private volatile long readsSince;

    Pump(InputStream stream, Credit credit, Sink sink) {
        this.stream = stream;
        this.credit = credit;
        this.sink = sink;
    }

    /// Whether nothing has come for a while that it could have sent.
    boolean waitsInVain() {
        long since = readsSince;
        return since != 0 && System.nanoTime() - since > IN_VAIN_NANOS;
    }

    @Override
    public void run() {
        var buffer = new byte[MOST];
        try {
            for (int count = read(buffer); count >= 0; count = read(buffer)) {
                for (int sent = 0; sent < count; ) {
                    int part = credit.take(count - sent);
                    sink.send(ByteString.copyFrom(buffer, sent, part));
                    sent += part;
                }
            }
        } catch (IOException _) {
            return; // closed, as the session has ended
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private int read(byte[] buffer) throws IOException {
        readsSince = System.nanoTime();
        try {
            return stream.read(buffer);
        } finally {
            readsSince = 0;
        }
    }
}
