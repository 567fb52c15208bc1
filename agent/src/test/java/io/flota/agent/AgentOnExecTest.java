package io.flota.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.flota.agent.runtime.UnitRuntime;
import io.flota.agent.runtime.exec.ExecRuntime;
import io.flota.agent.runtime.exec.ExecSettings;
import io.flota.testing.EtcdServer;
import io.flota.unit.DesiredState;
import io.flota.unit.UnitName;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// An agent between a real etcd and real processes.
class AgentOnExecTest {
    private static final UnitName WEB = new UnitName("web@1.service");

    @TempDir
    Path folder;

    private final ArrayDeque<AutoCloseable> open = new ArrayDeque<>();
    private final EtcdServer etcd = opened(EtcdServer.start());
    private final TestCluster cluster = opened(new TestCluster(etcd));

    @AfterEach
    void close() throws Exception {
        while (!open.isEmpty()) {
            open.pop().close();
        }
    }

    @Test
    void aProcessOutlivesItsAgentAndEndsWhenItsUnitIsHandedOver() throws Exception {
        var config = cluster.config("a", "boot-1");
        UnitRuntime firstRuntime = runtime();
        var first = new Agent(config, cluster.store, firstRuntime);
        cluster.place(WEB, DesiredState.LAUNCHED, 1, "p1");
        cluster.until(() -> cluster.reports(WEB, "active", "p1"));
        var process = ProcessHandle.of(cluster.state(WEB).orElseThrow().mainPid()).orElseThrow();
        open.push(process::destroyForcibly);
        var lease = cluster.lease();

        first.close();
        firstRuntime.close();
        assertThat(process.isAlive()).isTrue();
        var second = new Agent(config, cluster.store, opened(runtime()));
        cluster.until(() -> cluster.lease().id() != lease.id() && cluster.reports(WEB, "active", "p1"));
        assertThat(cluster.state(WEB).orElseThrow().mainPid()).isEqualTo(process.pid());

        cluster.place(WEB, DesiredState.LAUNCHED, 2, "p1");
        cluster.until(() -> cluster.state(WEB).orElseThrow().generation() == 2 && cluster.reports(WEB, "active", "p1"));
        assertThat(process.isAlive()).isFalse();

        var again = ProcessHandle.of(cluster.state(WEB).orElseThrow().mainPid()).orElseThrow();
        open.push(again::destroyForcibly);
        assertThat(second.handOver(Duration.ofMinutes(1))).isTrue();
        assertThat(again.isAlive()).isFalse();
        assertThat(cluster.machine()).isEmpty();
    }

    private UnitRuntime runtime() throws Exception {
        return ExecRuntime.start(
                ExecSettings.of(folder, TestCluster.HERE.value(), "a", "192.0.2.7", "10.0.0.7", Optional.empty()));
    }

    private <T extends AutoCloseable> T opened(T resource) {
        open.push(resource);
        return resource;
    }
}
