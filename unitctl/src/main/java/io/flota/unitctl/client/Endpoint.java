package io.flota.unitctl.client;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// Where a scheduler listens for the lean carrier.
///
/// @param forward a port of this computer that leads there instead
public record Endpoint(String host, int port, Optional<Integer> forward) {
    private static final int DEFAULT_PORT = 4470;
    private static final int MAX_PORT = 65_535;
    private static final byte[] LOOPBACK = {127, 0, 0, 1};

    public Endpoint(String host, int port) {
        this(host, port, Optional.empty());
    }

    /// @param list `host:port[,host:port]`; a missing port is the scheduler's default
    /// @throws IllegalArgumentException whose message says which part is wrong
    public static List<Endpoint> list(String list) {
        return Stream.of(list.split(",", -1)).map(part -> parse(part.trim())).toList();
    }

    /// Whether it is written as fleetctl wants it: as an address of fleet's HTTP API.
    public static boolean isUrl(String text) {
        return text.contains("://");
    }

    /// What fleetctl's way to write it means here: the same host and the scheduler's own port, or for a socket of this
    /// machine the usual endpoint, which is empty.
    ///
    /// @param url `http://host[:port][/path]`, `https://…`, `unix:///path` or `file:///path`
    /// @throws IllegalArgumentException whose message says what is wrong
    public static Optional<Endpoint> ofUrl(String url) {
        try {
            var uri = new URI(url);
            String scheme = uri.getScheme();
            String host = uri.getHost() == null ? "" : uri.getHost();
            if (scheme.equals("unix") || scheme.equals("file")) {
                if (!host.isEmpty() || uri.getPath() == null || !uri.getPath().startsWith("/")) {
                    throw new IllegalArgumentException(
                            "unable to connect to host \"" + host + "\" with scheme \"" + scheme + "\"");
                }
                return Optional.empty();
            }
            if (!host.isEmpty() && (scheme.equals("http") || scheme.equals("https"))) {
                return Optional.of(parse(host));
            }
        } catch (URISyntaxException _) {
            // said below, as of other addresses that are of no use
        }
        throw wrong(url);
    }

    /// The same, by a port of this computer that leads there.
    public Endpoint by(int localPort) {
        return new Endpoint(host, port, Optional.of(localPort));
    }

    /// Where to connect to. A forwarded one keeps its name, by which its certificate is checked.
    InetSocketAddress address() throws IOException {
        return forward.isEmpty()
                ? new InetSocketAddress(host, port)
                : new InetSocketAddress(InetAddress.getByAddress(host, LOOPBACK), forward.get());
    }

    private static Endpoint parse(String text) {
        int colon = text.endsWith("]") ? -1 : text.lastIndexOf(':');
        String host = colon < 0 ? text : text.substring(0, colon);
        String bare = host.startsWith("[") && host.endsWith("]") ? host.substring(1, host.length() - 1) : host;
        if (bare.isEmpty() || bare.contains("/") || bare.contains(":") && bare.equals(host)) {
            throw wrong(text);
        }
        return new Endpoint(bare, colon < 0 ? DEFAULT_PORT : port(text, text.substring(colon + 1)));
    }

    private static int port(String text, String digits) {
        boolean plain = !digits.isEmpty() && digits.length() <= 5 && digits.chars().allMatch(c -> c >= '0' && c <= '9');
        int port = plain ? Integer.parseInt(digits) : 0;
        if (port < 1 || port > MAX_PORT) {
            throw wrong(text);
        }
        return port;
    }

    private static IllegalArgumentException wrong(String text) {
        return new IllegalArgumentException(
                "\"" + text + "\" is not an endpoint: write host:port, such as 127.0.0.1:" + DEFAULT_PORT);
    }

    @Override
    public String toString() {
        return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
    }
}
