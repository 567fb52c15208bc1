package io.flota.examples.faults;

import io.flota.examples.faults.Network.Way;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// Stands where clients believe an etcd member to be, and carries what they say to where it is.
final class Relay implements AutoCloseable {
    private static final int CHUNK = 16 * 1024;

    private final Network network;
    private final String member;
    private final InetSocketAddress target;
    private final ServerSocket listening;
    private final Set<Connection> open = ConcurrentHashMap.newKeySet();

    Relay(Network network, String member, InetSocketAddress at, InetSocketAddress target) {
        this.network = network;
        this.member = member;
        this.target = target;
        try {
            this.listening = new ServerSocket();
            listening.setReuseAddress(true);
            listening.bind(at, 200);
        } catch (IOException failure) {
            throw new UncheckedIOException("cannot stand at " + at, failure);
        }
        Thread.ofVirtual().name("relay-" + member).start(this::accept);
    }

    /// Breaks the connections that go this way or back.
    void reset(Way way) {
        open.stream()
                .filter(connection -> connection.there().equals(way) || connection.back().equals(way))
                .forEach(Connection::close);
    }

    @Override
    public void close() {
        try {
            listening.close();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        } finally {
            open.forEach(Connection::close);
        }
    }

    private void accept() {
        while (!listening.isClosed()) {
            try {
                var client = listening.accept();
                Thread.ofVirtual().name("relay-" + member).start(() -> connect(client));
            } catch (IOException _) {
                continue; // closed, or the client was gone before we looked
            }
        }
    }

    private void connect(Socket client) {
        var server = new Socket();
        try {
            var from = network.nodes().atTheOtherEndOf(client);
            var connection = new Connection(client, server, new Way(from, member));
            if (network.refuses(connection.there()) || network.refuses(connection.back())) {
                connection.close();
                return;
            }
            network.await(connection.there()); // nobody hears of a call that does not come through
            server.connect(target);
            client.setTcpNoDelay(true);
            server.setTcpNoDelay(true);
            open.add(connection);
            if (network.refuses(connection.there())) {
                connection.close(); // cut while it was made
            }
            Thread.ofVirtual().name("relay-" + from).start(() -> carry(connection, client, server, connection.there()));
            carry(connection, server, client, connection.back());
        } catch (IOException _) {
            close(client); // the member is away, or one of both went meanwhile
            close(server);
        }
    }

    /// A way that is cut holds what goes over it, the end of the connection too, as packets that are sent again and
    /// again until they arrive.
    private void carry(Connection connection, Socket from, Socket to, Way way) {
        var chunk = new byte[CHUNK];
        while (true) {
            int length = read(from, chunk);
            network.await(way);
            if (length < 0) {
                break;
            }
            try {
                to.getOutputStream().write(chunk, 0, length);
            } catch (IOException _) {
                network.await(way.back()); // the other side has hung up: that is news, and goes the other way
                break;
            }
        }
        connection.close();
        open.remove(connection);
    }

    private static int read(Socket from, byte[] chunk) {
        try {
            return from.getInputStream().read(chunk);
        } catch (IOException _) {
            return -1; // reset instead of ended
        }
    }

    private static void close(Socket socket) {
        try {
            socket.close();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private record Connection(Socket client, Socket server, Way there) {
        Way back() {
            return there.back();
        }

        void close() {
            Relay.close(client);
            Relay.close(server);
        }
    }
}
