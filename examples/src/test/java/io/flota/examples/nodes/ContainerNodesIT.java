package io.flota.examples.nodes;

import static org.assertj.core.api.Assertions.assertThat;

import io.flota.examples.Api;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Units with a `[Container]` section, on nodes with systemd and a Docker engine each.
class ContainerNodesIT {
    private static final List<String> UNITS =
            IntStream.rangeClosed(81, 92).mapToObj(i -> "apache@" + i).toList();

    @RegisterExtension
    static final TestNodes NODES = TestNodes.with("--docker");

    /// Somebody else's container, which had the name of a unit's before.
    private static final String FOREIGN =
            "docker run --rm --name flota-apache_81 --log-driver journald coreos/apache echo foreign";

    /// What `docker inspect` tells apart: the container, and its first process.
    private record Running(String id, String pid) {}

    @AfterEach
    void mend() {
        TestNodes.mend();
    }

    @Test
    void containersOutliveAgentsAndComeBackFromAllElse() {
        TestNodes.names().forEach(name -> TestNodes.on(name, FOREIGN));
        unitctl(Stream.concat(Stream.of("start"), UNITS.stream()));
        try (var api = TestNodes.api("node-1")) {
            TestNodes.eventually(() -> assertThat(answering(api)).isEqualTo(UNITS));
            assertThat(TestNodes.names()).allSatisfy(name -> assertThat(running(name)).hasSize(4));
            assertThat(unitctl(Stream.of("list-units", "--no-legend", "--fields", "health")).lines())
                    .hasSize(UNITS.size()).containsOnly("healthy");

            statusShowsWhatRunsInside();
            theJournalIsThatOfItsOwnContainers();
            commandsRunInsideContainers();
            onlyTheKilledOneIsAnother("node-1");
            aKilledAgentChangesNothing();
            aRestartedDockerChangesNothingIfItRestoresWhatLives();
            onlyTheKilledOneIsAnother("node-2");
            aRestartedDockerHasThemAllAgain(api);

            TestNodes.run("kill", "node-3");
            TestNodes.eventually(() -> assertThat(answering(api)).isEqualTo(UNITS));
            assertThat(Stream.of("node-1", "node-2").flatMap(name -> running(name).keySet().stream()))
                    .hasSize(UNITS.size());

            unitctl(Stream.concat(Stream.of("destroy"), UNITS.stream()));
            TestNodes.eventually(() -> assertThat(Stream.of("node-1", "node-2"))
                    .allSatisfy(name -> assertThat(TestNodes.on(name, "docker ps --all --quiet")).isBlank()));
        }
    }

    /// The container's processes and what they take, not those of the service that waits for it.
    private static void statusShowsWhatRunsInside() {
        var status = unitctl(Stream.of("status", "apache@81"));

        assertThat(status).containsPattern("Memory: [1-9][0-9.]*[KM] \\(max: 128\\.0M\\)").contains("Tasks: ", "CPU: ");
        assertThat(status.lines().filter(line -> line.matches(" *[├└]─[0-9]+ .*")))
                .isNotEmpty()
                .allSatisfy(line -> assertThat(line).contains("apache2"));
    }

    private static void theJournalIsThatOfItsOwnContainers() {
        TestNodes.eventually(() -> assertThat(unitctl(Stream.of("journal", "--lines", "all", "apache@81")))
                .contains("ServerName") // what Apache complains of as it starts
                .doesNotContain("foreign"));
    }

    private static void commandsRunInsideContainers() {
        var inside = TestNodes.unitctl(Path.of("containers").toAbsolutePath())
                .run("exec", "apache@81", "--", "sh", "-c", "echo $FLOTA_UNIT; cat /var/www/index.html; echo pid $$; exit 3");

        assertThat(inside.exitCode()).isEqualTo(3);
        assertThat(inside.out()).contains("apache@81.service", "It works");
        assertThat(unitctl(Stream.of("exec", "apache@81", "--", "sh", "-c", "kill -0 1 && cat /proc/1/comm")))
                .contains("apache2"); // the first process is the container's
    }

    private static void onlyTheKilledOneIsAnother(String node) {
        var before = running(node);
        var victim = before.keySet().iterator().next();

        TestNodes.on(node, "docker kill " + victim);

        TestNodes.eventually(() -> {
            var after = running(node);
            assertThat(after.keySet()).isEqualTo(before.keySet());
            assertThat(after.get(victim).id()).isNotEqualTo(before.get(victim).id());
            before.keySet().stream().filter(name -> !name.equals(victim)).forEach(name ->
                    assertThat(after.get(name)).isEqualTo(before.get(name)));
        });
    }

    private static void aKilledAgentChangesNothing() {
        var before = running("node-2");

        TestNodes.on("node-2", "kill -9 $(systemctl show -P MainPID flota-agent)");

        TestNodes.eventually(() -> assertThat(TestNodes.on("node-2", "journalctl --no-pager -u flota-agent").lines()
                .filter(line -> line.contains(" registered machine="))).hasSize(2));
        assertThat(running("node-2")).isEqualTo(before);
    }

    private static void aRestartedDockerChangesNothingIfItRestoresWhatLives() {
        TestNodes.on("node-2", "sed -i 's/{/{ \"live-restore\": true,/' /etc/docker/daemon.json && systemctl reload docker");
        var before = running("node-2");

        TestNodes.on("node-2", "systemctl restart docker");

        TestNodes.eventually(() -> assertThat(running("node-2")).isEqualTo(before));
    }

    private static void aRestartedDockerHasThemAllAgain(Api api) {
        var before = running("node-1");

        TestNodes.on("node-1", "systemctl restart docker");

        TestNodes.eventually(() -> {
            assertThat(running("node-1").keySet()).isEqualTo(before.keySet());
            assertThat(running("node-1").values()).doesNotContainAnyElementsOf(before.values());
            assertThat(answering(api)).isEqualTo(UNITS);
        });
    }

    private static List<String> answering(Api api) {
        return DockerNodesIT.answering(api);
    }

    private static String unitctl(Stream<String> arguments) {
        return TestNodes.unitctl(Path.of("containers").toAbsolutePath()).run(arguments.toArray(String[]::new)).ok();
    }

    /// By the name of the container.
    private static Map<String, Running> running(String node) {
        var running = new TreeMap<String, Running>();
        var script = "docker ps --quiet | xargs -r docker inspect --format '{{.Name}} {{.Id}} {{.State.Pid}}'";
        TestNodes.on(node, script).lines().map(line -> line.split(" ")).forEach(words ->
                running.put(words[0].substring(1), new Running(words[1], words[2])));
        return running;
    }
}
