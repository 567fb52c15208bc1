package io.flota.examples.nodes;

import static io.flota.examples.nodes.TestNodes.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.ByteString;
import io.flota.api.v1.AgentGrpc;
import io.flota.api.v1.ClusterGrpc;
import io.flota.api.v1.DestroyRequest;
import io.flota.api.v1.JournalRequest;
import io.flota.examples.Intruder;
import io.flota.examples.Stranger;
import io.flota.examples.Unitctl;
import io.flota.store.EtcdSettings;
import io.flota.store.EtcdStore;
import io.flota.store.StoreException;
import io.flota.store.Transaction;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Real nodes with certificates on both sides of every connection: they work as others do, and answer nobody else.
@RealNodes
class NodesTlsIT {
    private static final String WATCHED = "node-1";
    private static final String VICTIM = "node-3";
    private static final URI ETCD = URI.create("https://10.88.0.1:2379");

    @RegisterExtension
    static final TestNodes NODES = TestNodes.with("--tls");

    @TempDir
    Path folder;

    @BeforeEach
    void units() throws IOException {
        eventually(() -> assertThat(unitctl("list-machines", "--no-legend").lines()).hasSize(3));
        Files.writeString(folder.resolve("known@.service"), """
                [Service]
                ExecStart=/bin/sh -c 'echo here; exec sleep infinity'
                """);
        unitctl(Stream.concat(Stream.of("start"), IntStream.rangeClosed(1, 3).mapToObj(i -> "known@" + i))
                        .toArray(String[]::new))
                .ok();
    }

    @AfterEach
    void asBefore() {
        TestNodes.mend();
        unitctl("destroy", "known@1", "known@2", "known@3");
    }

    @Test
    void unitsRunUnderSystemdAreSeenFromOutsideAndMoveWhenTheirNodeDies() {
        assertThat(unitctl("list-units", "--no-legend").lines())
                .hasSize(3)
                .allSatisfy(line -> assertThat(line).contains("active", "running"));
        assertThat(unitctl("status", "known@1").ok()).contains("known@1.service", "active (running)");
        eventually(() -> assertThat(unitctl("journal", "known@1").ok()).contains("here"));
        assertThat(TestNodes.on(WATCHED, "systemctl list-units --plain --no-legend --state=active 'known@*'").lines())
                .hasSize(1);
        assertThat(TestNodes.on(WATCHED, "unitctl list-units --no-legend").lines()).hasSize(3);

        TestNodes.run("kill", VICTIM);

        eventually(() -> {
            assertThat(unitctl("list-machines", "--no-legend").lines()).hasSize(2);
            assertThat(unitctl("list-units", "--no-legend").lines())
                    .hasSize(3)
                    .allSatisfy(line -> assertThat(line).contains("active", "running"));
        });
    }

    @Test
    void keysAreForThoseWhoUseThem() {
        assertThat(TestNodes.on(WATCHED, "stat -c '%U:%G %a %n' /etc/flota/tls/*").lines())
                .containsExactly(
                        "root:root 644 /etc/flota/tls/ca.crt",
                        "root:root 644 /etc/flota/tls/node.crt",
                        "root:flota 640 /etc/flota/tls/node.key");
        assertThat(TestNodes.on(WATCHED, "systemctl show -P User flota-scheduler")).isEqualTo("flota\n");
        assertThat(TestNodes.on(WATCHED, "journalctl -u flota-agent -u flota-scheduler")).doesNotContain("in plain text");
    }

    @ParameterizedTest
    @EnumSource
    void aNodeRefuses(Stranger stranger) throws IOException {
        var intruder = Intruder.of(stranger, TestNodes.certificates(), folder);
        var address = TestNodes.address(WATCHED);

        refused("flota-scheduler", "listener=--listen ", stranger, () ->
                intruder.unitctl(address + ":4470", "destroy", "known@1"));
        refused("flota-scheduler", "listener=--listen-grpc ", stranger, () -> intruder.grpc(
                address + ":4471",
                channel -> ClusterGrpc.newBlockingStub(channel)
                        .withDeadlineAfter(20, TimeUnit.SECONDS)
                        .destroy(DestroyRequest.newBuilder().addNames("known@1.service").build())));
        refused("flota-agent", "listener=--listen ", stranger, () -> intruder.grpc(
                address + ":4472",
                channel -> AgentGrpc.newBlockingStub(channel)
                        .withDeadlineAfter(20, TimeUnit.SECONDS)
                        .journal(JournalRequest.newBuilder().setUnit("known@1.service").build())
                        .forEachRemaining(_ -> {})));
    }

    @ParameterizedTest
    @EnumSource
    void etcdRefuses(Stranger stranger) throws Exception {
        var reached = stranger == Stranger.IN_PLAIN_TEXT ? URI.create(ETCD.toString().replace("https", "http")) : ETCD;
        var files = Intruder.of(stranger, TestNodes.certificates(), folder).files();
        var settings = new EtcdSettings(List.of(reached), files, Optional.empty(), EtcdSettings.DEFAULT_CALL_TIMEOUT);
        var write = Transaction.of(
                List.of(), List.of(new Transaction.Put("/flota/v1/stranger", ByteString.copyFromUtf8("was here"), 0)));
        long logged = rejections();

        try (var store = new EtcdStore(settings)) {
            var failure = catchThrowableOfType(StoreException.class, () -> store.commit(write));
            assertThat(failure.getMessage().lines()).singleElement().asString().contains("in etcd at " + reached);
            eventually(() -> assertThat(rejections()).isGreaterThan(logged));
        }

        var known = new EtcdSettings(
                List.of(ETCD), Optional.of(TestNodes.operator()), Optional.empty(), EtcdSettings.DEFAULT_CALL_TIMEOUT);
        try (var store = new EtcdStore(known)) {
            assertThat(store.read("/flota/v1/stranger").entries()).isEmpty();
        }
    }

    private static long rejections() throws IOException {
        return Files.readString(TestNodes.home().resolve("etcd.log"))
                .lines()
                .filter(line -> line.contains("rejected connection"))
                .count();
    }

    private interface Attempt {
        /// @return what the stranger was told
        String make() throws IOException;
    }

    /// One line on both sides, and all is as it was.
    private void refused(String service, String listener, Stranger stranger, Attempt attempt) throws IOException {
        var before = unitctl("list-units", "--no-legend", "--full").ok();
        long logged = lines(service, listener, stranger);

        var told = attempt.make();

        assertThat(told.lines()).singleElement().asString().contains(stranger.told());
        eventually(() -> assertThat(lines(service, listener, stranger)).isGreaterThan(logged));
        assertThat(unitctl("list-units", "--no-legend", "--full").ok()).isEqualTo(before);
    }

    private static long lines(String service, String listener, Stranger stranger) {
        return TestNodes.on(WATCHED, "journalctl -o cat -u " + service)
                .lines()
                .filter(line -> line.contains("refused a connection " + listener))
                .filter(line -> line.contains("because=" + stranger.logged()))
                .count();
    }

    private Unitctl.Result unitctl(String... arguments) {
        return TestNodes.unitctl(folder).run(arguments);
    }
}
