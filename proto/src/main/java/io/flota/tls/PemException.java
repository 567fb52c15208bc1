package io.flota.tls;

import java.io.IOException;
import java.nio.file.Path;

/// A PEM file cannot be used. The message is one line that begins with the file's path.
public final class PemException extends IOException {
    private final Path file;

    PemException(Path file, String what) {
        super(file + " " + what);
        this.file = file;
    }

    public Path file() {
        return file;
    }
}
