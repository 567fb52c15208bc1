package io.flota.unitctl.ca;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CertificateFolderTest {
    private static final Instant NOW = Instant.now().truncatedTo(ChronoUnit.SECONDS);

    @TempDir
    private Path directory;

    private CertificateFolder folder;

    @BeforeEach
    void makeAnAuthority() throws IOException {
        folder = new CertificateFolder(directory.resolve("ca"));
        folder.write("ca", CertificateAuthority.create(NOW, 365).self());
    }

    @Test
    void opensslAgreesThatACertificateIsOfTheAuthorityAndForTheseNames() throws Exception {
        var names = Stream.of("10.0.0.1", "fd00::1", "m1.example").map(AlternativeName::new).toList();
        folder.write("machine-1", folder.authority().issue("machine-1", names, NOW, 30));

        var certificate = folder.certificate("machine-1").toString();
        assertThat(openssl("verify", "-x509_strict", "-purpose", "sslserver", "-CAfile",
                        folder.certificate("ca").toString(), certificate))
                .endsWith("machine-1.crt: OK\n");
        assertThat(openssl(
                        "verify", "-purpose", "sslclient", "-CAfile", folder.certificate("ca").toString(), certificate))
                .endsWith("machine-1.crt: OK\n");
        assertThat(openssl("x509", "-noout", "-ext", "subjectAltName,extendedKeyUsage", "-in", certificate))
                .contains("IP Address:10.0.0.1, IP Address:FD00:0:0:0:0:0:0:1, DNS:m1.example")
                .contains("TLS Web Server Authentication, TLS Web Client Authentication");
        assertThat(folder.files("machine-1").read().check().certificate()).hasValueSatisfying(own -> {
            assertThat(own.getSubjectX500Principal()).hasToString("CN=machine-1");
            assertThat(own.getNotAfter().toInstant()).isBetween(NOW.plus(Duration.ofDays(30)).minusSeconds(600), NOW.plus(Duration.ofDays(30)));
        });
    }

    @Test
    void aCertificateWithoutNamesIsForClientsOnly() throws Exception {
        folder.write("unitctl", folder.authority().issue("unitctl", List.of(), NOW, 365));

        assertThat(openssl("x509", "-noout", "-purpose", "-in", folder.certificate("unitctl").toString()))
                .contains("SSL client : Yes")
                .contains("SSL server : No");
    }

    @Test
    void anAuthorityThatEndsSignsNothing() throws Exception {
        var old = CertificateAuthority.create(NOW.minus(Duration.ofDays(10)), 10);

        assertThatThrownBy(() -> old.issue("unitctl", List.of(), NOW, 1)).hasMessageContaining("make another one");
    }

    @Test
    void nothingOutlivesTheAuthority() throws Exception {
        var issued = folder.authority().issue("unitctl", List.of(), NOW, 5 * 365);

        assertThat(issued.certificate().getNotAfter()).isEqualTo(folder.authority().self().certificate().getNotAfter());
    }

    @Test
    void keysAreForTheirOwnerAlone() throws IOException {
        var permissions = Files.getPosixFilePermissions(folder.key("ca"));

        assertThat(PosixFilePermissions.toString(permissions)).isEqualTo("rw-------");
    }

    @ParameterizedTest
    @CsvSource({"m.crt", "m.key"})
    void nothingIsOverwrittenAndNothingIsHalfDone(String there) throws IOException {
        Files.writeString(folder.path().resolve(there), "mine");

        assertThatThrownBy(() -> folder.write("m", folder.authority().issue("m", List.of(), NOW, 365)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(there + " exists already");

        try (var files = Files.list(folder.path())) {
            assertThat(files.map(file -> file.getFileName().toString()))
                    .containsExactlyInAnyOrder("ca.crt", "ca.key", there);
        }
        assertThat(folder.path().resolve(there)).hasContent("mine");
    }

    @Test
    void whatIsNoAuthorityIsSaid() throws IOException {
        var nowhere = new CertificateFolder(directory.resolve("nowhere"));
        assertThatThrownBy(nowhere::authority).hasMessageContaining("`unitctl ca init` makes an authority");

        Files.writeString(folder.certificate("ca"), "");
        assertThatThrownBy(folder::authority).hasMessageContaining("ca.crt holds no PEM certificate");
    }

    @ParameterizedTest
    @CsvSource(textBlock = """
            10.0.0.1, true
            fd00::1, true
            m1, true
            10.0.0.1:4470, false
            m_1, false
            -m, false
            'a b', false
            '', false
            """)
    void aNameIsAnAddressOrAHost(String text, boolean legal) {
        if (legal) {
            assertThat(new AlternativeName(text).text()).isEqualTo(text);
        } else {
            assertThatThrownBy(() -> new AlternativeName(text)).isInstanceOf(IllegalArgumentException.class);
        }
    }

    private static String openssl(String... arguments) throws IOException, InterruptedException {
        var line = new ArrayList<>(List.of("openssl"));
        line.addAll(List.of(arguments));
        var process = new ProcessBuilder(line).redirectErrorStream(true).start();
        try {
            var said = new String(process.getInputStream().readAllBytes());
            assertThat(process.waitFor()).as(said).isZero();
            return said;
        } finally {
            process.destroyForcibly();
        }
    }
}
