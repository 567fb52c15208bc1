package io.flota.scheduler.cluster;

import com.google.protobuf.ByteString;
import io.flota.unit.DesiredState;
import io.flota.unit.PlacementRules;
import io.flota.unit.Standby;
import io.flota.unit.Unit;
import io.flota.unit.UnitFile;
import io.flota.unit.UnitFileException;
import io.flota.unit.UnitName;
import java.util.Map;
import java.util.Optional;

/// A unit with what its file says.
///
/// @param modRevision to compare on when the unit is changed
public record RegisteredUnit(Unit unit, long modRevision, Contents contents) {
    /// What it is for a unit of which something is wanted that this version does not know: left alone, as one whose file
    /// cannot be read.
    private static final Unreadable WANTED_BY_A_NEWER_VERSION =
            new Unreadable("a newer version asks for something that this scheduler does not know; it is left as it is");

    public RegisteredUnit {
        if (unit.desired() == DesiredState.UNKNOWN) {
            contents = WANTED_BY_A_NEWER_VERSION;
        }
    }

    /// What became of reading the unit's file.
    public sealed interface Contents {
        /// What the file of this hash says of a unit.
        ///
        /// @param files by hash
        static Contents of(UnitName unit, String hash, Map<String, ByteString> files) {
            var bytes = Optional.ofNullable(files.get(hash));
            if (bytes.isEmpty()) {
                return new Unreadable("its unit file " + hash + " is not registered");
            }
            try {
                var file = UnitFile.parse(unit.full(), bytes.get());
                return new Readable(file, PlacementRules.of(unit.full(), unit, file));
            } catch (UnitFileException e) {
                return new Unreadable(String.join("; ", e.problems()));
            }
        }
    }

    public record Readable(UnitFile file, PlacementRules rules) implements Contents {}

    /// @param problem one line for an operator
    public record Unreadable(String problem) implements Contents {}

    public UnitName name() {
        return unit.name();
    }

    /// Whether it is to be on a machine.
    public boolean isWanted() {
        return unit.desired() != DesiredState.INACTIVE;
    }

    /// Whether it is to be on every machine that fits. A unit whose file cannot be read is taken for an ordinary one.
    public boolean isGlobal() {
        return contents instanceof Readable readable && readable.rules().global();
    }

    /// Whether its file wants it never to be up in two places.
    public boolean isExclusive() {
        return contents instanceof Readable readable && readable.rules().partition().exclusive();
    }

    /// What its file says that it stands by for.
    public Optional<Standby> standby() {
        return contents instanceof Readable readable ? readable.rules().standby() : Optional.empty();
    }

    /// The same unit, as if something else were wanted of it.
    public RegisteredUnit wanted(DesiredState other) {
        return new RegisteredUnit(unit.withDesired(other), modRevision, contents);
    }
}
