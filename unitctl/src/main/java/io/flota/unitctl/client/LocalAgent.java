package io.flota.unitctl.client;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/// The agent of this machine, by HTTP over its socket: as much of that as a short question needs, since a client that can
/// do more takes longer to start than the whole command.
public final class LocalAgent {
    /// @param text of one line if it was refused
    public record Answer(int status, String text) {
        private static final int FIRST_GOOD = 200;
        private static final int FIRST_OTHER = 300;

        public boolean isDone() {
            return status >= FIRST_GOOD && status < FIRST_OTHER;
        }
    }

    private final Path socket;

    public LocalAgent(Path socket) {
        this.socket = socket;
    }

    /// @param target path and query, encoded
    /// @throws IOException whose message says what an operator can do
    public Answer ask(String method, String target) throws IOException {
        try (var channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            channel.connect(UnixDomainSocketAddress.of(socket));
            var request = method + " " + target + " HTTP/1.0\r\nHost: flota\r\n\r\n";
            var bytes = ByteBuffer.wrap(request.getBytes(StandardCharsets.US_ASCII));
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            var answer = new ByteArrayOutputStream();
            Channels.newInputStream(channel).transferTo(answer);
            return read(answer.toString(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new IOException("cannot ask this machine's agent at " + socket + ": " + e.getMessage()
                    + "; is flota-agent running? (--socket, FLOTA_AGENT_SOCKET)", e);
        }
    }

    private static Answer read(String answer) throws IOException {
        var words = answer.lines().findFirst().orElse("").split(" ", 3);
        int end = answer.indexOf("\r\n\r\n");
        if (words.length < 2 || !words[0].startsWith("HTTP/1.") || !words[1].matches("\\d{3}") || end < 0) {
            throw new IOException("what answers there is no agent");
        }
        return new Answer(Integer.parseInt(words[1]), answer.substring(end + 4).strip());
    }
}
