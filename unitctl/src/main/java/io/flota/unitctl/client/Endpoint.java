package io.flota.unitctl.client;

import java.util.List;
import java.util.stream.Stream;

/// Where a scheduler listens for the lean carrier.
public record Endpoint(String host, int port) {
    private static final int DEFAULT_PORT = 4470;
    private static final int MAX_PORT = 65_535;

    /// @param list `host:port[,host:port]`; a missing port is the scheduler's default
    /// @throws IllegalArgumentException whose message says which part is wrong
    public static List<Endpoint> list(String list) {
        return Stream.of(list.split(",", -1)).map(part -> parse(part.trim())).toList();
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
