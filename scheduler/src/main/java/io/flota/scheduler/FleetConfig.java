package io.flota.scheduler;

import io.flota.daemon.HttpListener.Place;
import io.flota.daemon.ListenAddress;
import java.util.List;
import java.util.Optional;

/// Where fleet's HTTP API is served.
///
/// @param listen over TCP; empty: not at all
/// @param isAsked whether an operator named that address: without it the scheduler does not start
/// @param sockets besides
/// @param tokenLimit how many things are on a page
record FleetConfig(Optional<ListenAddress> listen, boolean isAsked, List<Place> sockets, int tokenLimit) {
    boolean isServed() {
        return listen.isPresent() || !sockets.isEmpty();
    }
}
