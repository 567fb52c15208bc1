package io.flota.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import io.flota.api.v1.AgentGrpc;
import io.flota.api.v1.ClusterGrpc;
import io.flota.api.v1.DestroyRequest;
import io.flota.api.v1.JournalRequest;
import io.flota.store.EtcdSettings;
import io.flota.store.EtcdStore;
import io.flota.store.StoreException;
import io.flota.store.Transaction;
import io.flota.tls.PemFiles;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import javax.net.SocketFactory;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// A cluster with certificates on both sides of every connection: it works, and nobody else reads or changes anything.
class TlsIT {
    /// On every address of a machine, since options are the same for all of them.
    private static final String METRICS = "--listen-metrics=0.0.0.0:0";

    @RegisterExtension
    static final LocalCluster CLUSTER = LocalCluster.with(
            "--tls", "--machines", "2", "--etcd", "3", "--agent-option=" + METRICS, "--scheduler-option=" + METRICS);

    @TempDir
    Path folder;

    @BeforeEach
    void startAUnit() throws IOException {
        var unit = Files.writeString(folder.resolve("known.service"), """
                [Service]
                ExecStart=/bin/sh -c 'echo here; exec sleep 1000'
                """);
        CLUSTER.unitctl("start", unit.toString()).ok();
    }

    @Test
    void theClusterWorks() {
        assertThat(CLUSTER.unitctl("list-machines", "--no-legend").lines()).hasSize(2);
        assertThat(CLUSTER.unitctl("journal", "known").ok()).contains("here");
    }

    @ParameterizedTest
    @EnumSource
    void theSchedulerRefuses(Stranger stranger) throws IOException {
        var intruder = intruder(stranger);

        refused("scheduler-1", "refused a connection listener=--listen ", stranger, stranger.told(), () ->
                intruder.unitctl(CLUSTER.endpoint(), "destroy", "known"));
    }

    @Test
    void aSchedulerOfAnotherClusterIsNotAnswered() throws IOException {
        var other = Stranger.OF_ANOTHER_AUTHORITY.files(CLUSTER.certificates(), folder).orElseThrow();
        var said = new Unitctl(folder, Map.of("UNITCTL_CONFIG", "/dev/null"))
                .run("list-units", "--endpoint", CLUSTER.endpoint(), "--ca-file",
                        other.identity().orElseThrow().certificate().toString());

        assertThat(said.exitCode()).isEqualTo(1);
        assertThat(said.err().lines())
                .singleElement()
                .asString()
                .contains("the certificate of the other side is not of our CA");
    }

    @ParameterizedTest
    @EnumSource
    void theSchedulersGrpcRefuses(Stranger stranger) throws IOException {
        var address = besides(CLUSTER.node("scheduler-1").address(), 1);

        refused("scheduler-1", "refused a connection listener=--listen-grpc ", stranger, stranger.told(), () -> intruder(stranger).grpc(
                address,
                channel -> ClusterGrpc.newBlockingStub(channel)
                        .withDeadlineAfter(20, TimeUnit.SECONDS)
                        .destroy(DestroyRequest.newBuilder().addNames("known.service").build())));
    }

    @ParameterizedTest
    @EnumSource
    void anAgentRefuses(Stranger stranger) throws IOException {
        var address = CLUSTER.node("machine-1").address();

        refused("machine-1", "refused a connection listener=--listen ", stranger, stranger.told(), () -> intruder(stranger).grpc(
                address,
                channel -> AgentGrpc.newBlockingStub(channel)
                        .withDeadlineAfter(20, TimeUnit.SECONDS)
                        .journal(JournalRequest.newBuilder().setUnit("known.service").build())
                        .forEachRemaining(_ -> {})));
    }

    @ParameterizedTest
    @EnumSource
    void metricsAreRefusedTo(Stranger stranger) throws IOException {
        var sockets = sockets(files(stranger));
        for (var node : List.of("scheduler-1", "machine-1")) {
            var address = metricsOf(node);

            // The JDK's HTTP server may close so fast that its client is not told why.
            refused(node, "refused a connection listener=--listen-metrics ", stranger, "", () -> {
                try {
                    assertThat(get(sockets, address)).doesNotContain("flota").doesNotContain("HTTP");
                    return "no HTTP";
                } catch (IOException e) {
                    return e.toString();
                }
            });
        }
        assertThat(get(sockets(Optional.of(operator())), metricsOf("machine-1"))).contains("flota_agent_units");
    }

