package io.flota.agent.fleet;

import io.flota.daemon.HttpListener;
import io.flota.daemon.HttpListener.Place;
import io.flota.registry.Keys;
import io.flota.store.Store;
import io.flota.tls.PemFiles;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/// fleet's HTTP API at this machine: a scheduler answers what is asked here, the leading one as a rule.
public final class FleetGateway implements AutoCloseable {
    private final HttpListener listener;

    private FleetGateway(HttpListener listener) {
        this.listener = listener;
    }

    /// Serves from now on. The store stays the caller's.
    ///
    /// @param tls what shows schedulers who we are; empty: they are asked in plain text
    /// @throws IOException if a place cannot be had, or a TLS file is not what it should be
    public static FleetGateway open(List<? extends Place> places, Store store, Keys keys, Optional<PemFiles> tls)
            throws IOException {
        var forwarding = new Forwarding(new Schedulers(store, keys), tls);
        return new FleetGateway(HttpListener.open("fleet", places, forwarding, Refusal::malformed));
    }

    /// Where it listens over TCP; empty if it does not.
    public Optional<Integer> port() {
        return listener.port();
    }

    @Override
    public void close() {
        listener.close();
    }
}
