package io.flota.unitctl.ca;

import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.Base64;

/// A certificate and its key.
public record Issued(X509Certificate certificate, PrivateKey key) {
    private static final Base64.Encoder LINES = Base64.getMimeEncoder(64, new byte[] {'\n'});

    String certificatePem() {
        try {
            return pem("CERTIFICATE", certificate.getEncoded());
        } catch (java.security.cert.CertificateEncodingException impossible) {
            throw new IllegalStateException("a certificate that was just made has bytes", impossible);
        }
    }

    /// PKCS#8, not encrypted.
    String keyPem() {
        return pem("PRIVATE KEY", key.getEncoded());
    }

    private static String pem(String kind, byte[] bytes) {
        return "-----BEGIN " + kind + "-----\n" + LINES.encodeToString(bytes) + "\n-----END " + kind + "-----\n";
    }

    @Override
    public String toString() {
        return "Issued[" + certificate.getSubjectX500Principal() + "]";
    }
}
