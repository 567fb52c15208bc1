package io.flota.agent.runtime.docker;

import com.google.common.collect.ImmutableSortedMap;
import com.google.protobuf.ByteString;
import io.flota.agent.runtime.process.WholeFile;
import io.flota.unit.UnitName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// Containers' units on disk, each in a file by its name, see [ContainerUnit#saved].
final class ContainerFiles {
    private final Path folder;

    ContainerFiles(Path folder) throws IOException {
        this.folder = Files.createDirectories(folder);
    }

    ImmutableSortedMap<UnitName, ByteString> all() throws IOException {
        var all = ImmutableSortedMap.<UnitName, ByteString>naturalOrder();
        try (var names = Files.newDirectoryStream(folder)) {
            for (var file : names) {
                var name = file.getFileName().toString();
                var saved = WholeFile.read(file);
                if (UnitName.problem(name).isEmpty() && saved.isPresent()) {
                    all.put(new UnitName(name), saved.get());
                }
            }
        }
        return all.build();
    }

    void save(ContainerUnit unit) throws IOException {
        Files.createDirectories(folder);
        WholeFile.write(folder.resolve(unit.name().full()), unit.saved());
    }

    void delete(UnitName unit) throws IOException {
        Files.deleteIfExists(folder.resolve(unit.full()));
    }
}
