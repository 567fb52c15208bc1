package io.flota.scheduler;

import io.flota.daemon.ListenAddress;
import io.flota.daemon.PassedSocket;
import io.flota.daemon.UnixSocketFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/// The options that say where fleet's HTTP API is served.
final class FleetOptions {
    /// Where fleet's users had it over TCP.
    static final int PORT = 49153;

    private static final int HIGHEST_LIMIT = 0xffff;
    static final String SOCKET = "--fleet-socket";
    static final String LISTEN = "--fleet-listen";

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
            description = "where fleet's HTTP API v1 is served; none: nowhere (default: port " + PORT
                    + " of the host in --listen, if it can be had)")
    Optional<Choice> listen = Optional.empty();

    @Option(
            names = SOCKET,
            paramLabel = "PATH",
            description = "unix socket at which it is served, such as /var/run/fleet.sock; inherited: the one that systemd"
                    + " passes, which is served in any case if systemd announces it (LISTEN_FDS) (default: none)")
    Optional<Path> socket = Optional.empty();

    @Option(
            names = "--fleet-token-limit",
            paramLabel = "NUMBER",
            defaultValue = "100",
            description = "how many units, states or machines it tells on a page (default: ${DEFAULT-VALUE})")
    int tokenLimit = 100;

    /// The address that was asked for, by its option.
    Map<String, ListenAddress> asked() {
        return listen.flatMap(Choice::address).map(address -> Map.of(LISTEN, address)).orElse(Map.of());
    }

    List<String> problems() {
        var problems = new ArrayList<String>();
        if (tokenLimit < 1 || tokenLimit > HIGHEST_LIMIT) {
            problems.add("--fleet-token-limit " + tokenLimit + " is not between 1 and " + HIGHEST_LIMIT);
        }
        path().filter(path -> !UnixSocketFile.fits(path)).ifPresent(path -> problems.add(SOCKET + " " + path
                + " is longer than the " + UnixSocketFile.LONGEST_PATH + " bytes that the kernel takes"));
        return problems;
    }

    /// @param api where unitctl is served
    /// @param insecure whether anybody may reach a listener without TLS
    FleetConfig config(ListenAddress api, boolean insecure) {
        boolean inherits = socket.isPresent() && path().isEmpty()
                || PassedSocket.isAnnounced(System.getenv(), ProcessHandle.current().pid());
        var address = listen.map(Choice::address).orElseGet(() -> Optional.of(new ListenAddress(api.host(), PORT)));
        return new FleetConfig(address, listen.isPresent(), path(), inherits, insecure, tokenLimit);
    }

    private Optional<Path> path() {
        return socket.filter(path -> !path.toString().equals("inherited")).map(Path::toAbsolutePath);
    }
}
