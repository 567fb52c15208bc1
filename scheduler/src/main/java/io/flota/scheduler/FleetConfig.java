package io.flota.scheduler;

import io.flota.daemon.ListenAddress;
import java.nio.file.Path;
import java.util.Optional;

/// Where fleet's HTTP API is served.
///
/// @param listen over TCP; empty: not at all
/// @param isAsked whether an operator named that address: without it the scheduler does not start
/// @param socket path of a unix socket; empty: none
/// @param isPassed whether systemd passes a socket
/// @param insecure whether without TLS anybody may reach that one
/// @param tokenLimit how many things are on a page
record FleetConfig(
        Optional<ListenAddress> listen,
        boolean isAsked,
        Optional<Path> socket,
        boolean isPassed,
        boolean insecure,
        int tokenLimit) {
    boolean isServed() {
        return listen.isPresent() || isServedOtherwise();
    }

    boolean isServedOtherwise() {
        return socket.isPresent() || isPassed;
    }
}
