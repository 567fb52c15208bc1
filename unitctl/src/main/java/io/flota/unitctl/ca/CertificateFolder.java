package io.flota.unitctl.ca;

import io.flota.tls.PemFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.Set;

/// A folder of certificates (`NAME.crt`) and keys (`NAME.key`). Nothing in it is ever overwritten.
public record CertificateFolder(Path path) {
    /// The authority's own files.
    public static final String AUTHORITY = "ca";

    private static final String FOR_THE_OWNER = "rw-------";
    private static final String FOR_ALL = "rw-r--r--";

    public Path certificate(String name) {
        return path.resolve(name + ".crt");
    }

    public Path key(String name) {
        return path.resolve(name + ".key");
    }

    /// What TLS needs of it for one party.
    public PemFiles files(String name) {
        return PemFiles.mutual(certificate(AUTHORITY), certificate(name), key(name));
    }

    /// @throws IOException if there is none, or its files cannot be used
    public CertificateAuthority authority() throws IOException {
        var certificate = certificate(AUTHORITY);
        if (!Files.exists(certificate)) {
            throw new IOException(certificate + ": no such file; `unitctl ca init` makes an authority");
        }
        var identity = new PemFiles.Identity(certificate, key(AUTHORITY));
        var own = new PemFiles(Optional.empty(), Optional.of(identity)).read().check().own().orElseThrow();
        return new CertificateAuthority(new Issued(own.leaf(), own.key()));
    }

    /// Both files, or none.
    ///
    /// @throws IOException if there is one of them, or they cannot be written
    public void write(String name, Issued issued) throws IOException {
        Files.createDirectories(path);
        for (var file : new Path[] {certificate(name), key(name)}) {
            if (Files.exists(file)) {
                throw new IOException(file + " exists already and is left as it is; move it away first");
            }
        }
        create(key(name), FOR_THE_OWNER, issued.keyPem());
        try {
            create(certificate(name), FOR_ALL, issued.certificatePem());
        } catch (IOException failed) {
            Files.delete(key(name));
            throw failed;
        }
    }

    /// With its permissions from the beginning, so that nobody can have opened it before. All of it, or none.
    private static void create(Path file, String permissions, String text) throws IOException {
        var attribute = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions));
        var options = Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        try (var channel = Files.newByteChannel(file, options, attribute)) {
            write(channel, StandardCharsets.US_ASCII.encode(text), file);
        }
    }

    private static void write(WritableByteChannel channel, ByteBuffer bytes, Path file) throws IOException {
        try {
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
        } catch (IOException failed) {
            Files.delete(file);
            throw failed;
        }
    }
}
