package io.flota.examples.nodes;

import static io.flota.examples.nodes.TestNodes.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.flota.examples.Api;
import io.flota.examples.Unitctl;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/// Three nodes, with nothing on them before and after each test.
@RealNodes
abstract class OnNodes {
    /// Its place among the classes of tests: those that want these nodes come one after the other, and share them.
    static final int ORDER = 2;

    static final String WATCHED = "node-1";
    static final String VICTIM = "node-3";

    @RegisterExtension
    static final TestNodes NODES = TestNodes.with("--ttl", "5s");

    @TempDir
    Path folder;

    Api api;

    /// A unit whose process notes its pid at each start, in a file that does not outlive its machine.
    @BeforeEach
    void aUnit() throws IOException {
        api = TestNodes.api(WATCHED);
        file("steady@.service", """
                [Service]
                ExecStart=/bin/sh -c 'echo $$$$ >> /run/starts-%n; exec sleep infinity'
                """);
        eventually(() -> assertThat(api.hosts()).hasSize(3));
    }

    @AfterEach
    void asBefore() {
        try {
            TestNodes.mend();
            var units = api.units().keySet();
            unitctl(Stream.concat(Stream.of("destroy"), units.stream()).toArray(String[]::new));
            TestNodes.names().forEach(node -> TestNodes.on(node, "rm -f /run/starts-*"));
        } finally {
            api.close();
        }
    }

    void file(String name, String text) throws IOException {
        Files.writeString(folder.resolve(name), text);
    }

    /// From one number to another, and waits until all are active.
    void start(String template, int from, int to) {
        unitctl(Stream.concat(Stream.of("start"), IntStream.rangeClosed(from, to).mapToObj(i -> template + i))
                        .toArray(String[]::new))
                .ok();
    }

    Unitctl.Result unitctl(String... arguments) {
        return TestNodes.unitctl(folder).run(arguments);
    }

    /// The units that run on a node, each with the pids of all its starts: seen from there, whatever the cluster says.
    static Map<String, String> running(String node) {
        var running = new TreeMap<String, String>();
        TestNodes.on(node, """
                cd /run
                for file in starts-*; do
                    test -e "$file" || continue
                    kill -0 "$(tail -n 1 "$file")" 2> /dev/null && echo "$file" $(cat "$file")
                done
                true
                """).lines().map(line -> line.split(" ", 2)).forEach(words -> running.put(words[0], words[1]));
        return running;
    }

    /// How long agents may be away until their machines count as lost. Tests that have them start anew make it long:
    /// they have to be back in time, however busy this machine is.
    static void ttl(String node, String ttl) {
        TestNodes.on(node, "sed -i 's/^ttl = .*/ttl = \"" + ttl + "\"/' /etc/flota/agent.toml && systemctl restart flota-agent");
    }
}
