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

/// As much of HTTP over a unix socket as a short question needs, since a client that can do more takes longer to start
/// than the whole command, and the JDK's knows no such sockets.
public final class SocketHttp {
    /// @param text what came behind the headers
    public record Answer(int status, String text) {
        private static final int FIRST_GOOD = 200;
        private static final int FIRST_OTHER = 300;

        public boolean isDone() {
            return status >= FIRST_GOOD && status < FIRST_OTHER;
        }
    }

    private SocketHttp() {}

    /// @param target path and query, encoded
    public static Answer ask(Path socket, String method, String target) throws IOException {
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
        }
    }

    private static Answer read(String answer) throws IOException {
        var words = answer.lines().findFirst().orElse("").split(" ", 3);
        int end = answer.indexOf("\r\n\r\n");
        if (words.length < 2 || !words[0].startsWith("HTTP/1.") || !words[1].matches("\\d{3}") || end < 0) {
            throw new IOException("what answers there speaks no HTTP");
        }
        return new Answer(Integer.parseInt(words[1]), answer.substring(end + 4).strip());
    }
}
