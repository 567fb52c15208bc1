package io.flota.unitctl.client;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import javax.net.SocketFactory;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/// The PEM files that a client needs for TLS.
///
/// @param authority who signed the scheduler's certificate; absent: whom the JDK trusts
/// @param certificate what this client shows; absent: nothing
/// @param key the certificate's key, PKCS#8 and not encrypted
public record PemFiles(Optional<Path> authority, Optional<Path> certificate, Optional<Path> key) {
    private static final char[] NO_PASSWORD = new char[0];

    /// @throws IllegalArgumentException if a certificate comes without its key or the other way round
    public PemFiles {
        if (certificate.isPresent() != key.isPresent()) {
            throw new IllegalArgumentException("--cert-file and --key-file belong together: give both or neither");
        }
    }

    /// Plain sockets if no file is given, else TLS.
    ///
    /// @throws IOException whose message names the file that cannot be used, and why
    public SocketFactory sockets() throws IOException {
        if (authority.isEmpty() && certificate.isEmpty()) {
            return SocketFactory.getDefault();
        }
        try {
            var context = SSLContext.getInstance("TLS");
            context.init(
                    certificate.isPresent() ? keys(certificate.get(), key.get()).getKeyManagers() : null,
                    authority.isPresent() ? trust(authority.get()).getTrustManagers() : null,
                    null);
            return context.getSocketFactory();
        } catch (GeneralSecurityException wrong) {
            throw new IOException("cannot set TLS up: " + wrong.getMessage(), wrong);
        }
    }

    private static TrustManagerFactory trust(Path file) throws IOException, GeneralSecurityException {
        var store = emptyStore();
        int number = 0;
        for (Certificate each : certificates(file)) {
            store.setCertificateEntry("authority-" + number++, each);
        }
        var factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(store);
        return factory;
    }

    private static KeyManagerFactory keys(Path certificate, Path key) throws IOException, GeneralSecurityException {
        var store = emptyStore();
        var chain = certificates(certificate).toArray(Certificate[]::new);
        store.setKeyEntry("client", privateKey(key), NO_PASSWORD, chain);
        var factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        factory.init(store, NO_PASSWORD);
        return factory;
    }

    private static KeyStore emptyStore() throws IOException, GeneralSecurityException {
        var store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        return store;
    }

    private static Collection<? extends Certificate> certificates(Path file)
            throws IOException, GeneralSecurityException {
        var found = CertificateFactory.getInstance("X.509")
                .generateCertificates(new ByteArrayInputStream(Files.readAllBytes(file)));
        if (found.isEmpty()) {
            throw new IOException(file + " holds no PEM certificate");
        }
        return found;
    }

    private static PrivateKey privateKey(Path file) throws IOException, GeneralSecurityException {
        String begin = "-----BEGIN PRIVATE KEY-----";
        String text = Files.readString(file);
        int from = text.indexOf(begin);
        int to = text.indexOf("-----END PRIVATE KEY-----");
        if (from < 0 || to < from) {
            throw new IOException(file + " holds no key that can be read: it must be PKCS#8 and not encrypted"
                    + " (openssl pkcs8 -topk8 -nodes)");
        }
        byte[] bytes = Base64.getMimeDecoder().decode(text.substring(from + begin.length(), to));
        var encoded = new PKCS8EncodedKeySpec(bytes);
        for (String algorithm : List.of("EC", "RSA", "Ed25519")) {
            try {
                return KeyFactory.getInstance(algorithm).generatePrivate(encoded);
            } catch (InvalidKeySpecException _) {
                // PKCS#8 tells its algorithm only to the factory of that algorithm: ask the next one
            }
        }
        throw new IOException(file + " holds a key that is neither EC, RSA nor Ed25519");
    }
}
