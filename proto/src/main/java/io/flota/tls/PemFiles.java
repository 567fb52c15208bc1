package io.flota.tls;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// The PEM files of one party to TLS.
///
/// @param authority who signed the certificates of the others; empty: whom the JDK trusts
/// @param identity what this party shows; empty: nothing
public record PemFiles(Optional<Path> authority, Optional<Identity> identity) {
    private static final String DAMAGED_OR_UNKNOWN = "holds a key that is damaged, or neither EC, RSA nor Ed25519";

    /// @param key the certificate's key: EC, RSA or Ed25519 in PKCS#8, not encrypted
    public record Identity(Path certificate, Path key) {}

    /// With certificates on both sides.
    public static PemFiles mutual(Path authority, Path certificate, Path key) {
        return new PemFiles(Optional.of(authority), Optional.of(new Identity(certificate, key)));
    }

    /// All of the files.
    public List<Path> paths() {
        return Stream.concat(authority.stream(), identity.stream().flatMap(own -> Stream.of(own.certificate, own.key)))
                .toList();
    }

    /// What is in them now. That certificate and key match is checked by [Credentials#check].
    ///
    /// @throws PemException if one of them cannot be read or is not what it should be
    public Credentials read() throws PemException {
        var authorities = authority.isPresent() ? certificates(authority.get()) : List.<X509Certificate>of();
        if (identity.isEmpty()) {
            return new Credentials(authorities, Optional.empty());
        }
        var files = identity.get();
        var own = new Credentials.Own(files, certificates(files.certificate), privateKey(files.key));
        return new Credentials(authorities, Optional.of(own));
    }

    private static List<X509Certificate> certificates(Path file) throws PemException {
        try {
            var found = CertificateFactory.getInstance("X.509")
                    .generateCertificates(new ByteArrayInputStream(bytes(file)));
            if (!found.isEmpty()) {
                return found.stream().map(X509Certificate.class::cast).toList();
            }
        } catch (CertificateException _) {
            // said below, as for a file without any
        }
        throw new PemException(file, "holds no PEM certificate");
    }

    private static PrivateKey privateKey(Path file) throws PemException {
        String begin = "-----BEGIN PRIVATE KEY-----";
        String text = new String(bytes(file), StandardCharsets.ISO_8859_1);
        int from = text.indexOf(begin);
        int to = text.indexOf("-----END PRIVATE KEY-----");
        if (from < 0 || to < from) {
            throw new PemException(file, "holds no key that can be read: it must be PKCS#8 and not encrypted"
                    + " (openssl pkcs8 -topk8 -nodes)");
        }
        try {
            byte[] der = Base64.getMimeDecoder().decode(text.substring(from + begin.length(), to));
            return privateKey(file, new PKCS8EncodedKeySpec(der));
        } catch (IllegalArgumentException _) {
            throw new PemException(file, DAMAGED_OR_UNKNOWN);
        }
    }

    private static PrivateKey privateKey(Path file, PKCS8EncodedKeySpec encoded) throws PemException {
        for (String algorithm : List.of("EC", "RSA", "Ed25519")) {
            try {
                return KeyFactory.getInstance(algorithm).generatePrivate(encoded);
            } catch (InvalidKeySpecException _) {
                // PKCS#8 tells its algorithm only to the factory of that algorithm: ask the next one
            } catch (GeneralSecurityException impossible) {
                throw new IllegalStateException("every JDK has " + algorithm, impossible);
            }
        }
        throw new PemException(file, DAMAGED_OR_UNKNOWN);
    }

    private static byte[] bytes(Path file) throws PemException {
        try {
            return Files.readAllBytes(file);
        } catch (NoSuchFileException _) {
            throw new PemException(file, "cannot be read: no such file");
        } catch (AccessDeniedException _) {
            throw new PemException(file, "cannot be read: permission denied");
        } catch (IOException e) {
            throw new PemException(file, "cannot be read: " + e.getMessage());
        }
    }
}
