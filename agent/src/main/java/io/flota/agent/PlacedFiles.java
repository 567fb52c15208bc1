package io.flota.agent;

import com.google.common.collect.ImmutableSortedMap;
import io.flota.agent.steps.Situation.Unreadable;
import io.flota.registry.Codec;
import io.flota.registry.Fact.FileFact;
import io.flota.registry.Keys;
import io.flota.store.Store;
import io.flota.store.StoreException;
import io.flota.unit.Placement;
import io.flota.unit.UnitFile;
import io.flota.unit.UnitFileException;
import io.flota.unit.UnitName;
import java.util.Collection;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// Fetches unit files by their hash and keeps those that placements name. A file never changes under its hash.
final class PlacedFiles {
    /// @param unreadable units whose file cannot be had
    /// @param outage why the store could not be asked; empty if it could
    record Fetched(ImmutableSortedMap<UnitName, Unreadable> unreadable, Optional<StoreException> outage) {}

    private final Store store;
    private final Keys keys;
    private final Codec codec;
    private final TreeMap<String, UnitFile> files = new TreeMap<>();

    PlacedFiles(Store store, Keys keys) {
        this.store = store;
        this.keys = keys;
        this.codec = new Codec(keys);
    }

    /// Has the files of these placements at hand, as far as they can be had. One that cannot holds up no other.
    Fetched fetch(ImmutableSortedMap<UnitName, Placement> placements) {
        var problems = new TreeMap<String, Unreadable>();
        Optional<StoreException> outage = Optional.empty();
        for (var placement : placements.values()) {
            var hash = placement.fileHash();
            if (files.containsKey(hash) || problems.containsKey(hash)) {
                continue;
            }
            if (outage.isPresent()) {
                problems.put(hash, unread(outage.get())); // each answer would be waited for until its deadline
                continue;
            }
            try {
                read(placement.unit(), hash).ifPresent(problem -> problems.put(hash, problem));
            } catch (StoreException e) {
                outage = Optional.of(e);
                problems.put(hash, unread(e));
            }
        }
        var unreadable = new TreeMap<UnitName, Unreadable>();
        placements.forEach((unit, placement) -> {
            var problem = problems.get(placement.fileHash());
            if (problem != null) {
                unreadable.put(unit, problem);
            }
        });
        return new Fetched(ImmutableSortedMap.copyOf(unreadable), outage);
    }

    private static Unreadable unread(StoreException outage) {
        return new Unreadable("error", "cannot read its unit file: " + outage.getMessage());
    }

    /// A file that [#fetch] had at hand.
    UnitFile get(String hash) {
        var file = files.get(hash);
        if (file == null) {
            throw new IllegalStateException("unit file " + hash + " is to be loaded and was not fetched");
        }
        return file;
    }

    /// Forgets the files that these placements do not name.
    void keepOnly(Collection<Placement> placements) {
        files.keySet().retainAll(placements.stream().map(Placement::fileHash).collect(Collectors.toSet()));
    }

    private Optional<Unreadable> read(UnitName unit, String hash) throws StoreException {
        var entry = store.read(keys.file(hash)).entries().get(keys.file(hash));
        if (entry == null) {
            return Optional.of(new Unreadable("not-found", "its unit file is not in etcd: " + keys.file(hash)));
        }
        try {
            if (codec.decode(entry).orElse(null) instanceof FileFact(var _, var bytes)) {
                files.put(hash, UnitFile.parse(unit.full(), bytes));
                return Optional.empty();
            }
            return Optional.of(new Unreadable("error", "its unit file cannot be read: " + entry.key()));
        } catch (UnitFileException e) {
            return Optional.of(new Unreadable("bad-setting", String.join("; ", e.problems())));
        }
    }
}
