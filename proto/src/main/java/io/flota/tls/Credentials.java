package io.flota.tls;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/// What [PemFiles] held at one time.
///
/// @param authorities empty: those that the JDK trusts
public record Credentials(List<X509Certificate> authorities, Optional<Own> own) {
    /// @param chain the party's own certificate, and those that lead from it to the authority, if there are any
    public record Own(PemFiles.Identity files, List<X509Certificate> chain, PrivateKey key) {
        public X509Certificate leaf() {
            return chain.getFirst();
        }

        @Override
        public String toString() {
            return "Own[" + files + "]";
        }
    }

    /// This party's certificate.
    public Optional<X509Certificate> certificate() {
        return own.map(Own::leaf);
    }

    /// @throws PemException if the key is not the certificate's
    public Credentials check() throws PemException {
        if (own.isPresent() && !matches(own.get())) {
            var files = own.get().files();
            throw new PemException(files.key(), "is not the key of the certificate in " + files.certificate());
        }
        return this;
    }

    /// Whether our certificate is one that those accept who trust the same authorities; true if we have none.
    public boolean isOfItsAuthority() {
        return own.isEmpty() || authorities.stream().anyMatch(authority -> signed(authority, own.get().chain().getLast()));
    }

    private static boolean signed(X509Certificate authority, X509Certificate certificate) {
        try {
            certificate.verify(authority.getPublicKey());
            return true;
        } catch (GeneralSecurityException _) {
            return false; // by somebody else
        }
    }

    /// A context that trusts the authorities and nobody else, and shows what is ours.
    public SSLContext context() {
        try {
            var context = SSLContext.getInstance("TLS");
            context.init(
                    own.isPresent() ? new KeyManager[] {new OwnIdentity(own.get())} : null,
                    authorities.isEmpty() ? null : trust().getTrustManagers(),
                    null);
            return context;
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException("every JDK can do TLS with what it has parsed", e);
        }
    }

    private TrustManagerFactory trust() throws IOException, GeneralSecurityException {
        var store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        for (int i = 0; i < authorities.size(); i++) {
            store.setCertificateEntry("authority-" + i, authorities.get(i));
        }
        var factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(store);
        return factory;
    }

    /// Whether what the key signs is what the certificate confirms.
    private static boolean matches(Own own) {
        String algorithm =
                switch (own.key().getAlgorithm()) {
                    case "EC" -> "SHA256withECDSA";
                    case "RSA" -> "SHA256withRSA";
                    default -> "Ed25519";
                };
        byte[] words = "whose key is this?".getBytes(StandardCharsets.US_ASCII);
        try {
            var signing = Signature.getInstance(algorithm);
            signing.initSign(own.key());
            signing.update(words);
            var verifying = Signature.getInstance(algorithm);
            verifying.initVerify(own.leaf().getPublicKey());
            verifying.update(words);
            return verifying.verify(signing.sign());
        } catch (GeneralSecurityException _) {
            return false; // a key of another kind than the certificate's
        }
    }
}
