package io.flota.daemon;

import java.io.IOException;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;

/// The file at which a daemon serves a unix socket that only its own user and group may use.
public final class UnixSocketFile {
    /// What the kernel takes, without the zero at its end.
    public static final int LONGEST_PATH = 107;

    private UnixSocketFile() {}

    /// Whether the kernel takes the path.
    public static boolean fits(Path path) {
        return path.toString().getBytes(StandardCharsets.UTF_8).length <= LONGEST_PATH;
    }

    /// Makes room: a daemon that was killed leaves its socket, at which nobody answers.
    ///
    /// @param option that names the path, for messages
    /// @throws IOException if somebody answers there, or it is something else than a socket
    static void clear(String option, Path path) throws IOException {
        Files.createDirectories(path.toAbsolutePath().getParent());
        if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        if (!Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS).isOther()) {
            throw new IOException("cannot serve at " + path + " (" + option + "): it is a file. Give another path");
        }
        try (var channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            channel.connect(UnixDomainSocketAddress.of(path));
        } catch (IOException _) {
            Files.deleteIfExists(path);
            return;
        }
        throw new IOException("cannot serve at " + path + " (" + option + "): somebody else does. Give another path");
    }

    /// @param option that asks for it, for messages
    /// @throws IOException unless the socket is its user's and group's, and such that one can see that
    static void refuseIfAnybodys(String option, SocketAddress address) throws IOException {
        String place = address.toString();
        boolean others;
        try {
            others = place.isEmpty()
                    || Files.getPosixFilePermissions(Path.of(place)).contains(PosixFilePermission.OTHERS_WRITE);
        } catch (IOException e) {
            throw new IOException("the mode of the socket that systemd passes (" + option + ") cannot be seen: " + e
                    + ". Let it be somewhere else, or accept it with --insecure", e);
        }
        if (others) {
            throw new IOException("the socket that systemd passes (" + option + ") is at " + (place.isEmpty() ? "a name that"
                    + " is no file's" : place) + ", where any user of this machine could rule the cluster: write"
                    + " SocketMode=0660 into the .socket unit, or accept it with --insecure");
        }
    }

    static void protect(Path path) throws IOException {
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-rw----"));
    }
}
