package io.flota.daemon;

import io.flota.loop.Loop;
import io.flota.loop.World;
import java.io.IOException;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What a daemon tells the service manager that started it (`sd_notify`): with `Type=notify` that it is ready, with
/// `WatchdogSec=` that it still lives. Where there is none, nothing is told.
///
/// The beat is a [Loop] as all else is: a JVM that runs its loops no longer, as one that collects garbage without end,
/// is started anew.
public final class SignsOfLife implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(SignsOfLife.class);
    /// As systemd advises: twice within the time that it waits.
    private static final int BEATS = 2;

    /// Beyond what a daemon says it needs for its end.
    private static final Duration SPARE = Duration.ofSeconds(30);

    private final Optional<String> socket;
    private final Optional<Loop> beat;

    private SignsOfLife(Optional<String> socket, Optional<Loop> beat) {
        this.socket = socket;
        this.beat = beat;
    }

    /// Says that this daemon is ready, and from now on until [#close] that it lives, if that is wanted.
    ///
    /// @param environment the variables `NOTIFY_SOCKET`, `WATCHDOG_USEC` and `WATCHDOG_PID`
    /// @param pid of this process
    /// @throws SettingsException if they are not what a service manager sets
    /// @throws IOException if nobody listens there
    public static SignsOfLife ready(World world, Map<String, String> environment, long pid)
            throws SettingsException, IOException {
        var socket = environment.getOrDefault("NOTIFY_SOCKET", "");
        if (socket.isEmpty()) {
            return new SignsOfLife(Optional.empty(), Optional.empty());
        }
        if (!socket.startsWith("/") && !socket.startsWith("@")) {
            throw new SettingsException(List.of("NOTIFY_SOCKET=" + socket + " is neither a path nor @NAME"));
        }
        var wait = watchdog(environment, pid);
        NotifySocket.send(socket, "READY=1");
        return new SignsOfLife(Optional.of(socket), wait.map(time -> new Loop(world, "watchdog", () -> {
            NotifySocket.send(socket, "WATCHDOG=1");
            return time.dividedBy(BEATS);
        }).start()));
    }

    /// How long the service manager waits for a sign of life; empty if it does not wait, or not for this process.
    private static Optional<Duration> watchdog(Map<String, String> environment, long pid) throws SettingsException {
        var micros = environment.getOrDefault("WATCHDOG_USEC", "");
        var whose = environment.getOrDefault("WATCHDOG_PID", Long.toString(pid));
        if (micros.isEmpty() || !whose.equals(Long.toString(pid))) {
            return Optional.empty();
        }
        try {
            return Optional.of(Duration.of(Long.parseUnsignedLong(micros), ChronoUnit.MICROS))
                    .filter(Duration::isPositive);
        } catch (NumberFormatException _) {
            throw new SettingsException(List.of("WATCHDOG_USEC=" + micros + " is not a number of microseconds"));
        }
    }

    /// Says that this daemon ends, which may take so long: the service manager is not to kill it before.
    public void ending(Duration limit) {
        socket.ifPresent(manager -> {
            try {
                NotifySocket.send(manager, "STOPPING=1\nEXTEND_TIMEOUT_USEC=" + TimeUnit.MICROSECONDS.convert(limit.plus(SPARE)));
            } catch (IOException e) {
                log.warn("cannot tell the service manager how long the end may take limit={} because={}", limit, e.toString());
            }
        });
    }

    /// Tells nothing more.
    @Override
    public void close() {
        beat.ifPresent(Loop::close);
    }
}
