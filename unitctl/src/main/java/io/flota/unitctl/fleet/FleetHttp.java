package io.flota.unitctl.fleet;

import io.flota.tls.HandshakeFailure;
import io.flota.unitctl.client.SocketHttp;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import javax.net.ssl.SSLContext;

/// Asks a fleetd, by TCP or by a unix socket of this machine.
public final class FleetHttp {
    private static final String API = "/fleet/v1/";

    record Answer(int status, String text) {}

    /// One way to ask.
    private interface Way {
        Answer get(String path) throws IOException, InterruptedException;
    }

    private final String endpoint;
    private final Way way;

    private FleetHttp(String endpoint, Way way) {
        this.endpoint = endpoint;
        this.way = way;
    }

    /// @param endpoint `http://host:port[/path]`, the same with `https`, or `unix:///path`
    /// @param timeout for a connection, and for each answer by TCP
    /// @param tls what fleet is shown and recognized by at `https://`; empty: nothing, and as the JDK does
    /// @throws IllegalArgumentException whose message says what is wrong with the endpoint
    public static FleetHttp of(String endpoint, Duration timeout, Optional<SSLContext> tls) {
        for (String scheme : new String[] {"unix://", "file://"}) {
            if (endpoint.startsWith(scheme + "/")) {
                return new FleetHttp(endpoint, socket(Path.of(endpoint.substring(scheme.length()))));
            }
        }
        String base = endpoint.endsWith("/") ? endpoint.substring(0, endpoint.length() - 1) : endpoint;
        var uri = URI.create(base);
        if (uri.getHost() == null || !("http".equals(uri.getScheme()) || "https".equals(uri.getScheme()))) {
            throw new IllegalArgumentException("\"" + endpoint
                    + "\" is no address of fleet: write http://10.0.0.1:49153 or unix:///var/run/fleet.sock");
        }
        return new FleetHttp(endpoint, tcp(base, timeout, tls));
    }

    private static Way socket(Path path) {
        return target -> {
            var answer = SocketHttp.ask(path, "GET", target);
            return new Answer(answer.status(), answer.text());
        };
    }

    private static Way tcp(String base, Duration timeout, Optional<SSLContext> tls) {
        var builder = HttpClient.newBuilder().connectTimeout(timeout).version(HttpClient.Version.HTTP_1_1);
        tls.ifPresent(builder::sslContext);
        var client = builder.build();
        return target -> {
            var request = HttpRequest.newBuilder(URI.create(base + target)).timeout(timeout).GET().build();
            var response = client.send(request, BodyHandlers.ofString());
            return new Answer(response.statusCode(), response.body());
        };
    }

    /// @param resource below `/fleet/v1/`, encoded
    /// @throws IOException whose message says what was asked of whom
    Answer get(String resource) throws IOException, InterruptedException {
        try {
            return way.get(API + resource);
        } catch (HttpTimeoutException late) {
            throw new IOException(name(resource) + " does not answer in time (--request-timeout)", late);
        } catch (IOException failed) {
            String because = HandshakeFailure.because(failed)
                    .map(said -> "TLS: " + said + " (--fleet-ca-file, --fleet-cert-file, --fleet-key-file)")
                    .orElse(failed.getMessage() == null ? "connection refused or broken off" : failed.getMessage());
            throw new IOException("cannot ask " + name(resource) + ": " + because, failed);
        }
    }

    /// As messages say it.
    String name(String resource) {
        return "fleet at " + endpoint + " (" + API + resource + ")";
    }
}
