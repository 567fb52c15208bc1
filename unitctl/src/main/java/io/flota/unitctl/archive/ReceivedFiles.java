package io.flota.unitctl.archive;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;

/// A file or folder that comes as a tar from somebody who is not trusted. It is unpacked into a hidden folder beside its
/// place, within which it stays whatever its names say, and gets its name once all of it is there.
public final class ReceivedFiles implements AutoCloseable {
    private static final Set<PosixFilePermission> OURS = PosixFilePermissions.fromString("rwx------");

    private final Path place;
    private final Path folder;
    private final Path top;
    private final Consumer<String> leftOut;
    private final Thread lastResort = new Thread(this::remove, "received files");
    /// Folders with the modes that they are to get once nothing more comes into them.
    private final Deque<FolderMode> modes = new ArrayDeque<>();

    private record FolderMode(Path folder, Set<PosixFilePermission> mode, TarArchiveEntry entry) {}

    /// @param place the path that it is to have; its parent is there
    /// @param leftOut is told of whatever is neither file, folder nor link, in one line
    public ReceivedFiles(Path place, Consumer<String> leftOut) throws IOException {
        this.place = place;
        this.leftOut = leftOut;
        this.folder = Files.createTempDirectory(
                place.toAbsolutePath().getParent(), ".unitctl-cp", PosixFilePermissions.asFileAttribute(OURS));
        this.top = folder.resolve("received");
        Runtime.getRuntime().addShutdownHook(lastResort);
    }

    /// Reads the tar to its end.
    ///
    /// @throws IOException if it is broken, or names what is outside of its topmost entry; the message is a line
    public void unpack(InputStream in) throws IOException {
        var tar = new TarArchiveInputStream(in, "UTF-8");
        var root = List.<String>of();
        for (var entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
            var name = parts(entry.getName());
            root = root.isEmpty() ? name.subList(0, 1) : root;
            if (!name.getFirst().equals(root.getFirst())) {
                throw refused(entry.getName(), "it is not in " + root.getFirst());
            }
            take(tar, entry, path(name, entry.getName()), root);
        }
        if (root.isEmpty()) {
            throw new IOException("nothing came");
        }
    }

    private static List<String> parts(String name) throws IOException {
        var parts = Arrays.stream(name.split("/")).filter(part -> !part.isEmpty() && !part.equals(".")).toList();
        if (parts.isEmpty() || parts.contains("..") || name.startsWith("/") || name.indexOf('\0') >= 0) {
            throw refused(name, "it leads elsewhere");
        }
        return parts;
    }

    private static IOException refused(String name, String because) {
        return new IOException("refused, for the name \"" + printable(name) + "\" came: " + because);
    }

    /// On one line, whatever is in it.
    public static String printable(String text) {
        return text.codePoints()
                .map(c -> Character.isISOControl(c) ? '?' : c)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }

    /// Where an entry goes. All above it are real folders, never links, which would lead elsewhere.
    private Path path(List<String> name, String told) throws IOException {
        var path = top;
        for (var part : name.subList(1, name.size())) {
            if (!Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
                throw refused(told, "it is in no folder");
            }
            path = path.resolve(part);
        }
        return path;
    }

    private void take(TarArchiveInputStream tar, TarArchiveEntry entry, Path path, List<String> root)
            throws IOException {
        try {
            if (entry.isDirectory()) {
                Files.createDirectory(path, PosixFilePermissions.asFileAttribute(OURS));
                modes.push(new FolderMode(path, permissions(entry), entry));
            } else if (entry.isSymbolicLink()) {
                if (entry.getLinkName().indexOf('\0') >= 0) {
                    throw refused(entry.getLinkName(), "a link leads there");
                }
                Files.createSymbolicLink(path, Path.of(entry.getLinkName()));
            } else if (entry.isLink()) {
                var name = parts(entry.getLinkName());
                var target = path(name, entry.getLinkName());
                if (!name.getFirst().equals(root.getFirst())
                        || !Files.isRegularFile(target, LinkOption.NOFOLLOW_LINKS)) {
                    throw refused(entry.getLinkName(), "a link leads there");
                }
                Files.createLink(path, target);
            } else if (entry.isFile() && !isDevice(entry)) {
                Files.copy(tar, path);
                Files.setPosixFilePermissions(path, permissions(entry));
                Files.setLastModifiedTime(path, entry.getLastModifiedTime());
            } else {
                leftOut.accept("left out " + printable(entry.getName()) + ": no file, folder or link");
            }
        } catch (FileAlreadyExistsException _) {
            throw refused(entry.getName(), "it came twice");
        }
    }

