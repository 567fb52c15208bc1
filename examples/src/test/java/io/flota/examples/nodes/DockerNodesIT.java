package io.flota.examples.nodes;

import static org.assertj.core.api.Assertions.assertThat;

import io.flota.examples.Api;
import io.flota.examples.Unitctl;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Unit files of the field that run Docker, on nodes with a Docker engine each.
@RealNodes
class DockerNodesIT {
    private static final int FIRST = 81;
    private static final int LAST = 92;

    @RegisterExtension
    static final TestNodes NODES = TestNodes.with("--docker", "--ttl", "15s");

    private static final Unitctl UNITCTL = TestNodes.unitctl(Path.of("docker").toAbsolutePath());

    @AfterEach
    void asBefore() {
        TestNodes.mend();
        try (var api = TestNodes.api("node-1")) {
            UNITCTL.run(Stream.concat(Stream.of("destroy"), api.units().keySet().stream()).toArray(String[]::new));
        }
        removeImages();
    }

    /// So that the next ones come from the registry as well.
    static void removeImages() {
        TestNodes.names().forEach(node -> {
            TestNodes.eventually(() -> assertThat(TestNodes.on(node, "docker ps --all --quiet")).isEmpty());
            TestNodes.on(node, "docker image prune --all --force");
        });
    }

    @Test
    void twelveContainersRunOnThreeNodesAndMoveWhenOneDies() {
        var units = IntStream.rangeClosed(FIRST, LAST).mapToObj(i -> "apache@" + i).toList();

        try (var api = TestNodes.api("node-1")) {
            TestNodes.eventually(() -> assertThat(api.hosts()).hasSize(3));

            UNITCTL.run(Stream.concat(Stream.of("start"), units.stream()).toArray(String[]::new)).ok();

            TestNodes.eventually(() -> assertThat(answering(api)).isEqualTo(units));
            assertThat(TestNodes.names()).allSatisfy(name -> assertThat(containers(name)).hasSize(4));

            TestNodes.run("kill", "node-3");

            TestNodes.eventually(() -> assertThat(answering(api)).isEqualTo(units));
            assertThat(Stream.of("node-1", "node-2").flatMap(name -> containers(name).stream())).hasSize(units.size());
        }
    }

    /// The units whose Apache answers where the cluster says that it runs.
    static List<String> answering(Api api) {
        var hosts = api.hosts();
        return api.active().entrySet().stream()
                .filter(unit -> hosts.containsKey(unit.getValue().machine()))
                .filter(unit -> answers(
                        hosts.get(unit.getValue().machine()), unit.getKey().replaceAll("apache@(\\d+).*", "$1")))
                .map(unit -> unit.getKey().replace(".service", ""))
                .toList();
    }

    private static boolean answers(String node, String instance) {
        var page = URI.create("http://" + TestNodes.address(node) + ":80" + instance + "/");
        try (var client = HttpClient.newHttpClient()) {
            var request = HttpRequest.newBuilder(page).timeout(Duration.ofSeconds(2)).build();
            return client.send(request, BodyHandlers.ofString()).body().contains("It works");
        } catch (IOException _) {
            return false; // not yet
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", interrupted);
        }
    }

    private static List<String> containers(String node) {
        return TestNodes.on(node, "docker ps --format '{{.Names}}'").lines().toList();
    }
}
