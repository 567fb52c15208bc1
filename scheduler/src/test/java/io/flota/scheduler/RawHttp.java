package io.flota.scheduler;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/// Sends bytes that need be no request, and reads what comes back.
final class RawHttp {
    private static final Pattern STATUS = Pattern.compile("HTTP/1\\.1 (\\d{3}) ");
    private static final int PATIENCE_MILLIS = 60_000;

    private final int port;

    RawHttp(int port) {
        this.port = port;
    }

    Socket connect() throws IOException {
        var socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setSoTimeout(PATIENCE_MILLIS);
        socket.setTcpNoDelay(true);
        return socket;
    }

    /// The status of the answer; 0 if the connection just ended.
    int ask(byte[] request) throws IOException {
        try (var socket = connect()) {
            return ask(socket, request);
        }
    }

    private static int ask(Socket socket, byte[] request) throws IOException {
        try {
            socket.getOutputStream().write(request);
            socket.shutdownOutput();
        } catch (IOException _) {
            // Refused before it has come to its end: what was answered is still to be read.
        }
        return status(socket);
    }

    /// Reads to the end of the connection.
    static int status(Socket socket) throws IOException {
        var answer = new ByteArrayOutputStream();
        try {
            socket.getInputStream().transferTo(answer);
        } catch (java.net.SocketException _) {
            // Reset, after whatever was answered.
        }
        var status = STATUS.matcher(answer.toString(StandardCharsets.ISO_8859_1));
        return status.lookingAt() ? Integer.parseInt(status.group(1)) : 0;
    }
}
