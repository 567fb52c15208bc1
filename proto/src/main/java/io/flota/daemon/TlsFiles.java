package io.flota.daemon;

import io.grpc.ChannelCredentials;
import io.grpc.ServerCredentials;
import io.grpc.TlsChannelCredentials;
import io.grpc.TlsServerCredentials;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.JdkSslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import javax.net.ssl.SSLContext;

/// The PEM files of one daemon.
///
/// @param ca who signed the certificates of the others; with it, clients must show one
public record TlsFiles(Path cert, Path key, Optional<Path> ca) {
    /// For a gRPC server.
    ///
    /// @throws IOException if a file cannot be read or is not what it should be
    public ServerCredentials serverCredentials() throws IOException {
        var credentials = TlsServerCredentials.newBuilder().keyManager(cert.toFile(), key.toFile());
        if (ca.isPresent()) {
            credentials.trustManager(ca.get().toFile()).clientAuth(TlsServerCredentials.ClientAuth.REQUIRE);
        }
        return credentials.build();
    }

    /// For a gRPC client that calls another daemon.
    ///
    /// @throws IOException if a file cannot be read or is not what it should be
    public ChannelCredentials channelCredentials() throws IOException {
        var credentials = TlsChannelCredentials.newBuilder().keyManager(cert.toFile(), key.toFile());
        if (ca.isPresent()) {
            credentials.trustManager(ca.get().toFile());
        }
        return credentials.build();
    }

    /// For a plain server socket. Whether it asks for client certificates is [#wantsClientCertificates].
    ///
    /// @throws IOException if a file cannot be read or is not what it should be
    public SSLContext serverContext() throws IOException {
        var builder = SslContextBuilder.forServer(cert.toFile(), key.toFile()).sslProvider(SslProvider.JDK);
        if (ca.isPresent()) {
            builder.trustManager(ca.get().toFile()).clientAuth(ClientAuth.REQUIRE);
        }
        return ((JdkSslContext) builder.build()).context();
    }

    public boolean wantsClientCertificates() {
        return ca.isPresent();
    }
}
