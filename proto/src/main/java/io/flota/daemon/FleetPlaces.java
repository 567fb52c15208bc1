package io.flota.daemon;

import io.flota.daemon.HttpListener.Passed;
import io.flota.daemon.HttpListener.Place;
import io.flota.daemon.HttpListener.Tcp;
import io.flota.daemon.HttpListener.UnixSocket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/// The options that say where a daemon serves fleet's HTTP API.
public final class FleetPlaces {
    /// Where fleet's users had it over TCP.
    public static final int PORT = 49153;

    public static final String LISTEN = "--fleet-listen";
    private static final String SOCKET = "--fleet-socket";

    /// An address, or none.
    record Choice(Optional<ListenAddress> address) {}

    static final class ChoiceConverter implements ITypeConverter<Choice> {
        @Override
        public Choice convert(String text) {
            try {
                return new Choice(text.equals("none") ? Optional.empty() : Optional.of(ListenAddress.parse(text)));
            } catch (IllegalArgumentException e) {
                throw new TypeConversionException(e.getMessage() + ", nor none");
            }
        }
    }

    @Option(
            names = LISTEN,
            paramLabel = "HOST:PORT",
            converter = ChoiceConverter.class,
            description = "where fleet's HTTP API v1 is served over TCP; none: nowhere (default: of a scheduler port "
                    + PORT + " of the host in --listen, if it can be had; of an agent nowhere)")
    Optional<Choice> listen = Optional.empty();

    @Option(
            names = SOCKET,
            paramLabel = "PATH",
            description = "unix socket at which it is served, such as /var/run/fleet.sock; inherited: the one that systemd"
                    + " passes, which a scheduler serves in any case if systemd announces it (LISTEN_FDS)"
                    + " (default: none)")
    Optional<Path> socket = Optional.empty();

    /// Whether an operator has said where it is served over TCP, or that it is not.
    public boolean isChosen() {
        return listen.isPresent();
    }

    /// The address that was asked for; empty if none was.
    public Optional<ListenAddress> address() {
        return listen.flatMap(Choice::address);
    }

    /// The address that was asked for, by its option.
    public Map<String, ListenAddress> asked() {
        return address().map(address -> Map.of(LISTEN, address)).orElse(Map.of());
    }

    /// What is wrong with what was given, a line each.
    public List<String> problems() {
        return path().filter(path -> !UnixSocketFile.fits(path))
                .map(path -> List.of(SOCKET + " " + path + " is longer than the " + UnixSocketFile.LONGEST_PATH
                        + " bytes that the kernel takes"))
                .orElse(List.of());
    }

    /// The sockets besides TCP.
    ///
    /// @param protection of one that systemd passes
    /// @param unasked whether that one is served without being asked for: by one daemon of a process at most
    public List<Place> sockets(ListenOptions protection, boolean unasked) {
        var sockets = new ArrayList<Place>();
        path().ifPresent(path -> sockets.add(new UnixSocket(SOCKET, path)));
        boolean asked = socket.isPresent() && path().isEmpty();
        if (asked || unasked && PassedSocket.isAnnounced(System.getenv(), ProcessHandle.current().pid())) {
            sockets.add(new Passed(SOCKET, protection.tls(), protection.isInsecure()));
        }
        return List.copyOf(sockets);
    }

    /// All that was asked for.
    public List<Place> places(ListenOptions protection) {
        var places = new ArrayList<>(sockets(protection, false));
        address().ifPresent(address -> places.add(new Tcp(LISTEN, address, protection.tls())));
        return List.copyOf(places);
    }

    private Optional<Path> path() {
        return socket.filter(path -> !path.toString().equals("inherited")).map(Path::toAbsolutePath);
    }
}
