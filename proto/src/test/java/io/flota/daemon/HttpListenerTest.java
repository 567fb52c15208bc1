package io.flota.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.flota.daemon.HttpListener.Tcp;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.junit.jupiter.api.Test;

class HttpListenerTest {
    private static final InetAddress HERE = InetAddress.getLoopbackAddress();
    private static final int MOST_CONNECTIONS = 1000;

    private static final class Yes extends Handler.Abstract {
        @Override
        public boolean handle(Request request, Response response, Callback callback) {
            response.setStatus(204);
            callback.succeeded();
            return true;
        }
    }

    private static Tcp at(int port) {
        return new Tcp("--listen", new ListenAddress("127.0.0.1", port), Optional.empty());
    }

    private static HttpListener open(List<Tcp> places) throws IOException {
        return HttpListener.open("test", places, new Yes(), (_, _, callback) -> {
            callback.succeeded();
            return true;
        });
    }

    private static String answer(Socket socket) throws IOException {
        socket.setSoTimeout(30_000);
        socket.getOutputStream().write("GET / HTTP/1.1\r\nHost: h\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        return new String(socket.getInputStream().readNBytes(12), StandardCharsets.US_ASCII);
    }

    @Test
    void ofPlacesThatCannotAllBeHadNoneIsKept() throws Exception {
        int free;
        try (var socket = new ServerSocket(0, 1, HERE)) {
            free = socket.getLocalPort();
        }
        try (var taken = new ServerSocket(0, 1, HERE)) {
            assertThatThrownBy(() -> open(List.of(at(free), at(taken.getLocalPort()))))
                    .isInstanceOf(IOException.class)
                    .hasMessageStartingWith("cannot listen on 127.0.0.1:" + taken.getLocalPort() + " (--listen): ");
        }
        try (var again = open(List.of(at(free)))) {
            assertThat(again.address().orElseThrow().getPort()).isEqualTo(free);
        }
    }

    @Test
    void aCrowdBeyondTheLimitWaits() throws Exception {
        var crowd = new ArrayList<Socket>();
        try (var listener = open(List.of(at(0)))) {
            int port = listener.port().orElseThrow();
            for (int i = 0; i < MOST_CONNECTIONS + 40; i++) {
                crowd.add(new Socket(HERE, port)); // the kernel takes some that are not accepted
            }
            await().until(() -> listener.connections() >= MOST_CONNECTIONS);
            await().during(Duration.ofMillis(500)).until(() -> listener.connections() < MOST_CONNECTIONS + 20);

            crowd.subList(0, 100).forEach(socket -> {
                try {
                    socket.close();
                } catch (IOException e) {
                    throw new java.io.UncheckedIOException(e);
                }
            });
            assertThat(answer(crowd.getLast())).isEqualTo("HTTP/1.1 204");
        } finally {
            for (var socket : crowd) {
                socket.close();
            }
        }
    }
}
