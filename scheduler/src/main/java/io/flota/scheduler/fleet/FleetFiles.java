package io.flota.scheduler.fleet;

import com.google.common.cache.Cache;
import com.google.common.cache.CacheBuilder;
import com.google.common.collect.ImmutableList;
import com.google.protobuf.ByteString;
import io.flota.scheduler.cluster.Cluster;
import io.flota.scheduler.cluster.RegisteredUnit;
import io.flota.unit.UnitFile;
import io.flota.unit.UnitFileException;
import java.util.Optional;

/// Registered unit files as fleet knew them. Each is read once: a list of a thousand units asks for all of them.
final class FleetFiles {
    /// Far more than there are units in a cluster of fleet's; what was left out is read again.
    private static final int MOST_KEPT = 10_000;

    private record Known(FleetFile file, String hash) {}

    private final Cache<String, Known> known = CacheBuilder.newBuilder().maximumSize(MOST_KEPT).build();

    /// The file of a unit; empty if it is not in the registry.
    Optional<FleetFile> of(Cluster cluster, RegisteredUnit unit) {
        return known(cluster, unit.unit().fileHash()).map(Known::file);
    }

    /// fleet's hash of a file that a unit has, or had when its machine told of it.
    Optional<String> hash(Cluster cluster, String fileHash) {
        return known(cluster, fileHash).map(Known::hash);
    }

    private Optional<Known> known(Cluster cluster, String fileHash) {
        var before = Optional.ofNullable(known.getIfPresent(fileHash));
        if (before.isPresent()) {
            return before;
        }
        var found = Optional.ofNullable(cluster.files().get(fileHash))
                .map(bytes -> FleetFile.read(bytes).orElseGet(() -> settings(bytes)))
                .map(file -> new Known(file, file.hash()));
        found.ifPresent(it -> known.put(fileHash, it));
        return found;
    }

    /// Of a file that fleet would have refused; nothing of one that is none to us either.
    private static FleetFile settings(ByteString bytes) {
        try {
            return new FleetFile(UnitFile.parse("", bytes).settings().stream()
                    .map(setting -> new UnitOption(setting.section(), setting.key(), setting.value()))
                    .collect(ImmutableList.toImmutableList()));
        } catch (UnitFileException _) {
            return FleetFile.EMPTY;
        }
    }
}
