package io.flota.examples.nodes;

import static io.flota.examples.nodes.TestNodes.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.flota.examples.Api;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/// This build beside a former one, in one cluster. Only where somebody has the packages of a former one:
/// `-Dflota.former=FOLDER`, with what `./mvnw package` left in its `target`.
@EnabledIfSystemProperty(named = "flota.former", matches = ".+", disabledReason = "needs packages of a former build")
@RealNodes
class MixedVersionsIT {
    private static final String FORMER = "node-3";

    @RegisterExtension
    static final TestNodes NODES = TestNodes.with("--ttl", "30s");

    @TempDir
    Path folder;

    @Test
    void oldAndNewAgentsAndSchedulersWorkTogetherWhoeverLeads() throws IOException {
        Files.writeString(folder.resolve("steady@.service"), "[Service]\nExecStart=/bin/sleep infinity\n");
        install(Path.of(System.getProperty("flota.former")));
        try (var api = TestNodes.api("node-1")) {
            eventually(() -> assertThat(api.hosts()).hasSize(3));
            var machine = machine(api);

            leads("node-1");
            unitctl("start", 1, 6);
            eventually(() -> assertThat(pids(api, 1, 6)).hasSize(6));
            var pids = pids(api, 1, 6);
            leads(FORMER);
            unitctl("start", 7, 9);
            unitctl("stop", 7, 9);
            unitctl("start", 7, 9);
            assertThat(TestNodes.unitctl(folder).run("cordon", machine).exitCode()).isZero();
            unitctl("start", 10, 12);
            leads("node-2");
            assertThat(TestNodes.unitctl(folder).run("uncordon", machine).exitCode()).isZero();
            unitctl("start", 13, 15);

            eventually(() -> assertThat(api.active()).hasSize(15));
            assertThat(pids(api, 1, 6)).isEqualTo(pids);
            assertThat(api.active().values().stream().map(Api.Active::machine).distinct()).hasSize(3);
            // And an upgrade of the last one: no unit restarts for it.
            var all = pids(api, 1, 15);
            TestNodes.on(FORMER, "dpkg --force-confold -i /root/packages/*.deb");
            eventually(() -> assertThat(api.hosts()).hasSize(3));
            unitctl("start", 16, 18);
            eventually(() -> assertThat(api.active()).hasSize(18));
            assertThat(pids(api, 1, 15)).isEqualTo(all);
        }
    }

    private static void install(Path packages) throws IOException {
        var there = Files.createDirectory(TestNodes.home().resolve(FORMER + "/root/root/former"));
        for (var name : new String[] {"flota-common", "flota-agent", "flota-scheduler", "unitctl"}) {
            Files.copy(packages.resolve(name + ".deb"), there.resolve(name + ".deb"));
        }
        TestNodes.on(FORMER, "dpkg --force-confold -i /root/former/*.deb");
    }

    /// Only its scheduler runs for a moment, so that it leads from now on.
    private static void leads(String node) {
        TestNodes.names().stream()
                .filter(other -> !other.equals(node))
                .forEach(other -> TestNodes.on(other, "systemctl stop flota-scheduler"));
        eventually(() -> assertThat(TestNodes.on(node, "unitctl list-machines --no-legend && journalctl -u flota-scheduler"))
                .contains("leads id=" + node));
        TestNodes.names().forEach(other -> TestNodes.on(other, "systemctl start flota-scheduler"));
    }

    private static String machine(Api api) {
        return api.hosts().entrySet().stream()
                .filter(host -> host.getValue().equals(FORMER))
                .map(Map.Entry::getKey)
                .collect(Collectors.joining());
    }

    private static Map<String, Long> pids(Api api, int from, int to) {
        var names = IntStream.rangeClosed(from, to).mapToObj(i -> "steady@" + i + ".service").toList();
        var pids = new TreeMap<String, Long>();
        api.active().forEach((unit, there) -> {
            if (names.contains(unit)) {
                pids.put(unit, there.pid());
            }
        });
        return pids;
    }

    private void unitctl(String verb, int from, int to) {
        TestNodes.unitctl(folder)
                .run(Stream.concat(Stream.of(verb), IntStream.rangeClosed(from, to).mapToObj(i -> "steady@" + i))
                        .toArray(String[]::new))
                .ok();
    }
}
