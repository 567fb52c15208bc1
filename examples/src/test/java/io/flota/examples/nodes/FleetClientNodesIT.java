package io.flota.examples.nodes;

import static io.flota.examples.nodes.TestNodes.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// What fleet's functional tests assert of the commands of its client.
class FleetClientNodesIT extends OnFlotads {
    private static final String HELLO = """
            [Unit]
            Description=Test Unit

            [Service]
            ExecStart=/bin/bash -c "while true; do echo Hello, World!; sleep 1; done"
            """;

    /// TestUnitSubmit, TestUnitLoad and TestUnitStart, TestUnitSubmitReplace, TestUnitLoadReplace and
    /// TestUnitStartReplace, TestListUnitFilesOrder
    @Test
    void listsFollowEachCommandAndChangedFilesReplaceThoseThatAreRegistered() throws IOException {
        twice("submit", "destroy", 20, this::unitFiles);
        assertThat(unitFiles()).isSorted();
        replace("submit", 20, this::unitFiles);
        twice("load", "unload", 6, () -> units("loaded\\s+inactive"));
        replace("load", 6, () -> units("loaded\\s+inactive"));
        twice("start", "stop", 3, () -> units("loaded\\s+active"));
        replace("start", 3, () -> units("loaded\\s+active"));
    }

    private void twice(String verb, String opposite, int count, Supplier<List<String>> list) throws IOException {
        file("hello@.service", HELLO);
        lines(words(verb, count));
        assertThat(list.get()).hasSize(count);
        lines(words(opposite, count));
        assertThat(list.get()).isEmpty();
        lines(words(verb, count));
        assertThat(list.get()).hasSize(count);
    }

    /// Those that are there are of the old file.
    private void replace(String verb, int count, Supplier<List<String>> list) throws IOException {
        var changed = HELLO.replace("World", verb);
        file("hello@.service", changed);
        lines(verb, "--replace", "hello@1");
        assertThat(fleetctl("cat", "hello@1").ok()).isEqualTo(changed);
        assertThat(fleetctl("cat", "hello@" + count).ok()).isEqualTo(HELLO);
        var others = words(verb, count);
        others[1] = "--replace"; // instead of the first
        lines(others);
        assertThat(fleetctl("cat", "hello@" + count).ok()).isEqualTo(changed);
        assertThat(list.get()).hasSize(count);

        lines(words("destroy", count));
        assertThat(unitFiles()).isEmpty();
        eventually(() -> assertThat(units(".*")).isEmpty());
    }

    /// TestUnitRunnable, TestUnitCat, TestUnitStatus, TestUnitSSHActions but for its ssh, TestUnitRestart
    @Test
    void aUnitIsLoadedRunsIsShownRestartedAndStopped() throws IOException {
        file("hello.service", HELLO);
        lines("submit", "hello.service");
        assertThat(fleetctl("cat", "hello.service").ok()).isEqualTo(Files.readString(folder.resolve("hello.service")));
        lines("load", "hello.service");
        assertThat(fleetctl("status", "hello.service").out()).contains("Loaded: loaded");
        lines("start", "hello.service");
        assertThat(active()).containsOnlyKeys("hello.service");
        assertThat(lines("status", "hello.service")).anyMatch(line -> line.contains("Active: active"));
        eventually(() -> assertThat(lines("journal", "--sudo", "hello.service"))
                .anyMatch(line -> line.endsWith("Hello, World!")));
        lines("destroy", "hello.service");

        file("hello@.service", HELLO);
        lines(words("start", 3));
        var first = pids();
        lines(words("restart", 3));
        assertThat(active()).hasSize(3);
        assertThat(pids()).isNotEqualTo(first).allSatisfy((node, units) -> assertThat(units)
                .containsOnlyKeys(first.get(node).keySet())
                .doesNotContainValue(first.get(node).values().iterator().next()));
        lines(words("stop", 3));
        assertThat(active()).isEmpty();
        lines(words("restart", 3));
        assertThat(active()).hasSize(3);
        lines(words("stop", 3));
        assertThat(active()).isEmpty();
    }

    /// TestInstallUnit
    @Test
    void aUnitThatAnotherOneWantsStartsAndStopsWithIt() throws IOException {
        file("hello.service", HELLO);
        file("discovery.service", """
                [Unit]
                BindsTo=hello.service

                [Service]
                ExecStart=/bin/sleep infinity

                [Install]
                WantedBy=hello.service

                [X-Fleet]
                MachineOf=hello.service
                """);

        lines("load", "hello.service", "discovery.service");
        assertThat(units("loaded\\s+inactive")).hasSize(2);
        lines("start", "hello.service");
        eventually(() -> assertThat(active()).containsOnlyKeys("discovery.service", "hello.service"));
        lines("stop", "hello.service");
        eventually(() -> assertThat(units("loaded\\s+inactive")).hasSize(2));
    }

    /// TestReplaceSerialization, where the unit stays on its machine and where the new file moves it.
    @Test
    void whatComesBeforeTheNewStartIsOnlyDoneAfterTheOldOnesEnd() throws IOException {
        serial("old", 2);
        lines("start", "serial.service");
        serial("new", 2);
        lines("start", "--replace", "serial.service");
        serial("moved", 3);
        lines("start", "--replace", "serial.service");

        var said = Stream.of("node-2", "node-3")
                .flatMap(node -> TestNodes.on(node, "cat /run/said-serial").lines())
                .sorted()
                .map(line -> line.split(" ", 2)[1]);
        assertThat(said).containsExactly("pre old", "post old", "pre new", "post new", "pre moved");
    }

    private void serial(String name, int node) throws IOException {
        file("serial.service", """
                [Service]
                ExecStartPre=/bin/sh -c 'echo $$(date +%%%%s%%%%N) pre %1$s >> /run/said-serial'
                ExecStart=/bin/sleep infinity
                ExecStopPost=/bin/sh -c 'sleep 1; echo $$(date +%%%%s%%%%N) post %1$s >> /run/said-serial'

                [X-Fleet]
                MachineMetadata=node=%2$d
                """.formatted(name, node));
    }

    private static String[] words(String verb, int count) {
        return Stream.concat(Stream.of(verb), IntStream.rangeClosed(1, count).mapToObj(i -> "hello@" + i))
                .toArray(String[]::new);
    }

    private List<String> unitFiles() {
        return lines("list-unit-files", "--no-legend", "--fields", "unit");
    }

    /// @param state as a regular expression
    private List<String> units(String state) {
        return lines("list-units", "--no-legend", "--full", "--fields", "unit,load,active").stream()
                .filter(line -> line.matches("\\S+\\s+" + state + "\\s*"))
                .toList();
    }
}
