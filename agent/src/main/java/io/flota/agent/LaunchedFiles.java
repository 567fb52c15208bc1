package io.flota.agent;

import com.google.common.collect.ImmutableSortedMap;
import io.flota.agent.render.Renders.Launched;
import io.flota.agent.steps.Placed;
import io.flota.unit.DesiredState;
import io.flota.unit.UnitName;
import java.util.Optional;
import java.util.function.Supplier;

/// The files of the units that are to run here.
record LaunchedFiles(Supplier<Optional<Placed>> placed, PlacedFiles files) implements Launched {
    @Override
    public Optional<Files> read() {
        return placed.get().map(known -> {
            var hashes = ImmutableSortedMap.<UnitName, String>naturalOrder();
            known.placements().forEach((unit, placement) -> {
                if (placement.target() == DesiredState.LAUNCHED) {
                    hashes.put(unit, placement.fileHash());
                }
            });
            return files.read(hashes.buildOrThrow());
        });
    }
}
