package io.flota.examples.nodes;

import static io.flota.examples.nodes.TestNodes.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.flota.examples.Api;
import io.flota.examples.Unitctl;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/// Three machines that were a fleetd's each, with one process of Flota's on each of them and the settings file that was
/// there, driven by fleetctl's command lines. Nothing is on them before and after each test.
@RealNodes
abstract class OnFlotads {
    static final String VICTIM = "node-3";

    @RegisterExtension
    static final TestNodes NODES = TestNodes.with("--ttl", "5s", "--flotad");

    @TempDir
    Path folder;

    Api api;

    @BeforeEach
    void connect() {
        api = TestNodes.api("node-1");
        eventually(() -> assertThat(api.hosts()).hasSize(3));
    }

    @AfterEach
    void asBefore() {
        try {
            TestNodes.mend();
            TestNodes.names().forEach(node -> TestNodes.on(node, """
                    ip rule delete pref 1 2> /dev/null || true
                    if [ -e /root/machine-id ]; then
                        systemctl stop flotad
                        cat /root/machine-id > /etc/machine-id
                        rm /root/machine-id
                    fi
                    systemctl start flotad
                    if grep -q '^on-stop' /etc/flota/agent.toml ||
                        ! grep -qx 'metadata=node=%1$s' /etc/fleet/fleet.conf; then
                        sed -i '/^on-stop/d' /etc/flota/agent.toml
                        sed -i 's/^metadata=.*/metadata=node=%1$s/' /etc/fleet/fleet.conf
                        systemctl reload flotad
                    fi
                    """.formatted(node.substring("node-".length()))));
            eventually(() -> assertThat(api.hosts()).hasSize(3));
            fleetctl("destroy", api.units().keySet());
            eventually(() -> assertThat(api.units()).isEmpty());
            TestNodes.names().forEach(node -> TestNodes.on(node, "rm -f /run/said-*")); // which the last stop wrote to
        } finally {
            api.close();
        }
    }

    void file(String name, String text) throws IOException {
        Files.writeString(folder.resolve(name), text);
    }

    /// A unit that only sleeps.
    ///
    /// @param fleetOptions lines of its `[X-Fleet]` section
    void sleeper(String name, String... fleetOptions) throws IOException {
        file(name, "[Service]\nExecStart=/bin/sleep infinity\n\n[X-Fleet]\n" + String.join("\n", fleetOptions) + "\n");
    }

    /// unitctl, where fleetctl was, told as that one where the machines are.
    Unitctl.Result fleetctl(String... words) {
        return fleetctlAt(TestNodes.names(), words);
    }

    /// The same, where one machine alone answers.
    Unitctl.Result fleetctlOf(String node, String... words) {
        return fleetctlAt(List.of(node), words);
    }

    private Unitctl.Result fleetctlAt(List<String> nodes, String... words) {
        var endpoints = nodes.stream()
                .map(node -> "http://" + TestNodes.address(node) + ":49153")
                .collect(Collectors.joining(","));
        return new Unitctl(folder, Map.of("FLEETCTL_ENDPOINT", endpoints)).run(words);
    }

    Unitctl.Result fleetctl(String verb, Iterable<String> units) {
        var words = Stream.<String>builder().add(verb);
        units.forEach(words);
        return fleetctl(words.build().toArray(String[]::new));
    }

    /// What it prints, line by line, once it has succeeded and speaks of no error.
    List<String> lines(String... words) {
        var result = fleetctl(words);
        assertThat(result.err()).as(result.call()).doesNotContain("Error");
        return result.lines();
    }

    /// Machine ids of what is active, by unit: as fleet's own tests ask for it.
    Map<String, Set<String>> active() {
        var active = new TreeMap<String, Set<String>>();
        for (String line : lines("list-units", "--no-legend", "--full", "--fields", "unit,active,machine")) {
            var columns = line.split("\\s+");
            if (columns[1].equals("active")) {
                active.computeIfAbsent(columns[0], _ -> new TreeSet<>()).add(columns[2].split("/")[0]);
            }
        }
        return active;
    }

    /// The id of the only machine on which a unit is active.
    static String only(Map<String, Set<String>> active, String unit) {
        assertThat(active.getOrDefault(unit, Set.of())).as(unit).hasSize(1);
        return active.get(unit).iterator().next();
    }

    /// Machine ids by node.
    Map<String, String> machines() {
        return lines("list-machines", "--no-legend", "--full", "--fields", "metadata,machine").stream()
                .map(line -> line.split("\\s+"))
                .collect(Collectors.toMap(
                        columns -> columns[0].replaceAll(".*\\bnode=(\\d+).*", "node-$1"),
                        columns -> columns[1],
                        (one, other) -> one + " and " + other,
                        TreeMap::new));
    }

    /// The node with a machine id.
    String nodeOf(String machine) {
        return machines().entrySet().stream()
                .filter(node -> node.getValue().equals(machine))
                .map(Map.Entry::getKey)
                .findFirst()
                .orElseThrow();
    }

    /// How the daemon of a node is, and how it ended.
    static String service(String node) {
        return TestNodes.on(node, "systemctl show -P ActiveState flotad; systemctl show -P Result flotad");
    }

    /// Has a node do at a stop what a fleetd did: stop its units, and leave the cluster.
    static void purgeAtStops(String node) {
        var clock = clock(node);
        TestNodes.on(node, "sed -i '1i on-stop = \"purge\"' /etc/flota/agent.toml && systemctl reload flotad");
        eventually(() -> assertThat(logSince(node, clock)).contains("changed=[on-stop]"));
    }

    static String clock(String node) {
        return TestNodes.on(node, "date +%s.%6N").strip();
    }

    /// What the daemon of a node has logged, also while the node had another machine id.
    static String logSince(String node, String clock) {
        return TestNodes.on(node, "journalctl --no-pager --merge -u flotad --since @" + clock);
    }

    /// The units of the cluster that run on a node, by its own systemd, with their pids.
    static Map<String, String> pids(String node) {
        var pids = new TreeMap<String, String>();
        TestNodes.on(node, """
                for file in /run/flota/units/*.service; do
                    [ -e "$file" ] || continue # there is none
                    pid=$(systemctl show -P MainPID "${file##*/}")
                    [ "${pid:-0}" = 0 ] || echo "${file##*/}" "$pid"
                done
                """).lines().map(line -> line.split(" ")).forEach(words -> pids.put(words[0], words[1]));
        return pids;
    }

    /// The same of all nodes.
    static Map<String, Map<String, String>> pids() {
        return TestNodes.names().stream().collect(Collectors.toMap(node -> node, OnFlotads::pids));
    }
}
