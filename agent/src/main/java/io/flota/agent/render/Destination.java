package io.flota.agent.render;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;

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
            own(next, Files.exists(path)
                    ? Optional.of(Files.readAttributes(path, PosixFileAttributes.class))
                    : Optional.empty());
            for (ByteBuffer rest = bytes.asReadOnlyByteBuffer(); rest.hasRemaining();) {
                channel.write(rest);
            }
            channel.force(true);
        }
    }

    /// Whoever may write the folder can put a link in its place at any moment: what that leads to is not touched. By way
    /// of the folder, as a view of the file alone follows links when it sets permissions, whatever it is told (JDK 25).
    static void own(Path next, Optional<PosixFileAttributes> old) throws IOException {
        try (var files = Files.newDirectoryStream(next.getParent())) {
            if (!(files instanceof SecureDirectoryStream<Path> folder)) {
                throw new IOException("links cannot be told from files in " + next.getParent());
            }
            var view = folder.getFileAttributeView(
                    next.getFileName(), PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
            var own = view.readAttributes();
            var owner = old.map(PosixFileAttributes::owner).filter(name -> !name.equals(own.owner()));
            if (owner.isPresent()) {
                view.setOwner(owner.get());
            }
            var group = old.map(PosixFileAttributes::group).filter(name -> !name.equals(own.group()));
            if (group.isPresent()) {
                view.setGroup(group.get());
            }
            view.setPermissions(
                    old.map(PosixFileAttributes::permissions).orElse(PosixFilePermissions.fromString(NEW_FILE)));
        }
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
            if (!isOwed()) {
                Files.createFile(owing()); // never through a link, as it must not be there
            }
        } else {
            Files.deleteIfExists(owing());
        }
    }

    boolean isOwed() throws IOException {
        return Files.exists(owing(), LinkOption.NOFOLLOW_LINKS);
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
