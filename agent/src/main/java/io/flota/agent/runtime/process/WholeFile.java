package io.flota.agent.runtime.process;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;

/// Files that are read and written as a whole: written beside their place and moved there, so that nothing is ever
/// taken for whole that is not.
public final class WholeFile {
    private WholeFile() {}

    /// Empty if there is no such file.
    public static Optional<ByteString> read(Path file) throws IOException {
        try {
            return Optional.of(ByteString.copyFrom(Files.readAllBytes(file)));
        } catch (NoSuchFileException _) {
            return Optional.empty();
        }
    }

    public static void write(Path file, ByteString bytes) throws IOException {
        var fresh = file.resolveSibling(file.getFileName() + "~new");
        Files.write(fresh, bytes.toByteArray());
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }
}
