package io.flota.agent.runtime.systemd;

import io.flota.agent.runtime.guard.Watchdog;
import io.flota.agent.runtime.systemd.Entry.Bond;
import io.flota.unit.UnitName;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Puts back what keeps units that depend on the lease, where somebody has removed it: deadlines, the numbers of starts,
/// and where the watchdog finds their processes. For several threads.
final class Fences {
    private static final Logger log = LoggerFactory.getLogger(Fences.class);
    private static final long NANOS_PER_MILLI = 1_000_000;

    private final Units units;
    private final StateFiles files;
    private final Watchdog watchdog;
    private final LongSupplier nanos;
    private final Map<UnitName, Known> known = new TreeMap<>();
    /// Whether there are units of which the watchdog does not know where they are.
    private volatile boolean astray;
    /// Whether the watchdog does not know of the folder that is there.
    private boolean deaf;

    private record Known(Starts starts, long atNanos) {}

    /// @param nanos a clock that does not jump
    Fences(Units units, StateFiles files, Watchdog watchdog, LongSupplier nanos) {
        this.units = units;
        this.files = files;
        this.watchdog = watchdog;
        this.nanos = nanos;
    }

    /// As long as it is so, no guard of a running unit can be counted on. [#find] ends it.
    boolean isAstray() {
        return astray;
    }

    /// @return whether the state folder had been removed
    synchronized boolean mend() throws IOException {
        boolean removed = files.mend();
        if (removed) {
            log.warn("the state folder was removed, makes it anew; units run on");
            units.distrustFiles();
            astray |= units.entries().stream().anyMatch(Fences::isKept);
            deaf = true;
        }
        if (deaf) {
            watchdog.renew();
            deaf = false;
        }
        for (var entry : units.entries()) {
            if (entry.file().bond() == Bond.EXCLUSIVE) {
                keepStarts(entry);
            }
        }
        return removed;
    }

    private static boolean isKept(Entry entry) {
        return entry.file().bond() != Bond.FREE && !entry.isDown();
    }

    /// Before an exclusive unit is started: from here on its starts are counted under its base.
    synchronized void begin(Entry entry) throws IOException {
        keepStarts(entry);
        var base = entry.wish().epochBase();
        var file = files.starts(entry.name());
        if (Starts.read(file).filter(starts -> starts.base() == base).isEmpty()) {
            var none = new Starts(base, 0);
            none.write(file);
            known.put(entry.name(), new Known(none, nanos.getAsLong()));
        }
    }

    /// Epochs never fall: where the number of starts is lost, it goes on behind all starts that there can have been
    /// since it was seen last, as each takes more than a millisecond.
    private void keepStarts(Entry entry) throws IOException {
        var unit = entry.name();
        var file = files.starts(unit);
        var now = nanos.getAsLong();
        var there = Starts.read(file);
        var last = Optional.ofNullable(known.get(unit));
        if (last.isPresent() && there.filter(starts -> !starts.isBefore(last.get().starts())).isEmpty()) {
            var next = last.get().starts().plus((now - last.get().atNanos()) / NANOS_PER_MILLI + 1);
            log.warn("the number of starts of a unit was lost, goes on behind it unit={} starts={}", unit, next.count());
            next.write(file);
            there = Optional.of(next);
        }
        there.ifPresent(starts -> known.put(unit, new Known(starts, now)));
        if (entry.wish().epochBase() != 0 && !entry.isDown()) {
            files.keepBase(unit, entry.wish().epochBase());
        }
    }

    /// Asks systemd where units are of which that is not known here.
    void find(Systemd systemd) throws BusLostException, IOException {
        boolean all = true;
        for (var entry : units.entries()) {
            if (isKept(entry) && files.group(entry.name()).isEmpty()) {
                all &= find(systemd, entry.name());
            }
        }
        astray &= !all;
    }

    private boolean find(Systemd systemd, UnitName unit) throws BusLostException, IOException {
        try {
            var group = systemd.properties(unit.full()).get("ControlGroup");
            if (group instanceof String path && path.startsWith("/")) {
                files.saveGroup(unit, path);
                watchdog.look();
            }
            return true; // one without a group has no process
        } catch (RefusedException e) {
            log.warn("systemd does not say where a unit runs unit={} because={}", unit, e.getMessage());
            return false;
        }
    }

    /// Before all files of a unit go.
    synchronized void forget(UnitName unit) {
        known.remove(unit);
    }
}
