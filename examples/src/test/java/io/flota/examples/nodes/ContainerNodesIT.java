package io.flota.examples.nodes;

import static org.assertj.core.api.Assertions.assertThat;

import io.flota.examples.Api;
import io.flota.examples.Tmux;
import io.flota.examples.Unitctl;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/// Units with a `[Container]` section, on nodes with systemd and a Docker engine each.
@RealNodes
class ContainerNodesIT {
    private static final List<String> UNITS =
            IntStream.rangeClosed(81, 92).mapToObj(i -> "apache@" + i).toList();

    @RegisterExtension
    static final TestNodes NODES = TestNodes.with("--docker", "--ttl", "15s");

    private static final Unitctl UNITCTL = TestNodes.unitctl(Path.of("containers").toAbsolutePath());
    /// Somebody else's container, which had the name of a unit's before.
    private static final String FOREIGN =
            "docker run --rm --name flota-apache_81 --log-driver journald coreos/apache echo foreign";

    /// What `docker inspect` tells apart: the container, and its first process.
    private record Running(String id, String pid) {}

    @AfterEach
    void asBefore() {
        TestNodes.mend();
        TestNodes.on("node-2", "sed -i 's/ \"live-restore\": true,//' /etc/docker/daemon.json && systemctl reload docker");
        UNITCTL.run(Stream.concat(Stream.of("destroy"), UNITS.stream()).toArray(String[]::new));
        DockerNodesIT.removeImages();
    }

    @Test
    void containersOutliveAgentsAndComeBackFromAllElse(@TempDir Path folder) throws Exception {
        try (var api = TestNodes.api("node-1")) {
            TestNodes.eventually(() -> assertThat(api.hosts()).hasSize(3));
            TestNodes.names().forEach(name -> TestNodes.on(name, FOREIGN));
            unitctl(Stream.concat(Stream.of("start"), UNITS.stream()));
            TestNodes.eventually(() -> assertThat(answering(api)).isEqualTo(UNITS));
            assertThat(TestNodes.names()).allSatisfy(name -> assertThat(running(name)).hasSize(4));
            assertThat(unitctl(Stream.of("list-units", "--no-legend", "--fields", "health")).lines())
                    .hasSize(UNITS.size()).containsOnly("healthy");

            statusShowsWhatRunsInside();
            theJournalIsThatOfItsOwnContainers();
            commandsRunInsideContainers();
            aTerminalInsideIsTheContainers(folder);
            topShowsWhatTheyTakeAndWhatGoesOverTheirNetworks();
            onlyTheKilledOneIsAnother("node-1");
            aKilledAgentChangesNothing();
            aRestartedDockerChangesNothingIfItRestoresWhatLives();
            onlyTheKilledOneIsAnother("node-2");
            aRestartedDockerHasThemAllAgain(api);

            journalsAreFollowedWhileANodeDies(folder);
            TestNodes.eventually(() -> assertThat(answering(api)).isEqualTo(UNITS));
            assertThat(Stream.of("node-1", "node-2").flatMap(name -> running(name).keySet().stream()))
                    .hasSize(UNITS.size());

            unitctl(Stream.concat(Stream.of("destroy"), UNITS.stream()));
            TestNodes.eventually(() -> assertThat(Stream.of("node-1", "node-2"))
                    .allSatisfy(name -> assertThat(TestNodes.on(name, "docker ps --all --quiet")).isBlank()));
        }
    }

    /// The container's processes and what they take, not those of the service that waits for it; its health check may just run.
    private static void statusShowsWhatRunsInside() {
        var status = unitctl(Stream.of("status", "apache@81"));

        assertThat(status).containsPattern("Memory: [1-9][0-9.]*[KM] \\(max: 128\\.0M\\)").contains("Tasks: ", "CPU: ");
        assertThat(status.lines().filter(line -> line.matches(" *[├└]─[0-9]+ .*")))
                .anySatisfy(line -> assertThat(line).contains("/usr/sbin/apache2 -D FOREGROUND"))
                .noneSatisfy(line -> assertThat(line).contains("apache@81"));
    }

    private static void theJournalIsThatOfItsOwnContainers() {
        TestNodes.eventually(() -> assertThat(unitctl(Stream.of("journal", "--lines", "all", "apache@81")))
                .contains("ServerName") // what Apache complains of as it starts
                .doesNotContain("foreign"));
    }

