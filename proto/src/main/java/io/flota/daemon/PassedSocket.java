package io.flota.daemon;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.io.IOException;
import java.nio.channels.ServerSocketChannel;
import java.util.Map;

/// The listening socket that systemd has opened and hands to this process: as its standard input
/// (`StandardInput=socket`), or as the first file after that and the outputs (`LISTEN_FDS`).
public final class PassedSocket {
    private static final int FIRST_PASSED = 3;
    private static final int STANDARD_INPUT = 0;

    private PassedSocket() {}

    /// Whether sockets are passed to this process in particular.
    public static boolean isAnnounced(Map<String, String> environment, long pid) {
        return environment.containsKey("LISTEN_FDS")
                && environment.getOrDefault("LISTEN_PID", "").equals(Long.toString(pid));
    }

    /// The socket; the JDK takes it from standard input only, so it is put there.
    ///
    /// @throws IOException if there is none, or more than one
    static ServerSocketChannel take() throws IOException {
        if (isAnnounced(System.getenv(), ProcessHandle.current().pid())) {
            String passed = System.getenv("LISTEN_FDS");
            if (!passed.equals("1")) {
                throw new IOException("systemd passes " + passed + " sockets, where one is served. Write one ListenStream="
                        + " into the .socket unit");
            }
            var dup2 = CLibrary.function("dup2", JAVA_INT, JAVA_INT, JAVA_INT);
            if ((int) CLibrary.invoke(dup2, FIRST_PASSED, STANDARD_INPUT) < 0) {
                throw new IOException("the socket that systemd announces (LISTEN_FDS) is not there");
            }
        }
        if (System.inheritedChannel() instanceof ServerSocketChannel socket) {
            return socket;
        }
        throw new IOException("systemd passes no listening socket. Start the .socket unit of this service, or give an"
                + " address instead");
    }
}
