package io.flota.agent.runtime.setting;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import io.flota.unit.Environment;

/// An `EnvironmentFile=`, and how both it and `Environment=` are read.
///
/// @param mayMiss prefix `-`: that there is no such file is no failure
public record EnvironmentSource(String path, boolean mayMiss) {
    /// `Environment=` of a section.
    public static ImmutableMap<String, String> assignments(SettingReader reader, String section) {
        return SettingReader.merged(reader.all(section, "Environment", value -> {
            var environment = Environment.ofAssignments(value, reader::expand);
            if (!environment.warnings().isEmpty()) {
                throw new IllegalArgumentException(String.join(". ", environment.warnings()));
            }
            return ImmutableList.of(environment.variables());
        }));
    }

    /// `EnvironmentFile=` of a section.
    public static ImmutableList<EnvironmentSource> files(SettingReader reader, String section) {
        return reader.all(section, "EnvironmentFile", value -> {
            boolean mayMiss = value.startsWith("-");
            var path = reader.expand(mayMiss ? value.substring(1) : value);
            if (!path.startsWith("/")) {
                throw new IllegalArgumentException("is not an absolute path");
            }
            return ImmutableList.of(new EnvironmentSource(path, mayMiss));
        });
    }
}
