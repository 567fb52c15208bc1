package io.flota.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Many units, watched from one terminal.
class WatchingIT {
    private static final int UNITS = 12;
    private static final String VICTIM = "machine-2";
    private static final long END_SECONDS = 30;
    private static final Pattern LINE = Pattern.compile(
            "\\{.*\"machine\":\"([0-9a-f]{32})\",\"unit\":\"(chat@\\d+\\.service)\",\"process\":\".*\","
                    + "\"text\":\"life (\\d+) line (\\d+)\",.*}");

    @RegisterExtension
    static final LocalCluster CLUSTER = LocalCluster.with("--machines", "3");

    private final String[] units = Units.instances("chat", UNITS);
    private Api api;

    @BeforeEach
    void start() {
        api = new Api(CLUSTER.endpoint());
        Units.text(CLUSTER.folder(), "chat@.service", """
                [Service]
                ExecStart=/bin/sh -c 'i=0; while sleep 0.2; do i=$$((i+1)); echo life $$$$ line $$i; done'
                """);
        CLUSTER.unitctl(Units.arguments("start", units)).ok();
    }

    @AfterEach
    void destroyAll() {
        CLUSTER.unitctl("destroy", "*").ok();
        api.close();
    }

    private List<MatchResult> lines(Path out) throws IOException {
        return Files.readAllLines(out).stream().flatMap(line -> LINE.matcher(line).results()).toList();
    }

    @Test
    void twelveUnitsAreFollowedOnWhileTheMachineOfSomeDies() throws Exception {
        var out = Files.createFile(CLUSTER.folder().resolve("journal.out"));
        var err = Files.createFile(CLUSTER.folder().resolve("journal.err"));
        var journal = CLUSTER.unitctl().start(out, err, "journal", "-f", "-n", "3", "-o", "json", "chat@*");
        try {
            Units.eventually(() -> assertThat(lines(out)).extracting(it -> it.group(2)).contains(
                    Units.services(units).toArray(String[]::new)));
            var before = api.active();
            var dead = machineAt(CLUSTER.ipOf(VICTIM));
            CLUSTER.kill(VICTIM);

            var moved = new TreeSet<String>();
            before.forEach((unit, there) -> {
                if (there.machine().equals(dead)) {
                    moved.add(unit);
                }
            });
            assertThat(moved).isNotEmpty();
            Units.eventually(() -> assertThat(lines(out))
                    .filteredOn(it -> !it.group(1).equals(dead))
                    .extracting(it -> it.group(2))
                    .containsAll(moved));

            assertThat(journal.isAlive()).as(Files.readString(err)).isTrue();
            assertThat(Files.readAllLines(err)).singleElement().asString()
                    .startsWith("machine " + dead.substring(0, 8) + " ")
                    .endsWith(": its units are followed where they run next");
            assertNothingIsMissingOrToldTwice(lines(out));
        } finally {
            journal.destroy();
            assertThat(journal.waitFor(END_SECONDS, TimeUnit.SECONDS)).isTrue();
            CLUSTER.restart(VICTIM);
        }
    }

    private String machineAt(String ip) {
        return api.units().values().stream()
                .flatMap(unit -> unit.getMachinesList().stream())
                .filter(there -> there.getPublicIp().equals(ip))
                .findFirst()
                .orElseThrow()
                .getMachineId();
    }

    private static void assertNothingIsMissingOrToldTwice(List<MatchResult> lines) {
        var last = new HashMap<String, Integer>();
        for (var line : lines) {
            String life = line.group(2) + " " + line.group(3);
            int number = Integer.parseInt(line.group(4));
            assertThat(number).as(life).isEqualTo(last.getOrDefault(life, number - 1) + 1);
            last.put(life, number);
        }
    }

    @Test
    void topTellsOnceInAPipeAndGoesOnUntilQOnATerminal() throws Exception {
        CLUSTER.unitctl("stop", "chat@1").ok();
        var once = CLUSTER.unitctl("top", "--sort", "unit", "--no-legend", "--fields", "unit,cpu,memory,tasks", "chat@*");
        assertThat(once.lines()).hasSize(UNITS);
        assertThat(once.lines().getFirst()).startsWith("chat@1.service\t");
        assertThat(once.lines().subList(1, UNITS)).allMatch(line -> line.matches("chat@\\d+\\.service\t\\S+%\t\\S+\t+\\d"));

        var typescript = Files.createFile(CLUSTER.folder().resolve("top.out"));
        var command = "stty -g; '" + Unitctl.home().resolve("bin/unitctl") + "' top -d 300ms 'chat@*'; echo ended $?; stty -g";
        var builder = new ProcessBuilder("script", "-qfc", command, "/dev/null")
                .redirectErrorStream(true)
                .redirectOutput(typescript.toFile());
        builder.environment().put("UNITCTL_ENDPOINT", CLUSTER.endpoint());
        var terminal = builder.start();
        try (var keys = terminal.outputWriter(StandardCharsets.UTF_8)) {
            Units.eventually(() -> assertThat(List.of(Files.readString(typescript).split("(?=\u001b\\[H)")))
                    .as("pictures")
                    .hasSizeGreaterThan(3)
                    .last().asString()
                    .contains("chat@12.service", "%"));
            keys.write("q");
            keys.flush();

            assertThat(terminal.waitFor(END_SECONDS, TimeUnit.SECONDS)).isTrue();
            var said = Files.readString(typescript);
            assertThat(said).contains("\u001b[?1049h").contains("\u001b[?1049l", "ended 0");
            var words = said.strip().split("\\s+");
            assertThat(words[0]).as("the terminal's settings afterwards").isEqualTo(words[words.length - 1]);
        } finally {
            terminal.destroyForcibly();
        }
    }
}
