package io.flota.examples.faults;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteOrder;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;

/// The own processes of the nodes of a local cluster: the agents, the schedulers, the etcd members.
///
/// @param folder where the cluster keeps its files
record Nodes(Path folder) {
    /// Whoever is none of them: units, tests, operators.
    static final String OUTSIDE = "outside";

    /// Empty if it was never started, or not yet.
    OptionalLong pid(String node) {
        try {
            var words = Files.readString(folder.resolve(node).resolve("pid")).strip().split(" ");
            return words[0].isEmpty() ? OptionalLong.empty() : OptionalLong.of(Long.parseLong(words[0]));
        } catch (NoSuchFileException _) {
            return OptionalLong.empty();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /// Sends a signal, such as `STOP`, to the node's own process; nothing happens if that has ended.
    void signal(String node, String name) {
        pid(node).ifPresent(pid -> Shell.run("kill -s \"$0\" \"$1\" 2>/dev/null || :", name, Long.toString(pid)));
    }

    /// Which node's process is at the other end of a connection on this host, as the kernel knows it.
    String atTheOtherEndOf(Socket accepted) throws IOException {
        var inode = inode(
                new InetSocketAddress(accepted.getInetAddress(), accepted.getPort()),
                new InetSocketAddress(accepted.getLocalAddress(), accepted.getLocalPort()));
        if (inode.isEmpty()) {
            return OUTSIDE; // it has hung up already
        }
        try (var nodes = Files.list(folder)) {
            return nodes.filter(Files::isDirectory)
                    .map(node -> node.getFileName().toString())
                    .filter(node -> pid(node).stream().anyMatch(pid -> holds(pid, inode.get())))
                    .findFirst()
                    .orElse(OUTSIDE);
        }
    }

    private static boolean holds(long pid, String inode) {
        var wanted = Path.of("socket:[" + inode + "]");
        try (var open = Files.list(Path.of("/proc", Long.toString(pid), "fd"))) {
            return open.anyMatch(file -> {
                try {
                    return Files.readSymbolicLink(file).equals(wanted);
                } catch (IOException _) {
                    return false; // closed meanwhile
                }
            });
        } catch (IOException _) {
            return false; // it has ended
        }
    }

    private static Optional<String> inode(InetSocketAddress local, InetSocketAddress remote) throws IOException {
        for (var table : new String[] {"/proc/net/tcp", "/proc/net/tcp6"}) {
            try (Stream<String> lines = Files.lines(Path.of(table))) {
                var found = lines.map(line -> line.strip().split(" +"))
                        .filter(columns -> columns[1].endsWith(text(local)) && columns[2].endsWith(text(remote)))
                        .map(columns -> columns[9])
                        .findFirst();
                if (found.isPresent()) {
                    return found;
                }
            }
        }
        return Optional.empty();
    }

    /// As the kernel writes it; an IPv4 address that is mapped into IPv6 ends in the same digits.
    private static String text(InetSocketAddress address) {
        int bytes = ByteBuffer.wrap(((Inet4Address) address.getAddress()).getAddress())
                .order(ByteOrder.nativeOrder())
                .getInt();
        return "%08X:%04X".formatted(bytes, address.getPort());
    }
}
