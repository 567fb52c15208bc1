package io.flota.unitctl.ca;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// One run of the `keytool` that comes with Java, in a folder of its own that nobody else can read. The JDK can read
/// certificates, but only this program of it can make them.
final class Keytool {
    private static final String OWN = "own";
    private static final String SIGNER = "signer";
    private static final String PASSWORD_VARIABLE = "FLOTA_STORE_PASSWORD";
    private static final int PASSWORD_BITS = 160;

    private final Path store;
    private final String password = new BigInteger(PASSWORD_BITS, new SecureRandom()).toString(36) + "-store";

    private Keytool(Path store) {
        this.store = store;
    }

    /// A new key, on the curve P-256 so that a handshake is cheap, and a certificate for it.
    ///
    /// @param signer who signs it; empty: the key itself
    /// @param options of `keytool -genkeypair`: name, validity, extensions
    /// @throws IOException if keytool cannot be run, or refuses
    static Issued generate(Optional<Issued> signer, List<String> options) throws IOException {
        var folder = Files.createTempDirectory("flota-ca");
        var store = folder.resolve("store.p12");
        try {
            return new Keytool(store).run(signer, options);
        } catch (GeneralSecurityException e) {
            throw new IOException("cannot read what keytool made: " + e.getMessage(), e);
        } finally {
            Files.deleteIfExists(store);
            Files.delete(folder);
        }
    }

    private Issued run(Optional<Issued> signer, List<String> options) throws IOException, GeneralSecurityException {
        var line = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-J-XX:TieredStopAtLevel=1", "-J-XX:+UseSerialGC", "-J-Duser.timezone=UTC", "-J-Duser.language=en",
                "-genkeypair", "-alias", OWN, "-keyalg", "EC", "-groupname", "secp256r1",
                "-storetype", "PKCS12", "-keystore", store.toString(), "-storepass:env", PASSWORD_VARIABLE));
        if (signer.isPresent()) {
            hand(signer.get());
            line.addAll(List.of("-signer", SIGNER));
        }
        line.addAll(options);
        execute(line);
        var made = load();
        return new Issued(
                (X509Certificate) made.getCertificate(OWN), (PrivateKey) made.getKey(OWN, password.toCharArray()));
    }

    private void hand(Issued signer) throws IOException, GeneralSecurityException {
        var keys = KeyStore.getInstance("PKCS12");
        keys.load(null, null);
        keys.setKeyEntry(
                SIGNER, signer.key(), password.toCharArray(), new Certificate[] {signer.certificate()});
        try (var out = Files.newOutputStream(store)) {
            keys.store(out, password.toCharArray());
        }
    }

    private KeyStore load() throws IOException, GeneralSecurityException {
        var keys = KeyStore.getInstance("PKCS12");
        try (var in = Files.newInputStream(store)) {
            keys.load(in, password.toCharArray());
        }
        return keys;
    }

    private void execute(List<String> line) throws IOException {
        var builder = new ProcessBuilder(line).redirectErrorStream(true);
        builder.environment().put(PASSWORD_VARIABLE, password);
        var process = builder.start();
        try {
            process.getOutputStream().close();
            var said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
            if (process.waitFor() != 0) {
                throw new IOException("keytool refused: " + said.lines().reduce("", (_, last) -> last));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while keytool made a certificate", e);
        } finally {
            process.destroyForcibly();
        }
    }
}
