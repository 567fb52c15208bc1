package io.flota.unit;

import com.google.common.collect.ImmutableList;
import java.time.Duration;
import java.util.regex.Pattern;

/// How the agent finds out whether a unit that is up can serve: `HealthHttp=` and its like of `[X-Flota]`.
///
/// @param interval from the beginning of one try to that of the next; a unit that is still starting is asked more often
/// @param timeout a try that takes longer has failed
/// @param retries how many tries in a row have to fail before a unit is unhealthy
/// @param startPeriod for how long after its start a unit that was never healthy may fail without being unhealthy
public record HealthCheck(Probe probe, Duration interval, Duration timeout, int retries, Duration startPeriod) {
    public static final Duration DEFAULT_INTERVAL = Duration.ofSeconds(5);
    public static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(3);
    public static final int DEFAULT_RETRIES = 3;

    /// What is tried.
    public sealed interface Probe {}

    /// Healthy is an answer from 200 to 399.
    ///
    /// @param scheme `http` or `https`
    /// @param host empty: the machine's address, as it is announced
    /// @param path with query, begins with a slash
    public record Http(String scheme, String host, int port, String path) implements Probe {}

    /// Healthy is who accepts a connection.
    ///
    /// @param host empty: the machine's address, as it is announced
    public record Tcp(String host, int port) implements Probe {}

    /// Healthy is exit code 0.
    ///
    /// @param command program and arguments; the program is an absolute path, or a name to be looked up
    public record Exec(ImmutableList<String> command) implements Probe {}

    private static final Pattern HTTP = Pattern.compile(
            "(?:(https?)://(\\[[0-9a-fA-F:.]+]|[A-Za-z0-9._-]+))?(?::(\\d{1,5}))?(/[!-~]*)?");
    private static final Pattern TCP = Pattern.compile("(?:(\\[[0-9a-fA-F:.]+]|[A-Za-z0-9._-]+):)?(\\d{1,5})");

    /// Reads `HealthHttp=`: a URL, or of it only `:PORT/PATH` or `/PATH`.
    ///
    /// @param announced the port for a path alone; 0 if there is none
    /// @throws IllegalArgumentException whose message says what is wrong
    static Http http(String value, int announced) {
        var parts = HTTP.matcher(value);
        if (value.isEmpty() || !parts.matches()) {
            throw new IllegalArgumentException(
                    Excerpt.of(value) + " is no address. Write it as http://HOST:PORT/PATH, :PORT/PATH or /PATH");
        }
        String scheme = parts.group(1) == null ? "http" : parts.group(1);
        String host = parts.group(2) == null ? "" : parts.group(2);
        int port;
        if (parts.group(3) != null) {
            port = Endpoint.port(parts.group(3));
        } else if (!host.isEmpty()) {
            port = scheme.equals("https") ? 443 : 80;
        } else if (announced == 0) {
            throw new IllegalArgumentException(
                    Excerpt.of(value) + " names no port, and none is announced. Write it as :PORT/PATH");
        } else {
            port = announced;
        }
        return new Http(scheme, host, port, parts.group(4) == null ? "/" : parts.group(4));
    }

    /// Reads `HealthTcp=`: a port, or `HOST:PORT`.
    ///
    /// @throws IllegalArgumentException whose message says what is wrong
    static Tcp tcp(String value) {
        var parts = TCP.matcher(value);
        if (!parts.matches()) {
            throw new IllegalArgumentException(Excerpt.of(value) + " is no port. Write it as PORT or HOST:PORT");
        }
        return new Tcp(parts.group(1) == null ? "" : parts.group(1), Endpoint.port(parts.group(2)));
    }

    /// Reads `HealthExec=`: one command line.
    ///
    /// @throws IllegalArgumentException whose message says what is wrong
    static Exec exec(String value) {
        ImmutableList<CommandLine> commands;
        try {
            commands = CommandLine.parse(value);
        } catch (IllegalArgumentException wrong) {
            throw new IllegalArgumentException(Excerpt.of(value) + " cannot be run: " + wrong.getMessage());
        }
        if (commands.size() != 1) {
            throw new IllegalArgumentException(
                    Excerpt.of(value) + " is not one command. Write sh -c '…' for several");
        }
        var command = commands.getFirst();
        if (command.ignoreFailure() || command.literal() || command.named()
                || command.privilege() != CommandLine.Privilege.NONE) {
            throw new IllegalArgumentException(
                    Excerpt.of(value) + " has a prefix, which means nothing in a check. Remove it");
        }
        return new Exec(ImmutableList.<String>builder()
                .add(command.executable())
                .addAll(command.arguments())
                .build());
    }
}
