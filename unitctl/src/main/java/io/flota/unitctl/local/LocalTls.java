package io.flota.unitctl.local;

import com.google.common.collect.ImmutableList;
import io.flota.tls.PemFiles;
import io.flota.unitctl.ca.AlternativeName;
import io.flota.unitctl.ca.CertificateAuthority;
import io.flota.unitctl.ca.CertificateFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;

/// The certificates of a cluster with TLS: one for each node, and one for unitctl.
record LocalTls(CertificateFolder certificates) {
    private static final int DAYS = 365;
    private static final String OPERATOR = "unitctl";

    static LocalTls in(Path clusterFolder) {
        return new LocalTls(new CertificateFolder(clusterFolder.resolve("tls")));
    }

    /// For a client on this machine.
    PemFiles operator() {
        return certificates.files(OPERATOR);
    }

    ImmutableList<String> etcdOptions(String node) {
        return ImmutableList.of(
                "--trusted-ca-file", authority(), "--cert-file", certificate(node), "--key-file", key(node),
                "--client-cert-auth",
                "--peer-trusted-ca-file", authority(), "--peer-cert-file", certificate(node), "--peer-key-file",
                key(node), "--peer-client-cert-auth");
    }

    /// Of schedulers and agents.
    ImmutableList<String> daemonOptions(String node) {
        return ImmutableList.of(
                "--etcd-ca-file", authority(), "--etcd-cert-file", certificate(node), "--etcd-key-file", key(node),
                "--tls-ca-file", authority(), "--tls-cert-file", certificate(node), "--tls-key-file", key(node));
    }

    /// For the units of a machine that ask etcd.
    ImmutableList<String> environment(String node) {
        return ImmutableList.of(
                "ETCDCTL_CACERT=" + authority(), "ETCDCTL_CERT=" + certificate(node), "ETCDCTL_KEY=" + key(node));
    }

    /// Makes what is not there yet.
    void prepare(List<Node> nodes) throws IOException {
        if (!Files.exists(certificates.certificate(CertificateFolder.AUTHORITY))) {
            var made = CertificateAuthority.create(Instant.now(), 10 * DAYS);
            certificates.write(CertificateFolder.AUTHORITY, made.self());
        }
        var authority = certificates.authority();
        for (var node : nodes) {
            issue(authority, node.name(), names(node));
        }
        issue(authority, OPERATOR, List.of());
    }

    /// etcd compares the certificate of a member with the address that it calls from, which is 127.0.0.1 on this host.
    private static List<AlternativeName> names(Node node) {
        var listens = node.listens().stream().map(address -> address.getAddress().getHostAddress());
        var calls = node.kind() == Node.Kind.ETCD ? Stream.of("127.0.0.1") : Stream.<String>empty();
        return Stream.concat(listens, calls).distinct().map(AlternativeName::new).toList();
    }

    private void issue(CertificateAuthority authority, String name, List<AlternativeName> addresses)
            throws IOException {
        if (!Files.exists(certificates.certificate(name))) {
            certificates.write(name, authority.issue(name, addresses, Instant.now(), DAYS));
        }
    }

    /// Writes what unitctl has to know to reach the cluster.
    ///
    /// @return the settings file
    Path writeSettings(String endpoints) throws IOException {
        var file = certificates.path().resolve("unitctl.toml");
        return Files.writeString(
                file,
                """
                endpoint = "%s"
                ca-file = "%s"
                cert-file = "%s"
                key-file = "%s"
                """
                        .formatted(endpoints, authority(), certificate(OPERATOR), key(OPERATOR)));
    }

    private String authority() {
        return certificate(CertificateFolder.AUTHORITY);
    }

    private String certificate(String name) {
        return certificates.certificate(name).toString();
    }

    private String key(String name) {
        return certificates.key(name).toString();
    }
}
