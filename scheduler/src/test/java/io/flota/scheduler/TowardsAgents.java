package io.flota.scheduler;

import static io.flota.scheduler.TestCluster.start;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.flota.api.v1.AgentGrpc;
import io.flota.scheduler.api.GrpcListener;
import io.grpc.InsecureServerCredentials;
import io.grpc.Status;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;

/// A cluster whose scheduler asks agents that a test made up.
abstract class TowardsAgents {
    static final String UNREACHABLE = "127.0.0.1:1";

    final TestCluster cluster = new TestCluster();
    private final List<GrpcListener> agents = new CopyOnWriteArrayList<>();
    Api api;

    /// Asks by this; once the scheduler leads.
    final void lead(Api asked) {
        api = asked;
        await().ignoreExceptions().until(() -> asked.list().getFreshness().getStaleSinceMillis() == 0);
    }

    @AfterEach
    void close() {
        cluster.close();
        agentsGo();
    }

    final void agentsGo() {
        agents.forEach(GrpcListener::close);
    }

    /// @return its address
    final String agent(AgentGrpc.AgentImplBase service) throws IOException {
        var listener = new GrpcListener(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), InsecureServerCredentials.create(),
                service.bindService());
        agents.add(listener);
        return "127.0.0.1:" + listener.port();
    }

    /// Until a unit is on all machines.
    final void everywhere(String unit, int machines) {
        api.apply(start(unit, "[Service]", "ExecStart=/bin/true", "[X-Fleet]", "Global=true"));
        await().until(() -> api.unit(unit).getMachinesCount() == machines);
    }

    static Status end(Api.Replies<?> replies) throws InterruptedException {
        var status = replies.end().poll(30, TimeUnit.SECONDS);
        assertThat(status).as("the end of the replies").isNotNull();
        return status;
    }
}