    /// To the library, whatever is no folder is a file.
    private static boolean isDevice(TarArchiveEntry entry) {
        return entry.isBlockDevice() || entry.isCharacterDevice() || entry.isFIFO();
    }

    /// Without the bits that would let others run it as whoever receives it.
    private static Set<PosixFilePermission> permissions(TarArchiveEntry entry) {
        var all = PosixFilePermission.values(); // from the owner's first bit to the last of the others
        var permissions = EnumSet.noneOf(PosixFilePermission.class);
        for (int i = 0; i < all.length; i++) {
            if ((entry.getMode() & 0400 >> i) != 0) {
                permissions.add(all[i]);
            }
        }
        return permissions;
    }

    /// Gives it its name: a file in place of one of before, a folder's files into a folder of before, each at one stroke.
    ///
    /// @throws IOException if something else is in the way; the message is a line
    public void moveIntoPlace() throws IOException {
        boolean isFolder = Files.isDirectory(top, LinkOption.NOFOLLOW_LINKS);
        if (!Files.exists(top, LinkOption.NOFOLLOW_LINKS)) {
            throw new IOException("nothing came that could be copied");
        }
        if (isFolder != Files.isDirectory(place) && Files.exists(place, LinkOption.NOFOLLOW_LINKS)) {
            throw new IOException(place + " is " + (isFolder ? "no folder" : "a folder"));
        }
        var fresh = modes.stream().filter(made -> !Files.exists(there(made.folder()))).toList();
        if (isFolder && Files.isDirectory(place)) {
            merge();
        } else {
            Files.move(top, place, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        }
        for (var made : fresh) { // the innermost first: nothing can be done in one that may not be written
            Files.setLastModifiedTime(there(made.folder()), made.entry().getLastModifiedTime());
            Files.setPosixFilePermissions(there(made.folder()), made.mode());
        }
    }

    private Path there(Path received) {
        return place.resolve(top.relativize(received));
    }

    private void merge() throws IOException {
        Files.walkFileTree(top, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path received, BasicFileAttributes attributes) throws IOException {
                if (Files.isDirectory(there(received))) {
                    return FileVisitResult.CONTINUE;
                }
                return moved(received, FileVisitResult.SKIP_SUBTREE);
            }

            @Override
            public FileVisitResult visitFile(Path received, BasicFileAttributes attributes) throws IOException {
                return moved(received, FileVisitResult.CONTINUE);
            }

            private FileVisitResult moved(Path received, FileVisitResult then) throws IOException {
                var there = there(received);
                boolean isFolder = Files.isDirectory(received, LinkOption.NOFOLLOW_LINKS);
                if (Files.exists(there, LinkOption.NOFOLLOW_LINKS)
                        && (isFolder || Files.isDirectory(there, LinkOption.NOFOLLOW_LINKS))) {
                    throw new IOException(there + " is " + (isFolder ? "no folder" : "a folder"));
                }
                Files.move(received, there, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
                return then;
            }
        });
    }

    private void remove() {
        try {
            Files.walkFileTree(folder, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                    Files.delete(file);
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult postVisitDirectory(Path folder, IOException failure) throws IOException {
                    Files.delete(folder);
                    return FileVisitResult.CONTINUE;
                }
            });
        } catch (IOException e) {
            leftOut.accept("could not remove " + folder + ": " + e.getMessage());
        }
    }

    /// Removes what did not get its name.
    @Override
    public void close() {
        remove();
        try {
            Runtime.getRuntime().removeShutdownHook(lastResort);
        } catch (IllegalStateException _) {
            // this process is about to end already
        }
    }
}
