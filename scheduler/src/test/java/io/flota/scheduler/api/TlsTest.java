package io.flota.scheduler.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.flota.api.v1.AboutReply;
import io.flota.api.v1.AboutRequest;
import io.flota.api.v1.ClusterGrpc;
import io.flota.api.v1.ListUnitsReply;
import io.flota.api.v1.ListUnitsRequest;
import io.flota.testing.Certificates;
import io.flota.tls.FreshContext;
import io.flota.tls.NettyTls;
import io.flota.tls.PemFiles;
import io.grpc.ServerServiceDefinition;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettySslContextChannelCredentials;
import io.grpc.netty.NettySslContextServerCredentials;
import io.grpc.stub.StreamObserver;
import io.netty.handler.ssl.JdkSslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocketFactory;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Both carriers with the same certificates.
class TlsTest {
    private static final String ABOUT = "flota.v1.Cluster/About";
    private static final InetSocketAddress ANY_PORT = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);

    @TempDir
    static Path folder;

    private static Certificates authority;
    private static Certificates.Pair ours;
    private static Certificates.Pair stranger;

    @BeforeAll
    static void issue() {
        authority = Certificates.authority(folder, "ours");
        ours = authority.issue("scheduler");
        stranger = Certificates.authority(folder, "others").issue("stranger");
    }

    private static ServerServiceDefinition service() {
        return new ClusterGrpc.ClusterImplBase() {
            @Override
            public void about(AboutRequest request, StreamObserver<AboutReply> client) {
                client.onNext(AboutReply.newBuilder().setVersion("secret").build());
                client.onCompleted();
            }

            @Override
            public void watchUnits(ListUnitsRequest request, StreamObserver<ListUnitsReply> client) {
                Outlet.open(client, outlet -> {
                    for (int i = 0; i < 3; i++) {
                        outlet.send(ListUnitsReply.getDefaultInstance());
                    }
                });
            }
        }.bindService();
    }

    private static SSLContext context() throws IOException {
        return FreshContext.over(PemFiles.mutual(authority.certificate(), ours.certificate(), ours.key()));
    }

    private static Carrier carrier() throws IOException {
        return new Carrier(ANY_PORT, Optional.of(context()), service());
    }

    /// @param identity to show; none if empty
    private static SSLSocketFactory sockets(Optional<Certificates.Pair> identity) throws IOException {
        var context = SslContextBuilder.forClient()
                .sslProvider(SslProvider.JDK)
                .trustManager(authority.certificate().toFile());
        identity.ifPresent(pair -> context.keyManager(pair.certificate().toFile(), pair.key().toFile()));
        return ((JdkSslContext) context.build()).context().getSocketFactory();
    }

    private static List<ByteString> ask(Carrier carrier, Optional<Certificates.Pair> identity, String method)
            throws IOException {
        var replies = new ArrayList<ByteString>();
        new CarrierClient(carrier.port(), sockets(identity)).stream(method, ByteString.EMPTY, replies::add);
        return replies;
    }

    @Test
    void aClientWithACertificateIsServedByTheLeanCarrier() throws IOException {
        try (var carrier = carrier()) {
            var reply = ask(carrier, Optional.of(ours), ABOUT).getFirst();

            assertThat(AboutReply.parseFrom(reply).getVersion()).isEqualTo("secret");
            assertThat(ask(carrier, Optional.of(ours), "flota.v1.Cluster/WatchUnits")).hasSize(3);
        }
    }

    @Test
    void aClientWithoutACertificateOrWithAStrangersLearnsNothing() throws IOException {
        try (var carrier = carrier()) {
            assertThatThrownBy(() -> ask(carrier, Optional.empty(), ABOUT)).hasRootCauseInstanceOf(IOException.class);
            assertThatThrownBy(() -> ask(carrier, Optional.of(stranger), ABOUT))
                    .hasRootCauseInstanceOf(IOException.class);
        }
    }

    @Test
    void aPlainClientLearnsNothing() throws IOException {
        try (var carrier = carrier()) {
            var plain = new CarrierClient(carrier.port());

            assertThatThrownBy(() -> plain.stream(ABOUT, ByteString.EMPTY, _ -> {}))
                    .hasRootCauseInstanceOf(IOException.class);
        }
    }

    @Test
    void grpcServesClientsWithCertificatesOnly() throws IOException {
        try (var listener = new GrpcListener(
                ANY_PORT, NettySslContextServerCredentials.create(NettyTls.server(context())), service())) {
            var credentials = NettySslContextChannelCredentials.create(NettyTls.client(context()));
            var known = NettyChannelBuilder.forAddress("127.0.0.1", listener.port(), credentials)
                    .build();
            var unknown = NettyChannelBuilder.forAddress(
                            "127.0.0.1",
                            listener.port(),
                            io.grpc.TlsChannelCredentials.newBuilder()
                                    .trustManager(authority.certificate().toFile())
                                    .build())
                    .build();
            try {
                var request = AboutRequest.getDefaultInstance();
                assertThat(ClusterGrpc.newBlockingStub(known).about(request).getVersion()).isEqualTo("secret");
                assertThatThrownBy(() -> ClusterGrpc.newBlockingStub(unknown).about(request))
                        .hasMessageStartingWith("UNAVAILABLE");
            } finally {
                known.shutdownNow();
                unknown.shutdownNow();
            }
        }
    }
}
