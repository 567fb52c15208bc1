package io.flota.agent.runtime.exec;

import com.google.common.collect.ImmutableList;
import io.flota.unit.PlacementRules;
import io.flota.unit.Specifiers;
import io.flota.unit.UnitFile;
import io.flota.unit.UnitFileException;
import io.flota.unit.UnitName;

/// What a unit file asks for, as far as this runtime honours it.
///
/// @param service how it runs; a target is one that runs nothing
/// @param exclusive whether it must never be active in two places, so that it is started only as the agent asks
/// @param ignored what is asked for and not honoured, each `Key=`, in the order of the file
record UnitSettings(
        boolean target, Relations relations, ServiceSettings service, boolean exclusive,
        ImmutableList<String> ignored) {
    /// Those of a unit whose file cannot be read.
    static final UnitSettings NOTHING =
            new UnitSettings(true, Relations.NONE, ServiceSettings.NOTHING, false, ImmutableList.of());

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
        return new UnitSettings(target, relations, service, exclusive(file, name), reader.finish());
    }

    /// Of a unit whose rules are not understood one cannot know.
    private static boolean exclusive(UnitFile file, UnitName name) {
        try {
            return PlacementRules.of(name.full(), name, file).partition().exclusive();
        } catch (UnitFileException _) {
            return true;
        }
    }

    /// Whether units of this type can be run here.
    static boolean isOurs(UnitName unit) {
        return unit.type().equals("service") || unit.type().equals("target");
    }

    UnitSettings withIgnored(ImmutableList<String> more) {
        return new UnitSettings(
                target, relations, service, exclusive, ImmutableList.<String>builder().addAll(ignored).addAll(more).build());
    }
}
