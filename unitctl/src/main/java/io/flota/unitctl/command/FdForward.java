package io.flota.unitctl.command;

import io.flota.unitctl.client.ClusterException;
import java.io.IOException;
import java.io.InputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import picocli.CommandLine.Model.CommandSpec;

/// Joins standard input and output to a unix socket: what the far side of fleetctl's `--tunnel` runs.
final class FdForward implements Command {
    @Override
    public CommandSpec spec() {
        return Flags.command(
                        "fd-forward",
                        "Copy standard input to a unix socket, and what comes from there to standard output.")
                .addPositional(Flags.arguments("SOCKET", "Path of the socket."));
    }

    @Override
    public int run(Invocation invocation) throws CommandException, ClusterException, IOException, InterruptedException {
        if (invocation.arguments().size() != 1) {
            throw CommandException.usage("unitctl fd-forward takes the path of one socket");
        }
        var path = Path.of(invocation.arguments().getFirst());
        try (var channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            connect(channel, path);
            Thread.ofPlatform().daemon().name("input").start(() -> handOn(invocation.surroundings().in(), channel));
            copy(Channels.newInputStream(channel), invocation);
        }
        return 0;
    }

    private static void connect(SocketChannel channel, Path path) throws CommandException {
        try {
            channel.connect(UnixDomainSocketAddress.of(path));
        } catch (IOException failed) {
            throw CommandException.failed("cannot connect to " + path + ": " + failed.getMessage(), failed);
        }
    }

    /// At once, without waiting for more.
    private static void copy(InputStream from, Invocation invocation) throws IOException {
        var buffer = new byte[32 * 1024];
        for (int count = from.read(buffer); count >= 0; count = from.read(buffer)) {
            invocation.out().write(buffer, 0, count);
            invocation.out().flush();
            if (invocation.out().checkError()) {
                return;
            }
        }
    }

    private static void handOn(InputStream input, SocketChannel channel) {
        try {
            input.transferTo(Channels.newOutputStream(channel));
            channel.shutdownOutput();
        } catch (IOException _) {
            return; // the other side has gone, as who reads from it sees
        }
    }
}
