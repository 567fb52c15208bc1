package io.flota.scheduler.fleet;

import io.flota.daemon.HttpListener;
import io.flota.daemon.HttpListener.Place;
import io.flota.scheduler.api.Policing;
import io.flota.scheduler.api.Registrar;
import io.flota.scheduler.model.Model;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/// Serves fleet's HTTP API.
public final class FleetListener implements AutoCloseable {
    /// What it serves of.
    ///
    /// @param metrics all of them, in Prometheus's text format
    /// @param version of this program
    public record Sources(
            Model model, Registrar registrar, Policing policing, Supplier<String> metrics, String version) {}

    private final HttpListener listener;

    /// Serves from now on.
    ///
    /// @param tokenLimit how many things are on a page
    /// @throws IOException if a place cannot be had, or a TLS file is not what it should be
    public FleetListener(List<? extends Place> places, Sources sources, int tokenLimit) throws IOException {
        var api = new FleetApi(
                sources.model(), sources.registrar(), sources.policing(), sources.metrics(), tokenLimit);
        var routes = new FleetRoutes(api, sources.version());
        listener = HttpListener.open("fleet", places, routes, routes::refuse);
    }

    /// Where it listens over TCP; empty if it does not.
    public Optional<InetSocketAddress> address() {
        return listener.address();
    }

    /// The port of the same.
    public Optional<Integer> port() {
        return listener.port();
    }

    /// How many are connected.
    public int connections() {
        return listener.connections();
    }

    @Override
    public void close() {
        listener.close();
    }
}
