package io.flota.agent.render;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;

/// HAProxy's runtime socket: a question on a connection of its own, and its answer.
record HaproxySocket(Path path) {
    private static final Duration PATIENCE = Duration.ofSeconds(2);
    private static final int LONGEST = 1 << 20;

    /// The process that answers now. With a reload another one begins.
    ///
    /// @throws IOException also if what answers does not say
    long worker() throws IOException {
        return ask("show info").lines()
                .filter(line -> line.startsWith("Pid:"))
                .map(line -> line.substring("Pid:".length()).strip())
                .filter(pid -> pid.matches("\\d{1,18}"))
                .map(Long::parseLong)
                .findFirst()
                .orElseThrow(() -> new IOException("what answers at " + path + " is no HAProxy"));
    }

    /// @param command one line
    /// @return without blank lines at the end
    String ask(String command) throws IOException {
        try (var channel = SocketChannel.open(StandardProtocolFamily.UNIX); var selector = Selector.open()) {
            channel.connect(UnixDomainSocketAddress.of(path));
            channel.configureBlocking(false);
            var key = channel.register(selector, SelectionKey.OP_WRITE);
            var question = ByteBuffer.wrap((command + "\n").getBytes(StandardCharsets.UTF_8));
            while (question.hasRemaining()) {
                await(selector);
                channel.write(question);
            }
            key.interestOps(SelectionKey.OP_READ);
            var answer = new ByteArrayOutputStream();
            var buffer = ByteBuffer.allocate(8192);
            while (answer.size() < LONGEST) {
                await(selector);
                if (channel.read(buffer) < 0) {
                    break;
                }
                answer.write(buffer.array(), 0, buffer.position());
                buffer.clear();
            }
            return answer.toString(StandardCharsets.UTF_8).stripTrailing();
        } catch (UnsupportedOperationException | IllegalArgumentException e) {
            throw new IOException(path + " cannot be a socket: " + e.getMessage(), e);
        }
    }

    private void await(Selector selector) throws IOException {
        if (selector.select(PATIENCE.toMillis()) == 0) {
            throw new SocketTimeoutException("no answer from " + path + " within " + PATIENCE.toSeconds() + " s");
        }
        selector.selectedKeys().clear();
    }
}
