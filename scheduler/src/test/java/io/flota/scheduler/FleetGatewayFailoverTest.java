package io.flota.scheduler;

import static io.flota.scheduler.TestCluster.KEYS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.flota.agent.fleet.FleetGateway;
import io.flota.daemon.HttpListener.Tcp;
import io.flota.daemon.ListenAddress;
import io.flota.store.Store;
import io.flota.store.StoreException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What clients of a machine's fleet API see between the death of the leading scheduler and the next leader.
class FleetGatewayFailoverTest {
    private static final Duration HOPELESS = Duration.ofSeconds(60);

    @TempDir
    private Path folder;

    private final TestCluster cluster = new TestCluster();
    private final Store store = cluster.store();

    private Optional<Process> started = Optional.empty();

    @AfterEach
    void close() {
        started.ifPresent(Process::destroyForcibly);
        cluster.close();
    }

    /// Leads as long as nobody notices that it is dead, which is a minute.
    private Process leader() throws Exception {
        var java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        var builder = new ProcessBuilder(
                        java, "-XX:+UseSerialGC", "-cp", System.getProperty("java.class.path"),
                        "io.flota.scheduler.SchedulerMain", "--config", "/dev/null", "--id", "mortal", "--leader-ttl",
                        "60s",
                        "--etcd-endpoints", cluster.etcd().endpoint().toString(), "--listen", "127.0.0.1:0",
                        "--listen-grpc", "127.0.0.1:0", "--fleet-listen", "127.0.0.1:0")
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("log").toFile());
        builder.environment().keySet().removeIf(name -> name.startsWith("FLOTA_") || name.startsWith("FLEET_"));
        var process = builder.start();
        started = Optional.of(process);
        await().atMost(HOPELESS).ignoreException(StoreException.class)
                .until(() -> !store.read(KEYS.leader()).entries().isEmpty());
        return process;
    }

    @Test
    void readsAndWritesAreAnsweredByTheOtherSchedulerMeanwhile() throws Exception {
        var leader = leader();
        cluster.scheduler("other");
        await().atMost(HOPELESS).ignoreException(StoreException.class)
                .until(() -> store.read(KEYS.schedulers()).entries().size() == 2);
        var place = new Tcp("--fleet-listen", new ListenAddress("127.0.0.1", 0), Optional.empty());
        try (var gateway = FleetGateway.open(List.of(place), store, KEYS, Optional.empty());
                var client = HttpClient.newHttpClient()) {
            var units = URI.create("http://127.0.0.1:" + gateway.port().orElseThrow() + "/fleet/v1/units");
            assertThat(get(client, units).statusCode()).isEqualTo(200);

            leader.destroyForcibly().waitFor();

            assertThat(get(client, units).statusCode()).isEqualTo(200);
            var put = HttpRequest.newBuilder(URI.create(units + "/web.service"))
                    .header("Content-Type", "application/json")
                    .PUT(BodyPublishers.ofString("""
                            {"desiredState": "inactive", "options":
                                [{"section": "Service", "name": "ExecStart", "value": "/bin/true"}]}"""))
                    .build();
            assertThat(client.send(put, BodyHandlers.ofString()).statusCode()).isEqualTo(201);
            assertThat(get(client, units).body()).contains("web.service");
            assertThat(store.read(KEYS.leader()).entries()).as("the dead one's key").isNotEmpty();
        }
    }

    private static HttpResponse<String> get(HttpClient client, URI units) throws Exception {
        return client.send(HttpRequest.newBuilder(units).build(), BodyHandlers.ofString());
    }
}
