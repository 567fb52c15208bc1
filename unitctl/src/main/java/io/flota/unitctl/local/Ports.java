package io.flota.unitctl.local;

import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Collection;
import java.util.Optional;

/// Tells which addresses are free to listen on, and which have a listener.
final class Ports {
    private static final int CONNECT_MILLIS = 500;

    private Ports() {}

    static Optional<InetSocketAddress> firstTaken(Collection<InetSocketAddress> addresses) throws IOException {
        for (var address : addresses) {
            try (var probe = new ServerSocket()) {
                probe.setReuseAddress(true); // as daemons do: connections that linger from the last run do not count
                probe.bind(address, 1);
            } catch (BindException _) {
                return Optional.of(address);
            }
        }
        return Optional.empty();
    }

    static boolean answers(InetSocketAddress address) {
        try (var socket = new Socket()) {
            socket.connect(address, CONNECT_MILLIS);
            return true;
        } catch (IOException _) {
            return false;
        }
    }
}