    @ParameterizedTest
    @EnumSource
    void etcdRefuses(Stranger stranger) throws IOException {
        var endpoint = CLUSTER.etcdEndpoint();
        var reached = URI.create(stranger == Stranger.IN_PLAIN_TEXT ? endpoint.replace("https", "http") : endpoint);
        var settings = new EtcdSettings(
                List.of(reached), files(stranger), Optional.empty(), EtcdSettings.DEFAULT_CALL_TIMEOUT);
        var write = Transaction.of(
                List.of(), List.of(new Transaction.Put("/flota/v1/stranger", ByteString.copyFromUtf8("was here"), 0)));

        try (var store = new EtcdStore(settings)) {
            var failure = catchThrowableOfType(StoreException.class, () -> store.commit(write));
            assertThat(failure.getMessage().lines()).hasSize(1);
            assertThat(failure).hasMessageContaining("in etcd at " + reached);
            await().until(() -> log("etcd-1").lines().anyMatch(line -> line.contains("rejected connection")));
        }

        var known = new EtcdSettings(
                List.of(URI.create(endpoint)), Optional.of(operator()), Optional.empty(), settings.callTimeout());
        try (var store = new EtcdStore(known)) {
            assertThat(store.read("/flota/v1/stranger").entries()).isEmpty();
        } catch (StoreException e) {
            throw new AssertionError("etcd does not answer those whom it knows", e);
        }
    }

    private interface Attempt {
        /// @return what the stranger was told
        String make() throws IOException;
    }

    /// One line on both sides, and all is as it was.
    private static void refused(String node, String line, Stranger stranger, String expected, Attempt attempt)
            throws IOException {
        var before = CLUSTER.unitctl("list-units", "--no-legend", "--full").ok();
        long logged = lines(node, line, stranger);

        var told = attempt.make();

        assertThat(told.lines()).singleElement().asString().contains(expected);
        await().until(() -> lines(node, line, stranger) > logged);
        assertThat(CLUSTER.unitctl("list-units", "--no-legend", "--full").ok()).isEqualTo(before);
    }

    private static long lines(String node, String line, Stranger stranger) throws IOException {
        return log(node).lines()
                .filter(each -> each.contains(line) && each.contains("because=" + stranger.logged()))
                .count();
    }

    private static String log(String node) throws IOException {
        return Files.readString(CLUSTER.folder().resolve(node).resolve("log"));
    }

    private static PemFiles operator() {
        return CLUSTER.certificates().files("unitctl");
    }

    private Intruder intruder(Stranger stranger) throws IOException {
        return Intruder.of(stranger, CLUSTER.certificates(), folder);
    }

    private Optional<PemFiles> files(Stranger stranger) throws IOException {
        return intruder(stranger).files();
    }

    private static SocketFactory sockets(Optional<PemFiles> files) throws IOException {
        return files.isPresent() ? files.get().read().context().getSocketFactory() : SocketFactory.getDefault();
    }

    /// All that comes back.
    private static String get(SocketFactory sockets, String address) throws IOException {
        try (var socket = sockets.createSocket()) {
            socket.connect(addressOf(address));
            socket.setSoTimeout(20_000);
            socket.getOutputStream().write("GET /metrics HTTP/1.0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static InetSocketAddress addressOf(String text) {
        int colon = text.lastIndexOf(':');
        return new InetSocketAddress(text.substring(0, colon), Integer.parseInt(text.substring(colon + 1)));
    }

    private static String besides(String address, int ports) {
        var there = addressOf(address);
        return there.getHostString() + ":" + (there.getPort() + ports);
    }

    private static String metricsOf(String node) throws IOException {
        var port = log(node).lines()
                .filter(line -> line.contains("serves ") && line.matches(".*(metrics port|metrics)=[0-9]+.*"))
                .map(line -> line.replaceFirst(".*(metrics port|metrics)=([0-9]+).*", "$2"))
                .reduce((_, last) -> last)
                .orElseThrow();
        return addressOf(CLUSTER.node(node).address()).getHostString() + ":" + port;
    }
}
