package io.flota.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flota.testing.Certificates;
import java.io.IOException;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.cert.X509Certificate;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A listener and its clients, whose files change while they run.
class FreshContextTest {
    @TempDir
    private Path folder;

    private Certificates authority;
    private PemFiles servers;
    private PemFiles clients;
    private SSLContext client;
    private ServerSocket listener;

    @BeforeEach
    void listen() throws Exception {
        authority = Certificates.authority(folder, "ca");
        var server = authority.issue("server");
        var own = authority.issue("client");
        var trusted = Files.copy(authority.certificate(), folder.resolve("trusted.pem"));
        servers = PemFiles.mutual(trusted, server.certificate(), server.key());
        clients = PemFiles.mutual(authority.certificate(), own.certificate(), own.key());
        client = FreshContext.over(clients);
        var context = FreshContext.over(servers);
        listener = new ServerSocket(0, 0, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().start(() -> serve(context));
    }

    @AfterEach
    void close() throws IOException {
        listener.close();
    }

    /// As the carrier does: a context's socket factory for each connection.
    private void serve(SSLContext context) {
        while (!listener.isClosed()) {
            try (var accepted = listener.accept();
                    var secured = (SSLSocket) context.getSocketFactory()
                            .createSocket(accepted, java.io.InputStream.nullInputStream(), true)) {
                secured.setUseClientMode(false);
                secured.setNeedClientAuth(true);
                var shown = (X509Certificate) secured.getSession().getPeerCertificates()[0];
                secured.getOutputStream().write(shown.getSerialNumber().toByteArray().length);
                secured.getOutputStream().write(shown.getSerialNumber().toByteArray());
            } catch (IOException _) {
                // a client that was refused, or the end of the test: the loop sees which
            }
        }
    }

    /// @param server the serial number of what the server showed
    /// @param client of what it says that the client showed
    private record Seen(BigInteger server, BigInteger client) {}

    private Seen connect() throws IOException {
        try (var socket = (SSLSocket) client.getSocketFactory()
                .createSocket(InetAddress.getLoopbackAddress(), listener.getLocalPort())) {
            socket.startHandshake();
            var server = (X509Certificate) socket.getSession().getPeerCertificates()[0];
            int length = socket.getInputStream().read();
            var shown = new BigInteger(socket.getInputStream().readNBytes(length));
            return new Seen(server.getSerialNumber(), shown);
        }
    }

    private static BigInteger serial(PemFiles files) throws PemException {
        return files.read().certificate().orElseThrow().getSerialNumber();
    }

    @Test
    void aNewCertificateIsShownToTheNextConnectionOfAClientThatKnewTheOldOne() throws Exception {
        var before = connect();
        assertThat(before).isEqualTo(new Seen(serial(servers), serial(clients)));

        authority.issue("server");
        authority.issue("client");

        assertThat(connect()).isEqualTo(new Seen(serial(servers), serial(clients))).isNotEqualTo(before);
    }

    @Test
    void aCertificateWithoutItsKeyLeavesTheOldOneInUseUntilTheKeyIsThere() throws Exception {
        var before = connect();
        var key = servers.identity().orElseThrow().key();
        var old = Files.copy(key, folder.resolve("old.key"));
        authority.issue("server");
        var fresh = Files.copy(key, folder.resolve("fresh.key"));

        Files.copy(old, key, StandardCopyOption.REPLACE_EXISTING);
        assertThat(connect()).isEqualTo(before);

        Files.copy(fresh, key, StandardCopyOption.REPLACE_EXISTING);
        assertThat(connect().server()).isEqualTo(serial(servers)).isNotEqualTo(before.server());
    }

    @Test
    void whoseAuthorityIsTakenAwayIsRefusedFromThenOn() throws Exception {
        connect();
        var others = Certificates.authority(folder, "others");

        // In place, as a file system's rename does it.
        Files.move(others.certificate(), servers.authority().orElseThrow(), StandardCopyOption.REPLACE_EXISTING);

        assertThatThrownBy(this::connect).isInstanceOf(IOException.class);
    }

    @Test
    void filesThatDoNotBelongTogetherAreNamed() {
        var own = clients.identity().orElseThrow();
        var mixed = PemFiles.mutual(
                authority.certificate(), servers.identity().orElseThrow().certificate(), own.key());
        var missing = new PemFiles(Optional.of(folder.resolve("none.pem")), Optional.empty());

        assertThatThrownBy(() -> FreshContext.over(mixed))
                .isInstanceOf(PemException.class)
                .hasMessage(own.key() + " is not the key of the certificate in " + folder.resolve("server.pem"));
        assertThatThrownBy(() -> FreshContext.over(missing))
                .hasMessage(folder.resolve("none.pem") + " cannot be read: no such file");
    }

    @Test
    void aStrangerIsToldInAnOperatorsWords() throws Exception {
        var stranger = Certificates.authority(folder, "strangers").issue("stranger");
        client = FreshContext.over(
                PemFiles.mutual(folder.resolve("strangers.pem"), stranger.certificate(), stranger.key()));

        assertThatThrownBy(this::connect)
                .isInstanceOf(SSLException.class)
                .satisfies(e -> assertThat(HandshakeFailure.because(e))
                        .contains("the certificate of the other side is not of our CA"));
    }
}
