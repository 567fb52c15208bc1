package io.flota.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.flota.store.EtcdSettings.Login;
import io.flota.testing.Certificates;
import io.flota.testing.EtcdServer;
import io.flota.tls.PemFiles;
import io.flota.tls.PemFiles.Identity;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// TLS and logins, with a real etcd.
class EtcdAccessTest {
    private static final Duration TIMEOUT = EtcdSettings.DEFAULT_CALL_TIMEOUT;

    @TempDir
    private Path folder;

    @Test
    void certificatesOnBothSidesAreAskedForAndShown() throws StoreException {
        var ca = Certificates.authority(folder, "ca");
        var server = ca.issue("server");
        var client = ca.issue("client");
        var stranger = Certificates.authority(folder, "stranger");
        try (var etcd = EtcdServer.start("https",
                "--cert-file", server.certificate().toString(), "--key-file", server.key().toString(),
                "--trusted-ca-file", ca.certificate().toString(), "--client-cert-auth")) {
            var own = Optional.of(new Identity(client.certificate(), client.key()));

            try (var store = secure(etcd, new PemFiles(Optional.of(ca.certificate()), own))) {
                // A first handshake on a busy machine may take longer than a call.
                await().ignoreException(StoreException.class).until(() -> store.read("/").revision() > 0);
                assertThat(store.keepAlive(store.grant(Duration.ofSeconds(5)))).isPositive();
                var heard = new RecordingListener();
                try (var watch = store.watch("/", 1, heard)) {
                    await().until(() -> watch.revision() >= 1);
                }
            }
            refused(etcd, new PemFiles(Optional.of(ca.certificate()), Optional.empty()), "certificate");
            refused(etcd, new PemFiles(Optional.of(stranger.certificate()), own), "TLS failed");
            refused(etcd, new PemFiles(Optional.empty(), own), "TLS failed");
            var plain = URI.create("http://127.0.0.1:" + etcd.endpoint().getPort());
            try (var store = new EtcdStore(EtcdSettings.of(List.of(plain)))) {
                assertThatExceptionOfType(StoreException.class).isThrownBy(() -> store.read("/"));
            }
        }
    }

    @Test
    void filesThatAreNoCertificatesAreRefused() {
        var none = new PemFiles(Optional.of(folder.resolve("none.pem")), Optional.empty());

        assertThatThrownBy(() -> new EtcdStore(new EtcdSettings(
                        List.of(URI.create("https://127.0.0.1:1")), Optional.of(none), Optional.empty(), TIMEOUT)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("the TLS files for etcd cannot be used: ")
                .hasMessageContaining("none.pem");
    }

    @Test
    void aLoginSurvivesARestartOfEtcd() throws StoreException {
        try (var etcd = EtcdServer.start()) {
            etcd.requireLogin("secret");
            try (var store = login(etcd, "root", "secret");
                    var wrong = login(etcd, "root", "wrong");
                    var nobody = new EtcdStore(EtcdSettings.of(List.of(etcd.endpoint())))) {
                assertThat(store.read("/").revision()).isPositive();
                assertThatExceptionOfType(StoreException.class)
                        .isThrownBy(() -> wrong.read("/"))
                        .withMessageContaining("invalid user ID or password");
                assertThatExceptionOfType(StoreException.class)
                        .isThrownBy(() -> nobody.read("/"))
                        .withMessageContaining("user name is empty");

                etcd.restart();

                await().ignoreException(StoreException.class).until(() -> store.read("/").revision() > 0);
                var heard = new RecordingListener();
                try (var watch = store.watch("/", 1, heard)) {
                    await().until(() -> watch.revision() >= 1);
                }
            }
        }
    }

    private static void refused(EtcdServer etcd, PemFiles tls, String because) {
        try (var store = secure(etcd, tls)) {
            assertThatExceptionOfType(StoreException.class)
                    .isThrownBy(() -> store.read("/"))
                    .withMessageStartingWith("cannot read / in etcd at " + etcd.endpoint() + ": ")
                    .withMessageContaining(because)
                    .matches(failure -> failure.getMessage().lines().count() == 1);
        }
    }

    private static EtcdStore secure(EtcdServer etcd, PemFiles tls) {
        return new EtcdStore(
                new EtcdSettings(List.of(etcd.endpoint()), Optional.of(tls), Optional.empty(), TIMEOUT));
    }

    private static EtcdStore login(EtcdServer etcd, String user, String password) {
        return new EtcdStore(new EtcdSettings(
                List.of(etcd.endpoint()), Optional.empty(), Optional.of(new Login(user, password)), TIMEOUT));
    }
}
