package io.flota.examples;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;

/// A unix socket that says again what it is told, until the other side has ended.
final class EchoSocket implements AutoCloseable {
    private final Path path;
    private final ServerSocketChannel server;

    EchoSocket(Path path) throws IOException {
        this.path = path;
        this.server = ServerSocketChannel.open(StandardProtocolFamily.UNIX).bind(UnixDomainSocketAddress.of(path));
        Thread.ofVirtual().start(this::serve);
    }

    private void serve() {
        try (var client = server.accept()) {
            Channels.newInputStream(client).transferTo(Channels.newOutputStream(client));
        } catch (IOException ended) {
            assert !server.isOpen() : ended;
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
        Files.deleteIfExists(path);
    }
}
