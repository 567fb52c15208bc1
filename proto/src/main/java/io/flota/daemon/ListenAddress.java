package io.flota.daemon;

import com.google.common.net.HostAndPort;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;

/// Where a daemon listens: a host name or address, and a port (0: any free one).
public record ListenAddress(String host, int port) {
    /// @throws IllegalArgumentException if the text is not `host:port` or `[v6]:port`
    public static ListenAddress parse(String text) {
        try {
            var parsed = HostAndPort.fromString(text);
            if (parsed.hasPort() && !parsed.getHost().isEmpty()) {
                return new ListenAddress(parsed.getHost(), parsed.getPort());
            }
        } catch (IllegalArgumentException _) {
            // falls through to the one message for all malformed addresses
        }
        throw new IllegalArgumentException("\"" + text + "\" is not HOST:PORT, such as 127.0.0.1:4470");
    }

    /// @throws UnknownHostException if the name cannot be resolved
    public InetSocketAddress resolve() throws UnknownHostException {
        return new InetSocketAddress(InetAddress.getByName(host), port);
    }

    /// Host and port as clients dial them.
    public String dialled(int boundPort) {
        return HostAndPort.fromParts(host, boundPort).toString();
    }

    @Override
    public String toString() {
        return HostAndPort.fromParts(host, port).toString();
    }
}
