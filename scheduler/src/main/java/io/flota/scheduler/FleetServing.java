package io.flota.scheduler;

import io.flota.daemon.FleetPlaces;
import io.flota.daemon.HttpListener.Place;
import io.flota.daemon.HttpListener.Tcp;
import io.flota.daemon.ListenAddress;
import io.flota.scheduler.fleet.FleetListener;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Opens the listener of fleet's HTTP API, where one is wanted.
final class FleetServing {
    private static final Logger log = LoggerFactory.getLogger(FleetServing.class);

    private FleetServing() {}

    /// @return empty if it is not wanted, or its usual address cannot be had and no other was named
    /// @throws IOException if a place that was named cannot be had, or a TLS file is not what it should be
    static Optional<FleetListener> open(SchedulerConfig config, FleetListener.Sources sources) throws IOException {
        var fleet = config.fleet();
        if (!fleet.isServed()) {
            return Optional.empty();
        }
        try {
            return Optional.of(open(config, fleet.listen(), sources));
        } catch (IOException e) {
            if (fleet.isAsked() || fleet.listen().isEmpty()) {
                throw e;
            }
            log.warn("fleet's HTTP API is not served where it usually is; name another address, or none, by --fleet-listen"
                    + " because={}", e.getMessage());
        }
        return fleet.sockets().isEmpty() ? Optional.empty() : Optional.of(open(config, Optional.empty(), sources));
    }

    private static FleetListener open(
            SchedulerConfig config, Optional<ListenAddress> address, FleetListener.Sources sources) throws IOException {
        var fleet = config.fleet();
        var places = new ArrayList<Place>(fleet.sockets());
        address.ifPresent(it -> places.add(new Tcp(FleetPlaces.LISTEN, it, config.tls())));
        return new FleetListener(places, sources, fleet.tokenLimit());
    }

    /// How others reach it over TCP, who reach the API where `--advertise` says; empty if they cannot.
    static String address(SchedulerConfig config, Optional<FleetListener> fleet) {
        return fleet.flatMap(FleetListener::port)
                .map(port -> config.advertise()
                        .or(config.fleet()::listen)
                        .orElse(config.listen())
                        .dialled(port))
                .orElse("");
    }
}
