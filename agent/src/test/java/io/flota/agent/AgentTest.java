package io.flota.agent;

import static io.flota.agent.TestCluster.HERE;
import static io.flota.unit.DesiredState.INACTIVE;
import static io.flota.unit.DesiredState.LAUNCHED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.flota.agent.runtime.SimulatedRuntime;
import io.flota.store.Store;
import io.flota.testing.EtcdServer;
import io.flota.unit.UnitName;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// An agent between a real etcd and a simulated runtime.
class AgentTest {
    private static final UnitName WEB = new UnitName("web@1.service");
    private static EtcdServer etcd;

    private final ArrayDeque<AutoCloseable> open = new ArrayDeque<>();
    private final TestCluster cluster = opened(new TestCluster(etcd));
    private SimulatedRuntime runtime = SimulatedRuntime.prompt();

    @BeforeAll
    static void startEtcd() {
        etcd = EtcdServer.start();
    }

    @AfterAll
    static void stopEtcd() {
        etcd.close();
    }

    @AfterEach
    void close() throws Exception {
        while (!open.isEmpty()) {
            open.pop().close();
        }
    }

    @Test
    void anAgentRegistersItsMachineUnderItsLease() throws Exception {
        var agent = agent("a", "boot-1");

        cluster.until(() -> cluster.machine().isPresent());

        var machine = cluster.machine().orElseThrow();
        assertThat(machine.hostname()).isEqualTo("a");
        assertThat(machine.publicIp()).isEqualTo("192.0.2.7");
        assertThat(machine.metadata()).containsEntry("disk", "ssd");
        assertThat(machine.agentAddress()).isEqualTo("127.0.0.1:" + agent.port());
        assertThat(cluster.lease().id()).isNotZero();
    }

    @Test
    void aPlacedUnitRunsAndIsReportedAndForgottenOnceItIsTakenAway() throws Exception {
        agent("a", "boot-1");
        cluster.place(WEB, LAUNCHED, 1, "p1");
        cluster.until(() -> cluster.reports(WEB, "active", "p1"));
        assertThat(cluster.state(WEB).orElseThrow().generation()).isEqualTo(1);

        cluster.unplace(WEB);

        cluster.until(() -> cluster.state(WEB).isEmpty());
        assertThat(runtime.history())
                .containsExactly("loaded " + WEB, "started " + WEB + " 1", "stopped " + WEB);
    }

    @Test
    void anAgentMeasuresItsUnitsAndItsLease() throws Exception {
        var agent = agent("a", "boot-1");
        cluster.place(WEB, LAUNCHED, 1, "p1");
        cluster.until(() -> cluster.reports(WEB, "active", "p1"));

        var metrics = read("http://127.0.0.1:" + agent.metricsPort().orElseThrow() + "/metrics");

        assertThat(metrics)
                .contains("flota_agent_units{active=\"active\"} 1.0\n", "flota_agent_units{active=\"failed\"} 0.0\n")
                .contains("flota_agent_restarts_total 0.0\n", "flota_agent_lease_renewals_failed_total 0.0\n")
                .containsPattern("\nflota_agent_lease_remaining_seconds [12]\\.");
    }

