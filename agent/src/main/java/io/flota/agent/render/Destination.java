package io.flota.agent.render;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;

/// A file that is rendered. Its next version is written beside it first, under a name that no `*.conf` takes in, and
/// moved in its place; so are folders made where there are none.
record Destination(Path path) {
    private static final String NEW_FILE = "rw-r--r--";

    static Destination of(String path) {
        return new Destination(Path.of(path));
    }

    ByteString read() throws IOException {
        try {
            return ByteString.copyFrom(Files.readAllBytes(path));
        } catch (NoSuchFileException _) {
            return ByteString.EMPTY;
        }
    }

    boolean holds(ByteString bytes) throws IOException {
        return Files.exists(path) && read().equals(bytes);
    }

    /// Where the next version waits.
    Path next() throws IOException {
        return beside(".next");
    }

    /// With the mode and owner that the file has.
    void prepare(ByteString bytes) throws IOException {
        Files.createDirectories(path.toAbsolutePath().getParent());
        var next = next();
        Files.deleteIfExists(next);
        try (var channel = FileChannel.open(next, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            if (Files.exists(path)) {
                own(next, Files.readAttributes(path, PosixFileAttributes.class));
            } else {
                Files.setPosixFilePermissions(next, PosixFilePermissions.fromString(NEW_FILE));
            }
            for (ByteBuffer rest = bytes.asReadOnlyByteBuffer(); rest.hasRemaining();) {
                channel.write(rest);
            }
            channel.force(true);
        }
    }

    private static void own(Path next, PosixFileAttributes old) throws IOException {
        var view = Files.getFileAttributeView(next, PosixFileAttributeView.class);
        var own = view.readAttributes();
        if (!own.owner().equals(old.owner())) {
            view.setOwner(old.owner());
        }
        if (!own.group().equals(old.group())) {
            view.setGroup(old.group());
        }
        view.setPermissions(old.permissions());
    }

    /// The next version in its place, also after a loss of power.
    void replace() throws IOException {
        Files.move(next(), real(), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        try (var folder = FileChannel.open(real().getParent(), StandardOpenOption.READ)) {
            folder.force(true);
        }
    }

    void discard() throws IOException {
        Files.deleteIfExists(next());
    }

    /// That the unit has yet to take it outlives the agent.
    void setOwed(boolean owed) throws IOException {
        if (owed) {
            Files.write(owing(), new byte[0]);
        } else {
            Files.deleteIfExists(owing());
        }
    }

    boolean isOwed() throws IOException {
        return Files.exists(owing());
    }

    private Path owing() throws IOException {
        return beside(".owed");
    }

    private Path beside(String suffix) throws IOException {
        var real = real();
        return real.resolveSibling("." + real.getFileName() + ".flota" + suffix);
    }

    /// What a link leads to is replaced, not the link.
    private Path real() throws IOException {
        return Files.exists(path) ? path.toRealPath() : path.toAbsolutePath();
    }
}
