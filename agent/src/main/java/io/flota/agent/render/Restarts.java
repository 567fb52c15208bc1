package io.flota.agent.render;

import com.google.common.collect.ImmutableSortedMap;
import io.flota.unit.UnitName;
import java.util.TreeMap;

/// Units that are to start anew for their files. Whoever runs the units stops them as they are stopped for any other reason,
/// drained first, and says which wish was met; a wish for files of later is another one.
public final class Restarts {
    private final TreeMap<UnitName, Long> open = new TreeMap<>();
    private long last;

    /// @return the number of this wish, which takes the place of an open one
    public synchronized long ask(UnitName unit) {
        open.put(unit, ++last);
        return last;
    }

    synchronized boolean isOpen(UnitName unit, long wish) {
        return open.containsKey(unit) && open.get(unit) == wish;
    }

    /// The number of the wish for each unit.
    public synchronized ImmutableSortedMap<UnitName, Long> open() {
        return ImmutableSortedMap.copyOfSorted(open);
    }

    /// Its unit was told to stop, or to start anew.
    public synchronized void met(UnitName unit, long wish) {
        open.remove(unit, wish);
    }

    /// Nothing is rendered for it any more.
    synchronized void forget(UnitName unit) {
        open.remove(unit);
    }
}
