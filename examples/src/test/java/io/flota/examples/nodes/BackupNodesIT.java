package io.flota.examples.nodes;

import static io.flota.examples.nodes.TestNodes.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.flota.examples.Api;
import io.flota.examples.Traffic;
import io.flota.examples.Unitctl;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// The single address of `examples/backup`, on machines that can really die.
@RealNodes
class BackupNodesIT {
    private static final String ADDRESS = "10.88.0.100";
    private static final URI PAGE = URI.create("http://" + ADDRESS + ":8080/");
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    /// Three times as long as leases live.
    private static final Duration OUTAGE = Duration.ofSeconds(15);

    @RegisterExtension
    static final TestNodes NODES = TestNodes.with("--services");

    private Api api;
    private String holder;

    @BeforeEach
    void start() {
        api = TestNodes.api("node-1");
        eventually(() -> assertThat(api.hosts()).hasSize(3));
        unitctl("start", "web-proxy", "web-address", "web@1", "web@2").ok();
        holder = api.hosts().get(addressed().getFirst());
        eventually(() -> assertThat(Traffic.get(PAGE)).contains("It works"));
    }

    @AfterEach
    void asBefore() throws Exception {
        try {
            TestNodes.signalEtcd("CONT");
            TestNodes.mend();
            TestNodes.names().forEach(node -> TestNodes.on(node, "nft delete table inet cut 2> /dev/null || true"));
            api.close();
            api = TestNodes.api("node-1");
            eventually(() -> unitctl(Stream.concat(Stream.of("destroy"), api.units().keySet().stream())
                            .toArray(String[]::new))
                    .ok());
        } finally {
            api.close();
        }
    }

    private static Unitctl.Result unitctl(String... arguments) {
        return TestNodes.unitctl(Path.of("backup").toAbsolutePath()).run(arguments);
    }

    /// The machines that the address is on, as the cluster says.
    private List<String> addressed() {
        return api.machinesOf("web-address.service").toList();
    }

    /// The nodes that are up and have the address.
    private static List<String> holders() {
        return TestNodes.names().stream()
                .filter(node -> TestNodes.call("exec", node, "--", "ip", "-o", "-4", "address", "show", "to", ADDRESS)
                        .out()
                        .contains(ADDRESS))
                .toList();
    }

    @Test
    void theAddressGoesOnAnsweringWhileEtcdIsAwayForLongerThanTheLease() throws Exception {
        try (var traffic = new Traffic(PAGE, PATIENCE)) {
            TestNodes.signalEtcd("STOP");

            await().during(OUTAGE).atMost(OUTAGE.multipliedBy(3)).untilAsserted(
                    () -> assertThat(traffic.tally().failed()).isZero());

            assertThat(holders()).containsExactly(holder);
            assertThat(traffic.end().failed()).isZero();
        }
        TestNodes.signalEtcd("CONT");
        eventually(() -> {
            assertThat(addressed()).hasSize(1);
            assertThat(holders()).hasSize(1);
            assertThat(Traffic.get(PAGE)).contains("It works");
        });
    }

    @Test
    void theAddressIsOnTwoNodesWhileEtcdIsOutOfReachForOneAndTheNewestStays() {
        TestNodes.on(holder, """
                nft -f - << END
                table inet cut {
                    chain out {
                        type filter hook output priority 0;
                        ip daddr 10.88.0.1 tcp dport 2379 drop
                    }
                    chain in {
                        type filter hook input priority 0;
                        ip saddr 10.88.0.1 tcp sport 2379 drop
                    }
                }
                END""");

        eventually(() -> assertThat(holders()).hasSize(2).contains(holder));
        await().during(OUTAGE).atMost(OUTAGE.multipliedBy(3)).untilAsserted(
                () -> assertThat(Traffic.get(PAGE)).contains("It works"));
        var newest = holders().stream().filter(node -> !node.equals(holder)).findFirst().orElseThrow();

        TestNodes.on(holder, "nft delete table inet cut");

        eventually(() -> assertThat(holders()).containsExactly(newest));
        eventually(() -> assertThat(Traffic.get(PAGE)).contains("It works"));
    }

    @Test
    void theAddressAnswersOnAnotherNodeOnceItsNodeIsKilled() {
        TestNodes.run("kill", holder);

        eventually(() -> assertThat(Traffic.get(PAGE)).contains("It works"));
        assertThat(holders()).hasSize(1).doesNotContain(holder);
        TestNodes.run("boot", holder);
        eventually(() -> assertThat(unitctl("list-machines", "--no-legend").lines()).hasSize(3));
        assertThat(holders()).as("it comes back empty").hasSize(1).doesNotContain(holder);
        eventually(() -> assertThat(Traffic.get(PAGE)).contains("It works"));
    }
}
