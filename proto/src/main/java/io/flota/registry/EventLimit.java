package io.flota.registry;

import com.google.common.collect.ImmutableList;
import io.flota.machine.MachineId;
import io.flota.unit.UnitName;
import java.time.Duration;
import java.util.Optional;
import java.util.TreeMap;

/// How much is told of one unit on one machine, so that one that flaps does not fill the store: ten happenings, then
/// nothing until a minute has passed since the first of them, then the last happening with the number of those that
/// were left out. Times are a ticker's nanoseconds.
final class EventLimit {
    static final int BURST = 10;
    static final Duration WINDOW = Duration.ofMinutes(1);

    private static final class Window {
        private final long began;
        private int told;
        private int leftOut;
        private Optional<Happening> last = Optional.empty();

        Window(long began) {
            this.began = began;
        }

        boolean isOver(long now) {
            return now - began >= WINDOW.toNanos();
        }

        /// Whether it is over, and nothing is left to tell of it.
        boolean isSpent(long now) {
            return isOver(now) && last.isEmpty();
        }
    }

    private final TreeMap<String, Window> windows = new TreeMap<>();

    boolean admits(Happening happening, long now) {
        var window = Optional.ofNullable(windows.get(subject(happening)));
        return window.isEmpty()
                || window.get().last.isEmpty() && (window.get().isOver(now) || window.get().told < BURST);
    }

    void tell(Happening happening, long now) {
        windows.compute(
                        subject(happening),
                        (_, window) -> window == null || window.isSpent(now) ? new Window(now) : window)
                .told++;
    }

    /// Leaves out a happening.
    void hold(Happening happening, long now) {
        var window = windows.computeIfAbsent(subject(happening), _ -> new Window(now));
        window.leftOut++;
        window.last = Optional.of(happening);
    }

    /// To be asked now and then: only so is forgotten what was told long ago.
    ImmutableList<Happening> due(long now) {
        windows.values().removeIf(window -> window.isSpent(now));
        return windows.values().stream()
                .filter(window -> window.isOver(now))
                .flatMap(window -> window.last.map(last -> summary(last, window.leftOut - 1)).stream())
                .collect(ImmutableList.toImmutableList());
    }

    Optional<Duration> untilDue(long now) {
        return windows.values().stream()
                .filter(window -> window.last.isPresent())
                .map(window -> Duration.ofNanos(Math.max(0, window.began + WINDOW.toNanos() - now)))
                .min(Duration::compareTo);
    }

    /// What was due is told.
    void release(Happening happening, long now) {
        windows.remove(subject(happening));
        tell(happening, now);
    }

    private static Happening summary(Happening last, int others) {
        return others == 0
                ? last
                : new Happening(
                        last.at(), last.kind(), last.unit(), last.machine(),
                        last.reason() + " (" + others + " more in the minute before are left out)",
                        last.source(), last.placementId());
    }

    private static String subject(Happening happening) {
        return happening.unit().map(UnitName::full).orElse("")
                + "/" + happening.machine().map(MachineId::value).orElse("");
    }
}
