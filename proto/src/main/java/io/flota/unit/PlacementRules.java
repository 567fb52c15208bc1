package io.flota.unit;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSetMultimap;
import java.util.Optional;

/// Where a unit may run, and what holds for it there: options of its `[X-Fleet]` and `[X-Flota]` sections, specifiers
/// expanded.
///
/// @param machineId full id of the only machine, or its first eight digits
/// @param machineOf units that must be on the same machine, all of them
/// @param metadata for each key the values of which the machine must have one
/// @param conflicts units that must not be on the same machine, the one that it stands by for among them; a unit never
///     conflicts with itself
/// @param global on every machine that fits
/// @param replaces units that have to make room
/// @param partition what becomes of it while its machine is cut off
/// @param reservation what is kept free for it on its machine
/// @param offer what it offers to others, and how its health is found out
/// @param standby the unit that it stands by for
/// @param warnings what is accepted but has no effect, each `file:line: what`
public record PlacementRules(
        Optional<String> machineId,
        ImmutableList<UnitName> machineOf,
        ImmutableSetMultimap<String, String> metadata,
        ImmutableList<Glob> conflicts,
        boolean global,
        ImmutableList<Glob> replaces,
        PartitionRules partition,
        Reservation reservation,
        Offer offer,
        Optional<Standby> standby,
        ImmutableList<String> warnings) {

    /// Reads the rules of a unit. Those of a template are the ones that an instance named `instance` would have: so
    /// a template is refused for what is wrong with all its instances alike.
    ///
    /// @throws UnitFileException with every problem and refused combination, at its line
    public static PlacementRules of(String source, UnitName name, UnitFile file) throws UnitFileException {
        return new PlacementRulesParser(source, name, file).parse();
    }

    /// The same rules, with the unit that this one stands by for among those that it must not be beside.
    PlacementRules apartFromPrimary() {
        if (standby.isEmpty()) {
            return this;
        }
        var apart = ImmutableList.<Glob>builder()
                .addAll(conflicts)
                .add(new Glob(standby.get().primary().full().replace("\\", "\\\\"))) // the one letter that means more there
                .build();
        return new PlacementRules(
                machineId, machineOf, metadata, apart, global, replaces, partition, reservation, offer, standby, warnings);
    }
}
