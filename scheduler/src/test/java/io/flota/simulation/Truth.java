package io.flota.simulation;

import com.google.protobuf.ByteString;
import io.flota.registry.Codec;
import io.flota.registry.Fact.UnitFact;
import io.flota.registry.Key;
import io.flota.registry.Keys;
import io.flota.scheduler.cluster.RegisteredUnit;
import io.flota.scheduler.cluster.RegisteredUnit.Readable;
import io.flota.store.Snapshot;
import io.flota.unit.PlacementRules;
import io.flota.unit.Unit;
import io.flota.unit.UnitName;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/// What etcd holds, whether or not anybody can reach it.
final class Truth {
    private static final Keys KEYS = Keys.DEFAULT;

    private final SimCluster cluster;
    private final Codec codec = new Codec(KEYS);

    Truth(SimCluster cluster) {
        this.cluster = cluster;
    }

    Snapshot of(String prefix) {
        return cluster.etcd().state().peek(prefix);
    }

    Optional<UnitFact> registered(UnitName unit) {
        return Optional.ofNullable(of(KEYS.unit(unit)).entries().get(KEYS.unit(unit)))
                .flatMap(codec::decode)
                .map(UnitFact.class::cast);
    }

    /// All units that are registered.
    List<UnitFact> units() {
        return of(KEYS.units()).entries().values().stream()
                .map(entry -> (UnitFact) codec.decode(entry).orElseThrow())
                .toList();
    }

    /// @param hash of a file; the rules are those that it gives to the unit
    Optional<PlacementRules> rules(UnitName unit, String hash) {
        var files = new TreeMap<String, ByteString>();
        of(KEYS.file(hash)).entries().values().forEach(entry -> files.put(hash, entry.value()));
        return RegisteredUnit.Contents.of(unit, hash, files) instanceof Readable(var _, var rules)
                ? Optional.of(rules)
                : Optional.empty();
    }

    /// By this file, or the one that it is registered with now.
    boolean isGlobal(UnitName unit, String hash) {
        var present = registered(unit).map(fact -> fact.unit().fileHash());
        return rules(unit, hash).filter(PlacementRules::global).isPresent()
                || present.flatMap(now -> rules(unit, now))
                        .filter(PlacementRules::global)
                        .isPresent();
    }

    /// Whose it is.
    Optional<UnitName> unit(Key key) {
        return switch (key) {
            case Key.FileKey(var hash) ->
                units().stream()
                        .map(UnitFact::unit)
                        .filter(unit -> unit.fileHash().equals(hash))
                        .map(Unit::name)
                        .findFirst();
            case Key.UnitKey(var unit) -> Optional.of(unit);
            case Key.PlacementKey(var _, var unit) -> Optional.of(unit);
            case Key.StateKey(var _, var unit) -> Optional.of(unit);
            case Key.FailuresKey(var _, var unit) -> Optional.of(unit);
            default -> Optional.empty();
        };
    }
}
