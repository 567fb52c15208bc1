package io.flota.agent.runtime.exec;

import com.google.common.collect.ImmutableSortedSet;
import io.flota.agent.runtime.setting.SettingReader;
import io.flota.unit.UnitName;

/// What a unit has to do with others. Only others on the same machine count.
record Relations(
        ImmutableSortedSet<UnitName> after,
        ImmutableSortedSet<UnitName> before,
        ImmutableSortedSet<UnitName> requires,
        ImmutableSortedSet<UnitName> requisite,
        ImmutableSortedSet<UnitName> wants,
        ImmutableSortedSet<UnitName> bindsTo,
        ImmutableSortedSet<UnitName> partOf,
        ImmutableSortedSet<UnitName> conflicts,
        ImmutableSortedSet<UnitName> onFailure) {

    static final Relations NONE = new Relations(
            ImmutableSortedSet.of(), ImmutableSortedSet.of(), ImmutableSortedSet.of(), ImmutableSortedSet.of(),
            ImmutableSortedSet.of(), ImmutableSortedSet.of(), ImmutableSortedSet.of(), ImmutableSortedSet.of(),
            ImmutableSortedSet.of());

    static Relations read(SettingReader reader, boolean target) {
        var after = reader.units("After");
        var requires = reader.units("Requires");
        var requisite = reader.units("Requisite");
        var wants = reader.units("Wants");
        var bindsTo = union(reader.units("BindsTo"), reader.units("BindTo"));
        if (target) {
            // As systemd does: a target is reached once all that it pulls in is up.
            after = union(after, union(union(requires, requisite), union(wants, bindsTo)));
        }
        return new Relations(
                after, reader.units("Before"), requires, requisite, wants, bindsTo, reader.units("PartOf"),
                reader.units("Conflicts"), reader.units("OnFailure"));
    }

    /// Units that are started along with this one.
    ImmutableSortedSet<UnitName> pulledIn() {
        return union(union(requires, bindsTo), wants);
    }

    /// Units without which this one does not start.
    ImmutableSortedSet<UnitName> needed() {
        return union(union(requires, bindsTo), requisite);
    }

    /// Whether this unit stops when that one is stopped.
    boolean stopsWith(UnitName other) {
        return needed().contains(other) || partOf.contains(other);
    }

    private static ImmutableSortedSet<UnitName> union(
            ImmutableSortedSet<UnitName> one, ImmutableSortedSet<UnitName> other) {
        return ImmutableSortedSet.<UnitName>naturalOrder().addAll(one).addAll(other).build();
    }
}
