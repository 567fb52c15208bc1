package io.flota.agent.runtime.guard;

import com.google.common.collect.ImmutableSortedMap;
import com.google.protobuf.ByteString;
import io.flota.agent.runtime.process.WholeFile;
import io.flota.agent.steps.Guard;
import io.flota.unit.PartitionRules;
import io.flota.unit.UnitName;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Function;

/// The file that tells the watchdog, and the next agent, until when units may live.
///
/// @param version rises with each one that is written
public record Deadlines(long version, ImmutableSortedMap<UnitName, Guard> guards) {
    static final Deadlines NONE = new Deadlines(0, ImmutableSortedMap.of());
    private static final int FIELDS = 8;
    /// Enough for a hundred units on a busy host.
    private static final Duration KILLING = Duration.ofMillis(60);
    /// Long enough for an agent to get a lease where all is well.
    private static final Duration FIRST_LEASE = Duration.ofMinutes(1);
    /// systemd's DefaultTimeoutStopSec.
    private static final Duration STOPPING = Duration.ofSeconds(90);
    private static final long HUNDREDTH_NANOS = 10_000_000;

    static Deadlines read(Path file) throws IOException {
        var text = WholeFile.read(file).map(ByteString::toStringUtf8).orElse("");
        if (text.isEmpty()) {
            return NONE;
        }
        try {
            var lines = text.lines().toList();
            var guards = ImmutableSortedMap.<UnitName, Guard>naturalOrder();
            lines.stream().skip(1).map(Deadlines::guard).forEach(guard -> guards.put(guard.unit(), guard));
            return new Deadlines(Long.parseLong(lines.getFirst()), guards.build());
        } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
            throw new IOException(file + " cannot be read: " + e.getMessage(), e);
        }
    }

    /// @param address how the watchdog finds a unit's processes, `KIND PATH`
    void write(Path file, Function<UnitName, String> address) throws IOException {
        var text = new StringBuilder().append(version).append('\n');
        for (var guard : guards.values()) {
            text.append(hundredths(guard)).append(' ')
                    .append(guard.livesUntil().toNanos()).append(' ')
                    .append(guard.startsUntil().toNanos()).append(' ')
                    .append(guard.exclusive()).append(' ')
                    .append(guard.grace().toNanos()).append(' ')
                    .append(guard.unit()).append(' ')
                    .append(address.apply(guard.unit())).append('\n');
        }
        WholeFile.write(file, ByteString.copyFromUtf8(text.toString()));
    }

    /// When the unit is killed, as the kernel counts in `/proc/uptime`.
    static long hundredths(Guard guard) {
        return strikes(guard).toNanos() / HUNDREDTH_NANOS;
    }

    /// When a unit is killed, since the machine's boot: a moment before it has to be over, as killing takes its time.
    public static Duration strikes(Guard guard) {
        return guard.livesUntil().minus(KILLING);
    }

    /// The guard of a unit that was found up without one, as an agent of an earlier version may have left it; empty if
    /// it needs none. The time of an exclusive one is over, for it lacks an epoch too. Another one is healthy and has
    /// time until this agent has a lease of its own.
    ///
    /// @param now since the machine's boot
    public static Optional<Guard> found(UnitName unit, PartitionRules rules, Duration now) {
        if (rules.exclusive()) {
            return Optional.of(new Guard(unit, true, Duration.ZERO, now, now));
        }
        var over = now.plus(FIRST_LEASE).plus(rules.grace());
        return switch (rules.onDisconnect()) {
            case RUN -> Optional.empty();
            case STOP -> Optional.of(new Guard(unit, false, rules.grace(), over, over.plus(STOPPING)));
        };
    }

    /// When the first is due.
    Optional<Duration> first() {
        return guards.values().stream().map(Guard::livesUntil).min(Duration::compareTo);
    }

    private static Guard guard(String line) {
        var fields = line.split(" ", FIELDS);
        return new Guard(
                new UnitName(fields[5]), Boolean.parseBoolean(fields[3]), nanos(fields[4]), nanos(fields[2]),
                nanos(fields[1]));
    }

    private static Duration nanos(String text) {
        return Duration.ofNanos(Long.parseLong(text));
    }
}
