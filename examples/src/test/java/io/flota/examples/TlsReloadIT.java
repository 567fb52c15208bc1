package io.flota.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.flota.unitctl.ca.AlternativeName;
import io.flota.unitctl.ca.CertificateFolder;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/// Certificates that are replaced while the cluster runs.
class TlsReloadIT {
    private static final Duration DAY = Duration.ofDays(1);

    @RegisterExtension
    static final LocalCluster CLUSTER = LocalCluster.with("--tls", "--machines", "1");

    @TempDir
    Path folder;

    @Test
    void aReplacedCertificateIsServedByTheSameProcess() throws Exception {
        var before = pids();
        var carrier = CLUSTER.node("scheduler-1").address();
        var agent = CLUSTER.node("machine-1").address();
        var context = CLUSTER.certificates().files("unitctl").read().context();
        var listeners = List.of(carrier, grpcOf(carrier), agent);
        var shown = serials(context, listeners);

        var scheduler = replace("scheduler-1", carrier, Instant.now());
        var machine = replace("machine-1", agent, Instant.now());

        assertThat(serials(context, listeners))
                .containsExactly(scheduler, scheduler, machine)
                .doesNotContainAnyElementsOf(shown);
        assertThat(CLUSTER.unitctl("list-machines", "--no-legend").lines()).hasSize(1);
        assertThat(pids()).isEqualTo(before);
    }

    @Test
    void daemonsWhoseCertificateHasExpiredAreBackInEtcdOnceItIsReplaced() throws Exception {
        var carrier = CLUSTER.node("scheduler-1").address();
        var agent = CLUSTER.node("machine-1").address();
        var ofScheduler = CLUSTER.node("scheduler-1").pid();
        var ofAgent = CLUSTER.node("machine-1").pid();
        replace("scheduler-1", carrier, Instant.now().minus(DAY.multipliedBy(3)));
        replace("machine-1", agent, Instant.now().minus(DAY.multipliedBy(3)));
        CLUSTER.restart("etcd-1"); // or they would keep the connections that they have

        await().until(() -> log("machine-1").contains("TLS failed, the other side does not accept our certificate"));
        await().until(() -> log("scheduler-1").contains("TLS failed, the other side does not accept our certificate"));
        replace("scheduler-1", carrier, Instant.now());
        replace("machine-1", agent, Instant.now());

        await().until(() -> CLUSTER.unitctl("list-machines", "--no-legend"), said -> said.exitCode() == 0
                && said.out().lines().count() == 1
                && said.err().isEmpty());
        assertThat(CLUSTER.node("scheduler-1").pid()).isEqualTo(ofScheduler);
        assertThat(CLUSTER.node("machine-1").pid()).isEqualTo(ofAgent);
    }

    /// With a certificate for two days from then on, key first: the moment between the two is part of the test.
    private BigInteger replace(String node, String address, Instant from) throws IOException {
        var names = List.of(new AlternativeName(address.substring(0, address.lastIndexOf(':'))));
        var issued = CLUSTER.certificates().authority().issue(node, names, from, 2);
        var fresh = new CertificateFolder(folder.resolve(issued.certificate().getSerialNumber().toString(16)));
        fresh.write(node, issued);
        Files.move(fresh.key(node), CLUSTER.certificates().key(node), StandardCopyOption.REPLACE_EXISTING);
        Files.move(
                fresh.certificate(node),
                CLUSTER.certificates().certificate(node),
                StandardCopyOption.REPLACE_EXISTING);
        return issued.certificate().getSerialNumber();
    }

    private static List<BigInteger> serials(SSLContext context, List<String> addresses) throws IOException {
        var serials = new ArrayList<BigInteger>();
        for (var address : addresses) {
            serials.add(serial(context, address));
        }
        return serials;
    }

    /// Of what a listener shows.
    private static BigInteger serial(SSLContext context, String address) throws IOException {
        int colon = address.lastIndexOf(':');
        int port = Integer.parseInt(address.substring(colon + 1));
        try (var socket = (SSLSocket) context.getSocketFactory().createSocket(address.substring(0, colon), port)) {
            socket.startHandshake();
            return ((X509Certificate) socket.getSession().getPeerCertificates()[0]).getSerialNumber();
        }
    }

    private static String grpcOf(String carrier) {
        int colon = carrier.lastIndexOf(':');
        return carrier.substring(0, colon + 1) + (Integer.parseInt(carrier.substring(colon + 1)) + 1);
    }

    private static Map<String, String> pids() {
        return CLUSTER.nodes().collect(Collectors.toMap(LocalCluster.Node::name, LocalCluster.Node::pid));
    }

    private static String log(String node) throws IOException {
        return Files.readString(CLUSTER.folder().resolve(node).resolve("log"));
    }
}
