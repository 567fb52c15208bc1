package io.flota.agent.runtime.health;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSortedMap;
import io.flota.unit.HealthCheck.Exec;
import io.flota.unit.HealthCheck.Http;
import io.flota.unit.HealthCheck.Probe;
import io.flota.unit.HealthCheck.Tcp;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Redirect;
import java.net.http.HttpClient.Version;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/// Tries of all kinds, from this machine.
final class Probes {
    private static final int FIRST_GOOD = 200;
    private static final int FIRST_BAD = 400;

    private final String address;
    private final ImmutableSortedMap<String, String> environment;
    private final HttpClient client;

    /// @param address of this machine, for probes that name none
    /// @param environment of commands, which have nothing of the agent's
    Probes(String address, ImmutableSortedMap<String, String> environment) {
        this.address = address;
        this.environment = environment;
        this.client = HttpClient.newBuilder()
                .version(Version.HTTP_1_1)
                .followRedirects(Redirect.NEVER)
                .sslContext(Credulity.context())
                .build();
    }

    /// @return why it failed; empty if it did not
    Optional<String> failure(Probe probe, Duration timeout) throws InterruptedException {
        return switch (probe) {
            case Http http -> failure(http, timeout);
            case Tcp tcp -> failure(tcp, timeout);
            case Exec exec -> failure(exec, timeout);
        };
    }

    private String host(String named) {
        if (!named.isEmpty()) {
            return named;
        }
        return address.contains(":") ? "[" + address + "]" : address;
    }

    private Optional<String> failure(Http http, Duration timeout) throws InterruptedException {
        var url = http.scheme() + "://" + host(http.host()) + ":" + http.port() + http.path();
        try {
            var request = HttpRequest.newBuilder(URI.create(url))
                    .timeout(timeout)
                    .header("User-Agent", "flota-agent")
                    .build();
            var response = client.send(request, BodyHandlers.ofInputStream());
            response.body().close(); // it may have no end
            int status = response.statusCode();
            boolean good = status >= FIRST_GOOD && status < FIRST_BAD;
            return good ? Optional.empty() : Optional.of(url + " answers " + status);
        } catch (HttpTimeoutException _) {
            return Optional.of(url + " has not answered within " + timeout.toMillis() + "ms");
        } catch (IOException | IllegalArgumentException e) {
            return Optional.of(url + " does not answer: " + why(e));
        }
    }

    private Optional<String> failure(Tcp tcp, Duration timeout) throws InterruptedException {
        var where = host(tcp.host()) + ":" + tcp.port();
        try (var socket = new Socket()) {
            var literal = host(tcp.host()).replaceAll("[\\[\\]]", "");
            socket.connect(new InetSocketAddress(literal, tcp.port()), (int) timeout.toMillis());
            return Optional.empty();
        } catch (IOException e) {
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            return Optional.of(where + " takes no connection: " + why(e));
        }
    }

    private Optional<String> failure(Exec exec, Duration timeout) throws InterruptedException {
        var program = exec.command().getFirst();
        Process process;
        try {
            process = started(exec.command());
        } catch (IOException e) {
            return Optional.of(program + " cannot be run: " + why(e));
        }
        try {
            if (!process.waitFor(timeout.toMillis(), TimeUnit.MILLISECONDS)) {
                return Optional.of(program + " has not ended within " + timeout.toMillis() + "ms");
            }
            int code = process.exitValue();
            return code == 0 ? Optional.empty() : Optional.of(program + " ends with exit code " + code);
        } finally {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
    }

    private Process started(ImmutableList<String> command) throws IOException {
        var builder = new ProcessBuilder(command)
                .redirectInput(ProcessBuilder.Redirect.from(new java.io.File("/dev/null")))
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .directory(new java.io.File("/"));
        builder.environment().clear();
        builder.environment().putAll(environment);
        return builder.start();
    }

    private static String why(Exception e) {
        var cause = e.getMessage() == null && e.getCause() != null ? e.getCause() : e;
        return cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
    }
}
