package io.flota.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// Stands between a client and a server, as a network that can break.
public final class TcpRelay implements AutoCloseable {
    private final URI target;
    private final ServerSocket listening;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private volatile boolean cut;

    public TcpRelay(URI target) {
        this.target = target;
        try {
            this.listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Thread.ofVirtual().start(this::accept);
    }

    /// What the client has to use in place of the server's.
    public URI endpoint() {
        return URI.create(target.getScheme() + "://127.0.0.1:" + listening.getLocalPort());
    }

    /// Breaks all connections; new ones break at once.
    public void cut() {
        cut = true;
        open.forEach(TcpRelay::close);
    }

    public void mend() {
        cut = false;
    }

    @Override
    public void close() {
        cut();
        try {
            listening.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void accept() {
        while (!listening.isClosed()) {
            try {
                connect(listening.accept());
            } catch (IOException _) {
                // closed, or the server is away: the client sees its connection end
            }
        }
    }

    private void connect(Socket client) throws IOException {
        open.add(client);
        if (cut) {
            close(client);
            return;
        }
        try {
            var server = new Socket(target.getHost(), target.getPort());
            open.add(server);
            Thread.ofVirtual().start(() -> copy(client, server));
            Thread.ofVirtual().start(() -> copy(server, client));
        } catch (IOException e) {
            close(client);
            throw e;
        }
    }

    private void copy(Socket from, Socket to) {
        try (from; to) {
            from.getInputStream().transferTo(to.getOutputStream());
        } catch (IOException _) {
            // one side has gone; the other one follows
        } finally {
            open.remove(from);
            open.remove(to);
        }
    }

    private static void close(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
