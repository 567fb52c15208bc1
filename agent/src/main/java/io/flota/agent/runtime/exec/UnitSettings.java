package io.flota.agent.runtime.exec;

import com.google.common.collect.ImmutableList;
import io.flota.agent.runtime.setting.SettingReader;
import io.flota.unit.PartitionRules;
import io.flota.unit.PartitionRules.OnDisconnect;
import io.flota.unit.PartitionRules.OnReconnect;
import io.flota.unit.PlacementRules;
import io.flota.unit.Specifiers;
import io.flota.unit.UnitFile;
import io.flota.unit.UnitFileException;
import io.flota.unit.UnitName;
import java.time.Duration;

/// What a unit file asks for, as far as this runtime honours it.
///
/// @param service how it runs; a target is one that runs nothing
/// @param partition what becomes of it while the machine is cut off
/// @param ignored what is asked for and not honoured, each `Key=`, in the order of the file
record UnitSettings(
        boolean target, Relations relations, ServiceSettings service, PartitionRules partition,
        ImmutableList<String> ignored) {
    /// Those of a unit whose file cannot be read.
    static final UnitSettings NOTHING = new UnitSettings(
            true, Relations.NONE, ServiceSettings.NOTHING, PartitionRules.DEFAULT, ImmutableList.of());

    /// @throws UnitFileException with everything that keeps the unit from being loaded
    static UnitSettings of(UnitFile file, Specifiers.Context context) throws UnitFileException {
        UnitName name = context.name();
        if (!isOurs(name)) {
            throw new UnitFileException(ImmutableList.of(
                    "the exec runtime runs services and targets; " + name + " needs systemd"));
        }
        boolean target = name.type().equals("target");
        var reader = new SettingReader(file, context);
        var relations = Relations.read(reader, target);
        var service = ServiceReader.read(reader, target);
        return new UnitSettings(target, relations, service, partition(file, name), reader.finish());
    }

    /// A unit whose rules are not understood may be exclusive.
    private static PartitionRules partition(UnitFile file, UnitName name) {
        try {
            return PlacementRules.of(name.full(), name, file).partition();
        } catch (UnitFileException _) {
            return new PartitionRules(true, OnDisconnect.STOP, Duration.ZERO, OnReconnect.NEWEST);
        }
    }

    /// Whether it must never be active in two places, so that it is started only as the agent asks.
    boolean exclusive() {
        return partition.exclusive();
    }

    /// Whether it may live only as long as a guard lets it.
    boolean needsGuard() {
        return exclusive() || partition.onDisconnect() == OnDisconnect.STOP;
    }

    /// Whether units of this type can be run here.
    static boolean isOurs(UnitName unit) {
        return unit.type().equals("service") || unit.type().equals("target");
    }

    UnitSettings withIgnored(ImmutableList<String> more) {
        return new UnitSettings(
                target, relations, service, partition,
                ImmutableList.<String>builder().addAll(ignored).addAll(more).build());
    }
}
