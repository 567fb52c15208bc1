package io.flota.unitctl.ca;

import com.google.common.collect.Comparators;
import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.HexFormat;
import java.util.List;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/// Signs the certificates of one cluster: elliptic keys (P-256), so that a handshake is cheap.
public record CertificateAuthority(Issued self) {
    /// For machines whose clocks are behind ours.
    private static final Duration CLOCK_SKEW = Duration.ofMinutes(5);

    private static final SecureRandom RANDOM = new SecureRandom();
    private static final int SERIAL_BITS = 127;

    /// A new one, with a name of its own, so that two authorities are never taken for one another.
    public static CertificateAuthority create(Instant from, Duration life) {
        var keys = keys();
        byte[] suffix = new byte[4];
        RANDOM.nextBytes(suffix);
        var name = new X500Principal("CN=flota-ca-" + HexFormat.of().formatHex(suffix));
        try {
            var builder = new JcaX509v3CertificateBuilder(
                    name, serial(), Date.from(from.minus(CLOCK_SKEW)), Date.from(from.plus(life)), name,
                    keys.getPublic());
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(0));
            builder.addExtension(
                    Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign));
            builder.addExtension(
                    Extension.subjectKeyIdentifier,
                    false,
                    new JcaX509ExtensionUtils().createSubjectKeyIdentifier(keys.getPublic()));
            return new CertificateAuthority(signed(builder, keys, keys));
        } catch (GeneralSecurityException | IOException | OperatorCreationException e) {
            throw new IllegalStateException("every JDK can make a certificate", e);
        }
    }

    /// A certificate that ends no later than the authority's own.
    ///
    /// @param names by which others reach it; with none it is good for a client only
    public Issued issue(String subject, List<AlternativeName> names, Instant from, Duration life) {
        var keys = keys();
        var own = self.certificate();
        var until = Comparators.min(from.plus(life), own.getNotAfter().toInstant());
        try {
            var builder = new JcaX509v3CertificateBuilder(
                    own, serial(), Date.from(from.minus(CLOCK_SKEW)), Date.from(until),
                    new X500Principal("CN=" + subject), keys.getPublic());
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(false));
            builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature));
            var extensions = new JcaX509ExtensionUtils();
            builder.addExtension(
                    Extension.subjectKeyIdentifier, false, extensions.createSubjectKeyIdentifier(keys.getPublic()));
            builder.addExtension(
                    Extension.authorityKeyIdentifier, false, extensions.createAuthorityKeyIdentifier(own));
            addPurpose(builder, names);
            return signed(builder, keys, new KeyPair(own.getPublicKey(), self.key()));
        } catch (GeneralSecurityException | IOException | OperatorCreationException e) {
            throw new IllegalStateException("the authority cannot sign", e);
        }
    }

    private static void addPurpose(X509v3CertificateBuilder builder, List<AlternativeName> names) throws IOException {
        if (names.isEmpty()) {
            builder.addExtension(
                    Extension.extendedKeyUsage, false, new ExtendedKeyUsage(KeyPurposeId.id_kp_clientAuth));
            return;
        }
        // Daemons call each other, and an etcd member its peers: each of them is a client, too.
        builder.addExtension(
                Extension.extendedKeyUsage,
                false,
                new ExtendedKeyUsage(
                        new KeyPurposeId[] {KeyPurposeId.id_kp_serverAuth, KeyPurposeId.id_kp_clientAuth}));
        builder.addExtension(
                Extension.subjectAlternativeName,
                false,
                new GeneralNames(names.stream().map(AlternativeName::general).toArray(GeneralName[]::new)));
    }

    private static Issued signed(X509v3CertificateBuilder builder, KeyPair own, KeyPair signer)
            throws GeneralSecurityException, OperatorCreationException {
        var certificate = builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(signer.getPrivate()));
        return new Issued(new JcaX509CertificateConverter().getCertificate(certificate), own.getPrivate());
    }

    private static KeyPair keys() {
        try {
            var generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            return generator.generateKeyPair();
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException("every JDK has the curve P-256", impossible);
        }
    }

    private static BigInteger serial() {
        return new BigInteger(SERIAL_BITS, RANDOM);
    }
}
