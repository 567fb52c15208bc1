package io.flota.daemon;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.ssl.SslConnection;
import org.eclipse.jetty.server.Server;

/// Ends connections whose clients take too long to agree on TLS or over the head of a request: Jetty only looks
/// whether there is a byte now and then. What a connection has once begun to ask, it may take its time over.
final class SlowHeads implements Runnable {
    private static final long LONGEST_SECONDS = 20;
    private static final long PAUSE_SECONDS = 5;

    /// @param requests that have begun
    private record Progress(long requests, long sinceNanos) {}

    private final Server server;
    private Map<EndPoint, Progress> seen = Map.of();

    SlowHeads(Server server) {
        this.server = server;
    }

    /// Looks now, and again after a while, as long as the server runs.
    @Override
    public void run() {
        long now = System.nanoTime();
        var current = new HashMap<EndPoint, Progress>();
        for (var connector : server.getConnectors()) {
            for (var endPoint : connector.getConnectedEndPoints()) {
                var connection = endPoint.getConnection() instanceof SslConnection tls
                        ? tls.getSslEndPoint().getConnection()
                        : endPoint.getConnection();
                if (connection != null && connection.getMessagesIn() >= 0) { // others do not count them
                    look(endPoint, connection, now, current);
                }
            }
        }
        seen = current;
        if (server.isRunning()) {
            server.getScheduler().schedule(this, PAUSE_SECONDS, TimeUnit.SECONDS);
        }
    }

    private void look(EndPoint endPoint, Connection connection, long now, Map<EndPoint, Progress> current) {
        long requests = connection.getMessagesIn();
        boolean asks = connection.getMessagesOut() < requests;
        var before = seen.get(endPoint);
        if (asks || before == null || before.requests() != requests) {
            current.put(endPoint, new Progress(requests, now));
        } else if (now - before.sinceNanos() > TimeUnit.SECONDS.toNanos(LONGEST_SECONDS)) {
            endPoint.close();
        } else {
            current.put(endPoint, before);
        }
    }
}