    private static void commandsRunInsideContainers() {
        var inside = UNITCTL.run("exec", "apache@81", "--", "sh", "-c", "echo $FLOTA_UNIT; cat /var/www/index.html; echo pid $$; exit 3");

        assertThat(inside.exitCode()).isEqualTo(3);
        assertThat(inside.out()).contains("apache@81.service", "It works");
        assertThat(unitctl(Stream.of("exec", "apache@81", "--", "sh", "-c", "kill -0 1 && cat /proc/1/comm")))
                .contains("apache2"); // the first process is the container's
    }

    private static void aTerminalInsideIsTheContainers(Path folder) throws Exception {
        try (var terminal = new Tmux(folder, UNITCTL.environment())) {
            terminal.type("unitctl exec -it apache@82 -- sh; echo code $?");
            terminal.type("echo in $FLOTA_UNIT; stty size; tty");
            terminal.untilShown("in apache@82\\.service\n24 80\n/dev/pts/\\d+\n");
            terminal.resize(101, 33);
            TestNodes.eventually(() -> {
                terminal.type("stty size");
                assertThat(terminal.shows("\n33 101\n")).isTrue();
            });
            terminal.type("sleep 1000 & jobs");
            terminal.untilShown("Running +sleep 1000");
            terminal.type("kill %1; fg");
            terminal.type("exit 42");
            terminal.untilShown("code 42\n");
            assertThat(terminal.shows("job control|Cannot set|cannot set")).isFalse();

            terminal.type("unitctl top 'apache@*'");
            terminal.untilShown("12 on 3 machines(.*\n)+apache@9\\d\\.service .*%");
            terminal.press("q");
            terminal.untilShown("unitctl top 'apache@\\*'\nbash.*\n");
            terminal.type("unitctl exec -it apache@82 -- sh -c 'echo h''ere; trap : HUP; sleep 4242; sleep 4242'");
            terminal.untilShown("here\n");
        }
        // With the terminal all is gone that was begun there, whatever it thinks of signals.
        TestNodes.eventually(() -> assertThat(TestNodes.names()).allSatisfy(name ->
                assertThat(TestNodes.on(name, "pgrep -f '[s]leep 4242' || echo none")).isEqualTo("none\n")));
    }

    private static void topShowsWhatTheyTakeAndWhatGoesOverTheirNetworks() {
        var usage = unitctl(Stream.of(
                "top", "--no-legend", "--fields", "unit,memory,net-in,net-in-all,tasks", "--sort", "unit", "apache@*"));

        assertThat(usage.lines()).hasSize(UNITS.size()).allSatisfy(line -> assertThat(line)
                .matches("apache@\\d+\\.service\t+[0-9.]+[KM]\t+[0-9.]+[BK]/s\t+[0-9.]+[BK]\t+\\d+"));
    }

    private static void journalsAreFollowedWhileANodeDies(Path folder) throws Exception {
        var out = Files.createFile(folder.resolve("journal.out"));
        var err = Files.createFile(folder.resolve("journal.err"));
        var theirs = running("node-3").keySet();
        var journal = UNITCTL.start(out, err, "journal", "-f", "-n", "2", "apache@*");
        try {
            TestNodes.eventually(() -> assertThat(Files.readString(out)).contains("apache@81", "apache@92"));
            var before = Files.readAllLines(out).size();

            TestNodes.run("kill", "node-3");

            TestNodes.eventually(() -> {
                assertThat(Files.readString(err)).contains("its units are followed where they run next");
                var after = Files.readAllLines(out);
                assertThat(after.subList(before, after.size()))
                        .filteredOn(line -> line.contains("Started "))
                        .hasSizeGreaterThanOrEqualTo(theirs.size());
            });
            assertThat(journal.isAlive()).isTrue();
        } finally {
            journal.destroy();
            journal.waitFor();
        }
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
        long registrations = registrations("node-2");

        TestNodes.on("node-2", "kill -9 $(systemctl show -P MainPID flota-agent)");

        TestNodes.eventually(() -> assertThat(registrations("node-2")).isEqualTo(registrations + 1));
        assertThat(running("node-2")).isEqualTo(before);
    }

    private static long registrations(String node) {
        return TestNodes.on(node, "journalctl --no-pager -u flota-agent").lines()
                .filter(line -> line.contains(" registered machine="))
                .count();
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
        return UNITCTL.run(arguments.toArray(String[]::new)).ok();
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
