package io.flota.agent.runtime.systemd;

import com.sun.security.auth.module.UnixSystem;
import java.nio.file.Path;
import java.util.Optional;

/// How systemd is reached.
///
/// @param socket where it listens, or the bus does
/// @param direct whether that is systemd's own socket, which needs no bus and no restart of one can break. Only root,
///     and the owner of a user's systemd, may use it
/// @param user whether it is a user's systemd
public record Bus(Path socket, boolean direct, boolean user) {
    private static final Path OWN_SOCKET = Path.of("/run/systemd/private");
    private static final Path BUS_SOCKET = Path.of("/run/dbus/system_bus_socket");

    /// systemd's own socket if this process may use it; else the system's bus, where polkit decides.
    public static Bus ofSystem() {
        return isRoot() ? new Bus(OWN_SOCKET, true, false) : ofSystemBus();
    }

    private static boolean isRoot() {
        return System.getProperty("user.name").equals("root");
    }

    static Bus ofSystemBus() {
        return new Bus(BUS_SOCKET, false, false);
    }

    /// The systemd of the user who runs this process.
    public static Bus ofUser() {
        var folder = Optional.ofNullable(System.getenv("XDG_RUNTIME_DIR"))
                .orElseGet(() -> "/run/user/" + new UnixSystem().getUid());
        return new Bus(Path.of(folder, "systemd/private"), true, true);
    }

    /// Whether this process may change units only as far as polkit allows it.
    boolean needsRights() {
        return !user && !isRoot();
    }

    /// Why no unit can be killed in time here; empty if each can.
    Optional<String> problem() {
        return needsRights()
                ? Optional.of("needs an agent that is root, for it kills by control groups, and those of the machine's"
                        + " systemd are root's; those of a user's systemd (--systemd-bus user) are the user's")
                : Optional.empty();
    }

    String address() {
        return "unix:path=" + socket;
    }

    /// The folder where systemd keeps until the next boot what is set for single units.
    Path dropIns() {
        return user ? socket.resolveSibling("user.control") : Path.of("/run/systemd/system.control");
    }

    /// The folder where systemd keeps links to unit files until the next boot.
    Path links() {
        return user ? socket.resolveSibling("user") : Path.of("/run/systemd/system");
    }
}
