package io.flota.unitctl.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flota.api.v1.Answer;
import io.flota.api.v1.Call;
import io.flota.api.v1.ListMachinesReply;
import io.flota.tls.PemFiles;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import javax.net.SocketFactory;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Against a real TLS server that wants a certificate from its clients.
class TlsTest {
    private static final char[] PASSWORD = "changeit".toCharArray();

    @TempDir
    private Path folder;

    private SSLServerSocket server;

    @BeforeEach
    void serve() throws Exception {
        var store = keys("node", "ip:127.0.0.1,dns:scheduler.test,ip:10.9.9.9");
        var keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(store, PASSWORD);
        var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(store);
        var context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
        server = (SSLServerSocket)
                context.getServerSocketFactory().createServerSocket(0, 0, InetAddress.getLoopbackAddress());
        server.setNeedClientAuth(true);
        Thread.ofVirtual().start(this::answer);
    }

    @AfterEach
    void stop() throws IOException {
        server.close();
    }

    @Test
    void aClientWithTheRightFilesIsAnswered() throws Exception {
        var sockets = sockets(file("node.crt"), file("node.crt"), file("node.key"));

        assertThat(client(sockets).listMachines()).isEqualTo(ListMachinesReply.getDefaultInstance());
    }

    @Test
    void aSchedulerOfAnotherAuthorityIsNotTrusted() throws Exception {
        keys("stranger", "ip:127.0.0.1");
        var sockets = sockets(file("stranger.crt"), Optional.empty(), Optional.empty());

        assertThatThrownBy(() -> client(sockets).listMachines())
                .isInstanceOf(UnreachableException.class)
                .hasMessageContaining("127.0.0.1:" + server.getLocalPort() + ": TLS: ")
                .hasMessageNotContaining("\n");
    }

    @Test
    void aCertificateForAnotherHostIsNotTrusted() throws Exception {
        var sockets = sockets(file("node.crt"), file("node.crt"), file("node.key"));
        var elsewhere = new ClusterClient(
                List.of(new Endpoint("localhost", server.getLocalPort())), sockets, Duration.ofSeconds(20));

        assertThatThrownBy(elsewhere::listMachines)
                .isInstanceOf(UnreachableException.class)
                .hasMessageContaining("localhost");
    }

    @Test
    void aSchedulerThatAPortOfThisComputerLeadsToIsCheckedByItsOwnName() throws Exception {
        var sockets = sockets(file("node.crt"), file("node.crt"), file("node.key"));

        for (String host : List.of("scheduler.test", "10.9.9.9")) {
            assertThat(forwarded(host, sockets).listMachines()).isEqualTo(ListMachinesReply.getDefaultInstance());
        }
        for (String host : List.of("other.test", "10.9.9.8")) {
            assertThatThrownBy(forwarded(host, sockets)::listMachines)
                    .isInstanceOf(UnreachableException.class)
                    .hasMessageContaining(host + ":4470: TLS: ");
        }
    }

    private ClusterClient forwarded(String host, SocketFactory sockets) {
        var endpoint = new Endpoint(host, 4470).by(server.getLocalPort());
        return new ClusterClient(List.of(endpoint), sockets, Duration.ofSeconds(20));
    }

    @Test
    void filesThatAreNoneAreNamed() throws Exception {
        Files.writeString(folder.resolve("empty.crt"), "");
        Files.writeString(
                folder.resolve("old.key"), "-----BEGIN RSA PRIVATE KEY-----\n-----END RSA PRIVATE KEY-----\n");

        assertThatThrownBy(() -> sockets(file("empty.crt"), Optional.empty(), Optional.empty()))
                .hasMessageContaining("empty.crt holds no PEM certificate");
        assertThatThrownBy(() -> sockets(file("node.crt"), file("node.crt"), file("old.key")))
                .hasMessageContaining("old.key holds no key that can be read: it must be PKCS#8");
    }

    private void answer() {
        while (!server.isClosed()) {
            try (var client = server.accept()) {
                Call.parseDelimitedFrom(client.getInputStream());
                var reply = ListMachinesReply.getDefaultInstance().toByteString();
                Answer.newBuilder().setReply(reply).build().writeDelimitedTo(client.getOutputStream());
            } catch (IOException _) {
                // a client that was refused, or the end of the test: the loop sees which
            }
        }
    }

    private static SocketFactory sockets(Optional<Path> authority, Optional<Path> certificate, Optional<Path> key)
            throws IOException {
        var identity = certificate.flatMap(own -> key.map(its -> new PemFiles.Identity(own, its)));
        return Sockets.of(Optional.of(new PemFiles(authority, identity)));
    }

    private ClusterClient client(SocketFactory sockets) {
        return new ClusterClient(
                List.of(new Endpoint("127.0.0.1", server.getLocalPort())), sockets, Duration.ofSeconds(20));
    }

    private Optional<Path> file(String name) {
        return Optional.of(folder.resolve(name));
    }

    /// Makes a key and its own certificate, also as PEM files of this name.
    private KeyStore keys(String name, String subject) throws Exception {
        var file = folder.resolve(name + ".p12");
        var process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                        "-genkeypair", "-alias", name, "-keyalg", "EC", "-dname", "CN=" + name,
                        "-ext", "san=" + subject,
                        "-validity", "2", "-storetype", "PKCS12", "-storepass", new String(PASSWORD), "-keystore",
                        file.toString())
                .redirectErrorStream(true)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(said).isZero();
        var store = KeyStore.getInstance(file.toFile(), PASSWORD);
        var trusted = store.getCertificate(name);
        store.setCertificateEntry(name + "-as-authority", trusted);
        pem(name + ".crt", "CERTIFICATE", trusted.getEncoded());
        pem(name + ".key", "PRIVATE KEY", store.getKey(name, PASSWORD).getEncoded());
        return store;
    }

    private void pem(String name, String kind, byte[] encoded) throws IOException {
        String body = Base64.getMimeEncoder().encodeToString(encoded);
        Files.writeString(
                folder.resolve(name), "-----BEGIN " + kind + "-----\n" + body + "\n-----END " + kind + "-----\n");
    }
}
