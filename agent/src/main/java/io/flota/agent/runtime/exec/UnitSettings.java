package io.flota.agent.runtime.exec;

import com.google.common.collect.ImmutableList;
import io.flota.unit.Specifiers;
import io.flota.unit.UnitFile;
import io.flota.unit.UnitFileException;
import io.flota.unit.UnitName;

/// What a unit file asks for, as far as this runtime honours it.
///
/// @param service how it runs; a target is one that runs nothing
/// @param ignored what is asked for and not honoured, each `Key=`, in the order of the file
record UnitSettings(boolean target, Relations relations, ServiceSettings service, ImmutableList<String> ignored) {
    /// Those of a unit whose file cannot be read.
    static final UnitSettings NOTHING =
            new UnitSettings(true, Relations.NONE, ServiceSettings.NOTHING, ImmutableList.of());

    /// @throws UnitFileException with everything that keeps the unit from being loaded
    static UnitSettings of(UnitFile file, Specifiers.Context context) throws UnitFileException {
        UnitName name = context.name();
        var type = name.type();
        if (!type.equals("service") && !type.equals("target")) {
            throw new UnitFileException(ImmutableList.of(
                    "the exec runtime runs services and targets; " + name + " needs systemd"));
        }
        boolean target = type.equals("target");
        var reader = new SettingReader(file, context);
        var relations = Relations.read(reader, target);
        var service = ServiceReader.read(reader, target);
        return new UnitSettings(target, relations, service, reader.finish());
    }

    UnitSettings withIgnored(ImmutableList<String> more) {
        return new UnitSettings(
                target, relations, service, ImmutableList.<String>builder().addAll(ignored).addAll(more).build());
    }
}
