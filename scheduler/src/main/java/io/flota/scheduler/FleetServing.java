package io.flota.scheduler;

import io.flota.daemon.FleetPlaces;
import io.flota.daemon.HttpListener.Place;
import io.flota.daemon.HttpListener.Tcp;
import io.flota.daemon.ListenAddress;
import io.flota.scheduler.fleet.FleetListener;
import java.io.IOException;
import java.net.InetSocketAddress;
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
        var places = new ArrayList<Place>();
        address.ifPresent(it -> places.add(new Tcp(FleetPlaces.LISTEN, it, config.tls())));
        places.addAll(fleet.sockets()); // last, for where the address cannot be had they are served without it
        return new FleetListener(places, sources, fleet.tokenLimit());
    }

    /// How others reach it over TCP; empty if they cannot.
    static String address(SchedulerConfig config, Optional<FleetListener> fleet) {
        return fleet.flatMap(FleetListener::address).map(bound -> address(config, bound)).orElse("");
    }

    /// On the host where `--advertise` says that the API is reached, unless it listens for this machine alone; or as the
    /// operator has named the host, for certificates have names.
    static String address(SchedulerConfig config, InetSocketAddress bound) {
        var host = bound.getAddress();
        var own = new ListenAddress(host.getHostAddress(), bound.getPort());
        return (host.isLoopbackAddress() ? Optional.<ListenAddress>empty() : config.advertise())
                .or(() -> config.fleet().listen()
                        .filter(named -> host.equals(new InetSocketAddress(named.host(), 0).getAddress())))
                .orElseGet(() -> host.isAnyLocalAddress() ? config.listen() : own)
                .dialled(bound.getPort());
    }
}
