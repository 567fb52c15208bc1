package io.flota.agent.runtime.exec;

import com.google.protobuf.ByteString;
import io.flota.agent.runtime.process.WholeFile;
import io.flota.loop.World;
import java.io.IOException;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/// A clock for time limits, which nobody sets: it goes as the kernel counts the time since its boot, also from one
/// agent to the next. It starts with the wall clock's time of the first agent of the boot, and differs from the wall
/// clock once that is set.
final class BootClock implements InstantSource {
    /// Less is how finely the kernel tells, or the wall clock being trimmed: not worth telling all states anew.
    private static final Duration WORTH_TELLING = Duration.ofSeconds(1);

    private final InstantSource wall;
    private final Uptime uptime;
    private final Instant boot;
    private volatile Duration ahead = Duration.ZERO;

    /// The time since the boot of the host.
    interface Uptime {
        Duration now();
    }

    private BootClock(InstantSource wall, Uptime uptime, Instant boot) {
        this.wall = wall;
        this.uptime = uptime;
        this.boot = boot;
    }

    /// @param note when the boot was, as the first agent since has seen it; goes with the boot
    static BootClock open(Path note) throws IOException {
        return open(note, InstantSource.system(), () -> Duration.ofNanos(World.REAL.uptime().read()));
    }

    static BootClock open(Path note, InstantSource wall, Uptime uptime) throws IOException {
        var boot = wall.instant().minus(uptime.now());
        try {
            var noted = WholeFile.read(note);
            if (noted.isPresent()) {
                return new BootClock(wall, uptime, Instant.parse(noted.get().toStringUtf8().strip()));
            }
        } catch (DateTimeException _) {
            // damaged: time limits under way are then as good as the wall clock
        }
        WholeFile.write(note, ByteString.copyFromUtf8(boot.toString()));
        return new BootClock(wall, uptime, boot);
    }

    @Override
    public Instant instant() {
        return boot.plus(uptime.now());
    }

    Duration sinceBoot() {
        return uptime.now();
    }

    /// The time of this clock at a time since the boot of the host.
    Instant at(Duration sinceBoot) {
        return boot.plus(sinceBoot);
    }

    /// What the wall clock, as it is set now, showed at a time of this clock.
    Instant onTheWall(Instant time) {
        var now = Duration.between(instant(), wall.instant());
        if (now.minus(ahead).abs().compareTo(WORTH_TELLING) > 0) {
            ahead = now;
        }
        return time.plus(ahead);
    }
}
