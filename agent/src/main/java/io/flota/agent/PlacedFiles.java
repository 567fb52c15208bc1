package io.flota.agent;

import com.google.common.collect.ImmutableSortedMap;
import io.flota.agent.render.Renders.Launched;
import io.flota.agent.steps.Situation.Unreadable;
import io.flota.registry.Codec;
import io.flota.registry.Fact.FileFact;
import io.flota.registry.Keys;
import io.flota.store.Store;
import io.flota.store.StoreException;
import io.flota.unit.UnitFile;
import io.flota.unit.UnitFileException;
import io.flota.unit.UnitName;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;

/// Fetches unit files by their hash and keeps those that are placed or loaded. A file never changes under its hash. One
/// thread forgets files and counts on those that it has fetched; others may [#read].
final class PlacedFiles {
    /// @param unreadable units whose file cannot be had
    /// @param outage why the store could not be asked; empty if it could
    record Fetched(ImmutableSortedMap<UnitName, Unreadable> unreadable, Optional<StoreException> outage) {}

    /// What a unit's load state is while etcd cannot be asked for its file.
    static final String UNREAD = "error";

    private final Store store;
    private final Keys keys;
    private final Codec codec;
    private final ConcurrentSkipListMap<String, UnitFile> files = new ConcurrentSkipListMap<>();

    PlacedFiles(Store store, Keys keys) {
        this.store = store;
        this.keys = keys;
        this.codec = new Codec(keys);
    }

    /// Has the files of these units at hand, as far as they can be had. One that cannot holds up no other.
    ///
    /// @param hashes of the files, by unit
    Fetched fetch(Map<UnitName, String> hashes) {
        var problems = new TreeMap<String, Unreadable>();
        Optional<StoreException> outage = Optional.empty();
        for (var wanted : hashes.entrySet()) {
            var hash = wanted.getValue();
            if (files.containsKey(hash) || problems.containsKey(hash)) {
                continue;
            }
            if (outage.isPresent()) {
                problems.put(hash, unread(outage.get())); // each answer would be waited for until its deadline
                continue;
            }
            try {
                read(wanted.getKey(), hash).ifPresent(problem -> problems.put(hash, problem));
            } catch (StoreException e) {
                outage = Optional.of(e);
                problems.put(hash, unread(e));
            }
        }
        var unreadable = new TreeMap<UnitName, Unreadable>();
        hashes.forEach((unit, hash) -> {
            var problem = problems.get(hash);
            if (problem != null) {
                unreadable.put(unit, problem);
            }
        });
        return new Fetched(ImmutableSortedMap.copyOf(unreadable), outage);
    }

    /// The files of these units, as far as they can be had. Some may just have been forgotten.
    ///
    /// @param hashes of the files, by unit
    Launched.Files read(ImmutableSortedMap<UnitName, String> hashes) {
        var fetched = fetch(hashes);
        var found = ImmutableSortedMap.<UnitName, UnitFile>naturalOrder();
        hashes.forEach((unit, hash) -> Optional.ofNullable(files.get(hash)).ifPresent(file -> found.put(unit, file)));
        var all = found.buildOrThrow();
        return new Launched.Files(all, all.size() == hashes.size(), fetched.outage());
    }

    private static Unreadable unread(StoreException outage) {
        return new Unreadable(UNREAD, "cannot read its unit file: " + outage.getMessage());
    }

    /// A file that [#fetch] had at hand.
    UnitFile get(String hash) {
        var file = files.get(hash);
        if (file == null) {
            throw new IllegalStateException("unit file " + hash + " is to be loaded and was not fetched");
        }
        return file;
    }

    /// Forgets all other files.
    void keepOnly(Set<String> hashes) {
        files.keySet().retainAll(hashes);
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
            return Optional.of(new Unreadable("bad-setting", "its unit file cannot be read: " + entry.key()));
        } catch (UnitFileException e) {
            return Optional.of(new Unreadable("bad-setting", String.join("; ", e.problems())));
        }
    }
}
