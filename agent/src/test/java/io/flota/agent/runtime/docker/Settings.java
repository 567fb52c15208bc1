package io.flota.agent.runtime.docker;

import com.google.common.collect.ImmutableList;
import com.google.protobuf.ByteString;
import io.flota.agent.runtime.setting.SettingReader;
import io.flota.unit.Specifiers;
import io.flota.unit.UnitFile;
import io.flota.unit.UnitFileException;
import io.flota.unit.UnitName;

/// Reads unit files for tests.
record Settings(ContainerSettings container, ImmutableList<String> ignored) {
    private static final Specifiers.Host HOST =
            new Specifiers.Host("node-1", "m1", "b1", "6.1", "x86-64", Specifiers.Os.UNKNOWN);

    static Settings read(String text) throws UnitFileException {
        return read("web@1.service", text);
    }

    static Settings read(String unit, String text) throws UnitFileException {
        var file = UnitFile.parse(unit, ByteString.copyFromUtf8(text));
        var reader = SettingReader.with("Container", file, new Specifiers.Context(
                new UnitName(unit), HOST, Specifiers.Account.ROOT, Specifiers.Folders.SYSTEM, ""));
        var container = ContainerReader.read(reader);
        var ignored = reader.finish();
        return new Settings(container.orElseThrow(), ignored);
    }

    /// Of an image, and the lines of `[Container]`.
    static ContainerSettings of(String... lines) throws UnitFileException {
        return read("[Container]\nImage=web\n" + String.join("\n", lines) + "\n").container();
    }
}
