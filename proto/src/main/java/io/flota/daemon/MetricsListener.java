package io.flota.daemon;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import io.flota.tls.FreshContext;
import io.flota.tls.PemFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;

/// Serves a daemon's metrics to Prometheus: `GET /metrics`, over HTTP, or HTTPS where there are TLS files, and then to
/// clients with a certificate only.
public final class MetricsListener implements AutoCloseable {
    private static final String TEXT = "text/plain; version=0.0.4; charset=utf-8";
    private static final int OK = 200;
    private static final int NOT_FOUND = 404;
    private static final int METHOD_NOT_ALLOWED = 405;
    private static final String OPTION = "--listen-metrics";

    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final Supplier<String> metrics;
    private final HttpServer server;

    /// Listens from now on.
    ///
    /// @param metrics all of them, in Prometheus's text format
    /// @throws IOException if the address cannot be had, or a TLS file is not what it should be
    public MetricsListener(ListenAddress address, Optional<PemFiles> tls, Supplier<String> metrics) throws IOException {
        this.metrics = metrics;
        try {
            server = tls.isPresent() ? secure(tls.get()) : HttpServer.create();
            server.bind(address.resolve(), 0);
        } catch (IOException e) {
            threads.shutdownNow();
            throw new IOException("cannot listen on " + address + " (" + OPTION + "): " + e.getMessage(), e);
        }
        server.setExecutor(threads);
        server.createContext("/", this::answer);
        server.start();
    }

    public int port() {
        return server.getAddress().getPort();
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }

    private static HttpServer secure(PemFiles files) throws IOException {
        HttpServerRefusals.tell(OPTION);
        var server = HttpsServer.create();
        server.setHttpsConfigurator(new HttpsConfigurator(FreshContext.over(files)) {
            @Override
            public void configure(HttpsParameters parameters) {
                HttpServerRefusals.serves(parameters.getClientAddress());
                var wanted = getSSLContext().getDefaultSSLParameters();
                wanted.setNeedClientAuth(true);
                parameters.setSSLParameters(wanted);
            }
        });
        return server;
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            if (!exchange.getRequestURI().getPath().equals("/metrics")) {
                send(exchange, NOT_FOUND, "metrics are at /metrics\n");
            } else if (!exchange.getRequestMethod().equals("GET")) {
                send(exchange, METHOD_NOT_ALLOWED, "metrics can be read with GET and nothing else\n");
            } else {
                send(exchange, OK, metrics.get());
            }
        }
    }

    private static void send(HttpExchange exchange, int status, String text) throws IOException {
        var bytes = text.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", TEXT);
        boolean head = exchange.getRequestMethod().equals("HEAD");
        exchange.sendResponseHeaders(status, head ? -1 : bytes.length);
        if (!head) {
            exchange.getResponseBody().write(bytes);
        }
    }
}
