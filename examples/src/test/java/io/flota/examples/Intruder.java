package io.flota.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.flota.tls.HandshakeFailure;
import io.flota.tls.NettyTls;
import io.flota.tls.PemFiles;
import io.flota.unitctl.ca.CertificateFolder;
import io.grpc.Channel;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/// A [Stranger] at work, with the programs that operators have.
///
/// @param folder for what it needs
/// @param files what it shows and trusts; empty: it does not even try TLS
public record Intruder(Stranger stranger, Path folder, Optional<PemFiles> files) {
    /// @param cluster whose certificates it trusts, and imitates
    public static Intruder of(Stranger stranger, CertificateFolder cluster, Path folder) throws IOException {
        return new Intruder(stranger, folder, stranger.files(cluster, folder.resolve("strangers")));
    }

    /// @return what unitctl told it
    public String unitctl(String endpoint, String... command) {
        var options = new ArrayList<>(List.of(command));
        options.addAll(List.of("--endpoint", endpoint));
        files.ifPresent(given -> {
            options.addAll(List.of("--ca-file", given.authority().orElseThrow().toString()));
            given.identity().ifPresent(own -> options.addAll(List.of(
                    "--cert-file", own.certificate().toString(), "--key-file", own.key().toString())));
        });
        var said = new Unitctl(folder, Map.of("UNITCTL_CONFIG", "/dev/null")).run(options.toArray(String[]::new));
        assertThat(said.exitCode()).isEqualTo(1);
        assertThat(said.out()).isEmpty();
        return said.err().strip();
    }

    /// @return what its gRPC client told it
    public String grpc(String address, Consumer<Channel> request) throws IOException {
        var channel = channel(files, address);
        try {
            Throwable failure;
            do {
                failure = catchThrowableOfType(StatusRuntimeException.class, () -> request.accept(channel));
                assertThat(Status.fromThrowable(failure).getCode()).isEqualTo(Status.Code.UNAVAILABLE);
            } while (String.valueOf(failure.getCause()).contains("Connection reset")); // overtook the reason
            return HandshakeFailure.because(failure).orElse("no TLS: " + failure.getMessage().lines().findFirst());
        } finally {
            channel.shutdownNow();
        }
    }

    /// Of somebody with these files, or with none.
    static ManagedChannel channel(Optional<PemFiles> files, String address) throws IOException {
        var builder = NettyChannelBuilder.forTarget(address);
        return files.isPresent()
                ? builder.sslContext(NettyTls.client(files.get().read().context())).build()
                : builder.usePlaintext().build();
    }
}
