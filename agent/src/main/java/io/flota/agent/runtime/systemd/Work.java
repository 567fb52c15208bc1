package io.flota.agent.runtime.systemd;

import com.google.common.collect.ImmutableList;

/// What is to be done.
///
/// @param stops in no order
/// @param forgets units that are down and not wanted here any more
/// @param loads units whose file is new
/// @param limits units that are loaded, whose limits are to be set
/// @param starts units that are loaded
record Work(
        ImmutableList<Entry> stops, ImmutableList<Entry> forgets, ImmutableList<Entry> loads,
        ImmutableList<Entry> limits, ImmutableList<Entry> starts, ImmutableList<Entry> unsaved,
        ImmutableList<Entry> unbarred) {
    boolean isEmpty() {
        return stops.isEmpty() && forgets.isEmpty() && loads.isEmpty() && limits.isEmpty() && starts.isEmpty()
                && unsaved.isEmpty() && unbarred.isEmpty();
    }
}