    private static String read(String address) throws IOException {
        try (var in = URI.create(address).toURL().openStream()) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @Test
    void aUnitIsReleasedOnlyOnceItIsDown() throws Exception {
        runtime = SimulatedRuntime.slow();
        agent("a", "boot-1");
        cluster.place(WEB, LAUNCHED, 1, "p1");
        cluster.until(() -> cluster.state(WEB).isPresent());
        cluster.until(() -> {
            runtime.settle(WEB); // the start may be queued only after the unit was seen
            return cluster.reports(WEB, "active", "p1");
        });

        cluster.place(WEB, INACTIVE, 1, "p2");
        cluster.until(() -> cluster.reports(WEB, "deactivating", ""));
        runtime.settle(WEB);

        cluster.until(() -> cluster.reports(WEB, "inactive", "p2"));
        cluster.unplace(WEB);
        cluster.until(() -> cluster.state(WEB).isEmpty());
    }

    @Test
    void anAgentThatComesBackAdoptsItsUnitsAtOnce() throws Exception {
        var first = agent("a", "boot-1");
        cluster.place(WEB, LAUNCHED, 1, "p1");
        cluster.until(() -> cluster.reports(WEB, "active", "p1"));
        var lease = cluster.lease();
        first.close(); // as after a crash: its keys live on until the lease ends

        agent("a", "boot-1");

        cluster.until(() -> cluster.lease().id() != lease.id());
        long newLease = cluster.lease().id();
        cluster.until(() -> cluster.entry(cluster.keys.state(HERE, WEB))
                .filter(entry -> entry.leaseId() == newLease)
                .isPresent());
        assertThat(runtime.history()).containsExactly("loaded " + WEB, "started " + WEB + " 1");
        cluster.store.revoke(lease); // what the old lease still held goes
        assertThat(cluster.reports(WEB, "active", "p1")).isTrue();
    }

    @Test
    void aLostLeaseIsReplacedAndEverythingIsToldAgain() throws Exception {
        agent("a", "boot-1");
        cluster.place(WEB, LAUNCHED, 1, "p1");
        cluster.until(() -> cluster.reports(WEB, "active", "p1"));
        var lease = cluster.lease();

        cluster.store.revoke(lease);
        assertThat(cluster.machine()).isEmpty();

        cluster.until(() -> cluster.machine().isPresent() && cluster.reports(WEB, "active", "p1"));
        assertThat(cluster.lease().id()).isNotEqualTo(lease.id());
        assertThat(runtime.history()).containsExactly("loaded " + WEB, "started " + WEB + " 1");
    }

    @Test
    void unitsThatWereMovedAwayMeanwhileAreStopped() throws Exception {
        var first = agent("a", "boot-1");
        cluster.place(WEB, LAUNCHED, 1, "p1");
        cluster.until(() -> cluster.reports(WEB, "active", "p1"));
        first.close();
        cluster.store.revoke(cluster.lease());
        cluster.unplace(WEB);

        agent("a", "boot-1");

        cluster.until(() -> runtime.history().contains("stopped " + WEB));
        cluster.until(() -> cluster.state(WEB).isEmpty());
    }

    @Test
    void unitsRunOnWhileEtcdIsAwayAndTheTruthIsToldAfterwards() throws Exception {
        try (var own = EtcdServer.start();
                var there = new TestCluster(own)) {
            var other = new UnitName("other.service");
            open.push(new Agent(there.config("a", "boot-1"), opened(there.newStore()), runtime));
            there.place(WEB, LAUNCHED, 1, "p1");
            there.place(other, LAUNCHED, 1, "p2");
            there.until(() -> there.reports(WEB, "active", "p1") && there.reports(other, "active", "p2"));
            var before = runtime.history();

            own.kill();
            await().pollDelay(Duration.ofSeconds(8)).atMost(Duration.ofSeconds(30)).until(() -> true);
            assertThat(runtime.history()).isEqualTo(before);
            runtime.end(other, "failed");
            own.restart();

            there.until(() -> there.reports(WEB, "active", "p1") && there.reports(other, "failed", "p2"));
            assertThat(runtime.history()).isEqualTo(before);
            there.place(new UnitName("new.service"), LAUNCHED, 1, "p3");
            there.until(() -> there.reports(new UnitName("new.service"), "active", "p3"));
            close();
        }
    }

    @Test
    void anAgentThatHandsOverStopsItsUnitsAndLeavesAtOnce() throws Exception {
        var agent = agent("a", "boot-1");
        cluster.place(WEB, LAUNCHED, 1, "p1");
        cluster.until(() -> cluster.reports(WEB, "active", "p1"));

        assertThat(agent.handOver(Duration.ofMinutes(1))).isTrue();

        assertThat(runtime.history()).endsWith("stopped " + WEB);
        assertThat(cluster.machine()).isEmpty();
        assertThat(cluster.state(WEB)).isEmpty();
    }

    @Test
    void aSecondMachineWithTheSameIdWaitsUntilTheFirstIsGone() throws Exception {
        var first = agent("a", "boot-1");
        cluster.until(() -> cluster.machine().isPresent());

        agent("b", "boot-2");
        await().during(Duration.ofSeconds(2))
                .atMost(Duration.ofSeconds(10))
                .until(() -> cluster.machine().orElseThrow().hostname().equals("a"));
        first.close();

        cluster.until(() -> cluster.machine().filter(machine -> machine.hostname().equals("b")).isPresent());
    }

    private Agent agent(String hostname, String bootId) throws IOException {
        Store store = opened(cluster.newStore());
        return opened(new Agent(cluster.config(hostname, bootId), store, runtime));
    }

    private <T extends AutoCloseable> T opened(T resource) {
        open.push(resource);
        return resource;
    }
}
