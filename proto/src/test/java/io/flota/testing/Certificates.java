package io.flota.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// A certificate authority for tests, made by the `openssl` command.
public final class Certificates {
    /// PEM files; the key is PKCS#8.
    public record Pair(Path certificate, Path key) {}

    private final Path folder;
    private final Pair authority;

    private Certificates(Path folder, Pair authority) {
        this.folder = folder;
        this.authority = authority;
    }

    public static Certificates authority(Path folder, String name) {
        var pair = new Pair(folder.resolve(name + ".pem"), folder.resolve(name + ".key"));
        openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=" + name,
                "-keyout", pair.key().toString(), "-out", pair.certificate().toString());
        return new Certificates(folder, pair);
    }

    public Path certificate() {
        return authority.certificate();
    }

    /// A certificate for 127.0.0.1 and localhost, good for servers and clients.
    public Pair issue(String name) {
        var pair = new Pair(folder.resolve(name + ".pem"), folder.resolve(name + ".key"));
        var request = folder.resolve(name + ".csr");
        var extensions = folder.resolve(name + ".ext");
        write(extensions, "subjectAltName=IP:127.0.0.1,DNS:localhost\nextendedKeyUsage=serverAuth,clientAuth\n");
        openssl("req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=" + name,
                "-keyout", pair.key().toString(), "-out", request.toString());
        openssl("x509", "-req", "-days", "2", "-in", request.toString(), "-CA", authority.certificate().toString(),
                "-CAkey", authority.key().toString(), "-CAcreateserial", "-extfile", extensions.toString(),
                "-out", pair.certificate().toString());
        return pair;
    }

    private static void write(Path file, String text) {
        try {
            Files.writeString(file, text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void openssl(String... arguments) {
        var line = new ArrayList<>(List.of("openssl"));
        line.addAll(List.of(arguments));
        try {
            var process = new ProcessBuilder(line).redirectErrorStream(true).start();
            var said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (process.waitFor() != 0) {
                throw new IllegalStateException(String.join(" ", line) + " failed: " + said);
            }
        } catch (IOException e) {
            throw new IllegalStateException("cannot run openssl; install it, on Debian: apt-get install openssl", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }
}
