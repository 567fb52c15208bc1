package io.flota.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// fleet's API of a cluster where certificates are wanted on both sides is read by `import-fleet`, for one without.
class ImportFleetTlsIT {
    @RegisterExtension
    final LocalCluster old = LocalCluster.with("--machines", "1", "--tls");

    @RegisterExtension
    final LocalCluster cluster = LocalCluster.with("--machines", "1");

    @Test
    void whoShowsACertificateReadsItAndWhoShowsNoneIsToldSo() {
        Units.text(old.folder(), "hello.service", "[Service]\nExecStart=/bin/sleep infinity\n");
        old.unitctl("start", "hello.service").ok();
        var tls = old.certificates();
        String authority = tls.certificate("ca").toString();
        String[] fleet = {"import-fleet", "--endpoint", "https://" + old.ipOf("scheduler-1") + ":49153"};

        assertRefused("the certificate of the other side is not of our CA", fleet);
        assertRefused("the other side wants a certificate of its CA", with(fleet, "--fleet-ca-file", authority));
        var copied = cluster.unitctl(with(
                fleet, "--fleet-ca-file", authority, "--fleet-cert-file", tls.certificate("unitctl").toString(),
                "--fleet-key-file", tls.key("unitctl").toString()));

        assertThat(copied.ok()).isEqualTo("done: register hello.service, launched\n");
        assertThat(cluster.unitctl("cat", "hello.service").ok()).isEqualTo(old.unitctl("cat", "hello.service").ok());
        cluster.unitctl("destroy", "hello.service").ok();
    }

    private void assertRefused(String words, String... arguments) {
        var refused = cluster.unitctl(arguments);
        assertThat(refused.err().lines()).singleElement().asString().contains("TLS: " + words);
        assertThat(refused.exitCode()).isEqualTo(1);
    }

    private static String[] with(String[] words, String... more) {
        var all = new ArrayList<>(List.of(words));
        all.addAll(List.of(more));
        return all.toArray(String[]::new);
    }
}
