package io.flota.agent.runtime.systemd;

import com.google.common.collect.ImmutableList;
import io.flota.unit.UnitName;
import io.flota.unit.UnitProperties.Property;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collection;
import java.util.Optional;

/// Where systemd keeps until the next boot what `SetUnitProperties` has set: a file for each property, which holds over
/// the unit's own. There is no call that takes one away; without its file, the unit has its own value from the next
/// reload on.
///
/// @param folder systemd's, of all units
record DropIns(Path folder) {
    /// Properties of which there is one.
    ImmutableList<Property> of(UnitName unit) {
        return Arrays.stream(Property.values())
                .filter(property -> Files.exists(file(unit, property)))
                .collect(ImmutableList.toImmutableList());
    }

    /// @return why they stay; empty if they are gone
    Optional<String> remove(UnitName unit, Collection<Property> properties) throws IOException {
        try {
            for (var property : properties) {
                Files.deleteIfExists(file(unit, property));
            }
            Files.deleteIfExists(folder(unit));
            return Optional.empty();
        } catch (DirectoryNotEmptyException _) {
            return Optional.empty(); // what else was set, and not by us
        } catch (AccessDeniedException e) {
            return Optional.of("only root can remove " + e.getFile());
        }
    }

    private Path file(UnitName unit, Property property) {
        return folder(unit).resolve("50-" + property.word() + ".conf");
    }

    private Path folder(UnitName unit) {
        return folder.resolve(unit.full() + ".d");
    }
}
