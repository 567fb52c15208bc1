package io.flota.unitctl.command;

import com.google.protobuf.ByteString;
import io.flota.unit.UnitName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;

/// A unit file on this computer.
///
/// @param source as an operator would name it
/// @param isTemplate whether it was found as the template of the unit that was asked for
record LocalFile(String source, ByteString bytes, boolean isTemplate) {
    /// The file of a unit, or else of its template, beside which the argument points.
    ///
    /// @param argument a unit's name, maybe with a path before it and without `.service`
    static Optional<LocalFile> find(Path directory, String argument, UnitName name) throws IOException {
        String folder = argument.substring(0, argument.lastIndexOf('/') + 1);
        var own = read(directory, folder, name, false);
        return own.isPresent() || name.template().isEmpty() ? own : read(directory, folder, name.template().get(), true);
    }

    /// A service may be a container, which has a file of another name.
    private static Optional<LocalFile> read(Path directory, String folder, UnitName name, boolean isTemplate)
            throws IOException {
        var plain = read(directory, folder + name.full(), isTemplate);
        return plain.isPresent() || !name.type().equals("service")
                ? plain
                : read(directory, folder + name.stem() + ".container", isTemplate);
    }

    private static Optional<LocalFile> read(Path directory, String source, boolean isTemplate) throws IOException {
        Path path = directory.resolve(source);
        if (!Files.isRegularFile(path)) {
            return Optional.empty();
        }
        return Optional.of(new LocalFile(source, ByteString.copyFrom(Files.readAllBytes(path)), isTemplate));
    }

    /// As the registry computes it.
    String hash() {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes.toByteArray()));
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every JDK has SHA-256", impossible);
        }
    }
}
