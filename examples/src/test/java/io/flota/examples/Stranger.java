package io.flota.examples;

import io.flota.tls.PemFiles;
import io.flota.unitctl.ca.CertificateAuthority;
import io.flota.unitctl.ca.CertificateFolder;
import io.flota.unitctl.ca.Issued;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// Those whom a cluster with TLS has to refuse.
public enum Stranger {
    WITHOUT_CERTIFICATE(
            "the other side wants a certificate of its CA, and was shown none", "the other side showed no certificate"),
    OF_ANOTHER_AUTHORITY(
            "the other side does not accept our certificate: it is of another CA, or has expired",
            "the certificate of the other side is not of our CA"),
    EXPIRED(
            "the other side does not accept our certificate: it is of another CA, or has expired",
            "the certificate of the other side has expired"),
    IN_PLAIN_TEXT("TLS", "the other side does not speak TLS");

    private final String told;
    private final String logged;

    Stranger(String told, String logged) {
        this.told = told;
        this.logged = logged;
    }

    /// What the stranger's own program says.
    public String told() {
        return told;
    }

    /// What the daemon that refused it says.
    public String logged() {
        return logged;
    }

    /// What it has; empty for one that does not even try TLS. All of them trust the cluster.
    public Optional<PemFiles> files(CertificateFolder cluster, Path folder) throws IOException {
        var trusted = Optional.of(cluster.certificate(CertificateFolder.AUTHORITY));
        var now = Instant.now();
        return switch (this) {
            case WITHOUT_CERTIFICATE -> Optional.of(new PemFiles(trusted, Optional.empty()));
            case OF_ANOTHER_AUTHORITY -> {
                var other = CertificateAuthority.create(now, 2);
                yield Optional.of(new PemFiles(trusted, identity(folder, other.issue("unitctl", List.of(), now, 1))));
            }
            case EXPIRED -> {
                var old = cluster.authority().issue("unitctl", List.of(), now.minus(Duration.ofDays(2)), 1);
                yield Optional.of(new PemFiles(trusted, identity(folder, old)));
            }
            case IN_PLAIN_TEXT -> Optional.empty();
        };
    }

    private Optional<PemFiles.Identity> identity(Path folder, Issued issued) throws IOException {
        var own = new CertificateFolder(folder);
        own.write(name(), issued);
        return Optional.of(new PemFiles.Identity(own.certificate(name()), own.key(name())));
    }
}
