package io.flota.daemon;

import io.flota.tls.RefusalLog;
import java.net.InetSocketAddress;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import javax.net.ssl.SSLException;

/// Tells whom the JDK's HTTP server refused. It says so to its own log only, on the connection's thread, at a level
/// that is off otherwise.
final class HttpServerRefusals extends Handler {
    /// Held, since the JDK forgets the level of a logger that nobody holds.
    private static final Logger JDK = Logger.getLogger("com.sun.net.httpserver");

    /// Who is at the other end, for the thread that serves it: one for each connection.
    private static final ThreadLocal<InetSocketAddress> PEER = new ThreadLocal<>();

    private final String listener;

    private HttpServerRefusals(String listener) {
        this.listener = listener;
        setLevel(Level.FINER);
    }

    /// From now on, for all such servers of this process.
    static synchronized void tell(String listener) {
        for (var handler : JDK.getHandlers()) {
            if (handler instanceof HttpServerRefusals) {
                return;
            }
        }
        JDK.setLevel(Level.FINER);
        JDK.addHandler(new HttpServerRefusals(listener));
    }

    static void serves(InetSocketAddress peer) {
        PEER.set(peer);
    }

    @Override
    public void publish(LogRecord record) {
        var peer = PEER.get();
        if (peer != null && record.getThrown() instanceof SSLException refusal) {
            RefusalLog.refused(listener, peer, refusal);
        }
    }

    @Override
    public void flush() {}

    @Override
    public void close() {}
}
