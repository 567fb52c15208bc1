package io.flota.registry;

import com.google.protobuf.ByteString;
import io.flota.registry.Fact.UnitFact;
import io.flota.unit.Unit;
import java.util.Optional;

/// A unit as it shall be registered.
///
/// @param before as it is registered now, which must still be so when this is written; empty: not at all
/// @param file the unit file's bytes; must be there if the unit had not used this file before
public record UnitChange(Optional<UnitFact> before, Unit unit, Optional<ByteString> file) {
    public UnitChange {
        boolean newFile = before.filter(fact -> fact.unit().fileHash().equals(unit.fileHash())).isEmpty();
        if (newFile && file.isEmpty()) {
            throw new IllegalArgumentException(
                    "the change of " + unit.name() + " lacks the bytes of its file " + unit.fileHash());
        }
        if (before.isPresent() && !before.get().unit().name().equals(unit.name())) {
            throw new IllegalArgumentException(unit.name() + " was " + before.get().unit().name() + " before");
        }
    }
}
