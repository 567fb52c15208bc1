package io.flota.scheduler.cluster;

import com.google.common.collect.ImmutableList;
import io.flota.machine.MachineId;
import io.flota.registry.Codec;
import io.flota.registry.Keys;
import io.flota.scheduler.cluster.Change.FileGone;
import io.flota.scheduler.cluster.Change.LeaderGone;
import io.flota.scheduler.cluster.Change.MachineGone;
import io.flota.scheduler.cluster.Change.PlacementGone;
import io.flota.scheduler.cluster.Change.StateGone;
import io.flota.scheduler.cluster.Change.UnitGone;
import io.flota.scheduler.cluster.Change.Written;
import io.flota.store.Snapshot;
import io.flota.store.WatchListener.Deleted;
import io.flota.store.WatchListener.Event;
import io.flota.unit.UnitName;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/// Turns what the store tells into changes of a [Cluster]. Keys and values that cannot be read are left out: one bad
/// key holds up nothing.
public final class ChangeReader {
    private static final Pattern MACHINE_ID = Pattern.compile("[0-9a-f]{32}");

    private final Keys keys;
    private final Codec codec;

    public ChangeReader(Keys keys, Codec codec) {
        this.keys = keys;
        this.codec = codec;
    }

    /// All that a snapshot holds.
    public ImmutableList<Change> read(Snapshot snapshot) {
        return snapshot.entries().values().stream()
                .flatMap(entry -> codec.decode(entry).stream())
                .map(Written::new)
                .collect(ImmutableList.toImmutableList());
    }

    public ImmutableList<Change> read(List<Event> events) {
        return events.stream().flatMap(event -> read(event).stream()).collect(ImmutableList.toImmutableList());
    }

    private Optional<Change> read(Event event) {
        return switch (event) {
            case io.flota.store.WatchListener.Written written -> codec.decode(written.entry()).map(Written::new);
            case Deleted(String key) -> key.startsWith(keys.prefix()) ? gone(key) : Optional.empty();
        };
    }

    private Optional<Change> gone(String key) {
        var parts = key.substring(keys.prefix().length()).split("/", -1);
        return switch (parts.length + parts[0]) {
            case "1leader" -> Optional.of(new LeaderGone());
            case "2machines" -> machine(parts[1]).map(MachineGone::new);
            case "2files" -> Optional.of(new FileGone(parts[1]));
            case "2units" -> unit(parts[1]).map(UnitGone::new);
            case "3placements" ->
                machine(parts[1]).flatMap(id -> unit(parts[2]).map(unit -> new PlacementGone(id, unit)));
            case "3states" -> machine(parts[1]).flatMap(id -> unit(parts[2]).map(unit -> new StateGone(id, unit)));
            default -> Optional.empty();
        };
    }

    private static Optional<MachineId> machine(String id) {
        return MACHINE_ID.matcher(id).matches() ? Optional.of(new MachineId(id)) : Optional.empty();
    }

    private static Optional<UnitName> unit(String name) {
        return UnitName.problem(name).isEmpty() ? Optional.of(new UnitName(name)) : Optional.empty();
    }
}
