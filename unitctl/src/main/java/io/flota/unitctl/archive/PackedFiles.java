package io.flota.unitctl.archive;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.EnumSet;
import java.util.function.Consumer;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;

/// Writes a file or folder of this machine as a tar: files, folders and links, with modes and times, all of them root's.
public final class PackedFiles {
    private static final int PERMISSIONS = 07777;
    private static final int ROOT = 0;
    private static final int PIECE = 32 * 1024;

    private PackedFiles() {}

    /// @param source what it leads to, if it is a link
    /// @param name of the topmost entry
    /// @param leftOut is told of whatever is none of these, in one line
    public static void write(Path source, String name, OutputStream out, Consumer<String> leftOut) throws IOException {
        try (var tar = new TarArchiveOutputStream(new BufferedOutputStream(out, PIECE), "UTF-8")) {
            tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
            tar.setBigNumberMode(TarArchiveOutputStream.BIGNUMBER_POSIX);
            tar.setAddPaxHeadersForNonAsciiNames(true);
            var top = source.toRealPath();
            Files.walkFileTree(top, EnumSet.noneOf(FileVisitOption.class), Integer.MAX_VALUE, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes)
                        throws IOException {
                    begin(tar, new TarArchiveEntry(named(folder) + "/"), folder, attributes);
                    tar.closeArchiveEntry();
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                    if (attributes.isRegularFile()) {
                        writeFile(tar, named(file), file, attributes);
                    } else if (attributes.isSymbolicLink()) {
                        var entry = new TarArchiveEntry(named(file), TarConstants.LF_SYMLINK);
                        entry.setLinkName(Files.readSymbolicLink(file).toString());
                        begin(tar, entry, file, attributes);
                        tar.closeArchiveEntry();
                    } else {
                        leftOut.accept("left out " + file + ": no file, folder or link");
                    }
                    return FileVisitResult.CONTINUE;
                }

                private String named(Path file) {
                    return file.equals(top) ? name : name + "/" + top.relativize(file);
                }
            });
        }
    }

    private static void writeFile(TarArchiveOutputStream tar, String name, Path file, BasicFileAttributes attributes)
            throws IOException {
        try (var content = Files.newInputStream(file)) {
            var entry = new TarArchiveEntry(name);
            entry.setSize(attributes.size());
            begin(tar, entry, file, attributes);
            var buffer = new byte[PIECE];
            for (long left = attributes.size(); left > 0; ) {
                int count = content.read(buffer, 0, (int) Math.min(left, buffer.length));
                if (count < 0) {
                    throw new IOException(file + " has become shorter while it was read");
                }
                tar.write(buffer, 0, count);
                left -= count;
            }
            tar.closeArchiveEntry();
        }
    }

    private static void begin(TarArchiveOutputStream tar, TarArchiveEntry entry, Path file, BasicFileAttributes attributes)
            throws IOException {
        int mode = (int) Files.getAttribute(file, "unix:mode", LinkOption.NOFOLLOW_LINKS);
        entry.setMode(mode & PERMISSIONS);
        entry.setLastModifiedTime(FileTime.fromMillis(attributes.lastModifiedTime().toMillis() / 1000 * 1000));
        entry.setIds(ROOT, ROOT);
        tar.putArchiveEntry(entry);
    }
}
