package io.flota.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Every command line of fleetctl, run by unitctl on a real cluster, its words as they are. What comes of it is the
/// table in `unitctl/FLEET.md`; `-Dfleetctl.rewrite=true` writes that anew.
class FleetctlLinesIT {
    private static final Path TABLE = Path.of("../unitctl/FLEET.md");
    private static final String BEGIN = "<!-- the table begins: FleetctlLinesIT writes it -->\n";
    private static final String END = "<!-- the table ends -->\n";

    @RegisterExtension
    final LocalCluster cluster = LocalCluster.with("--machines", "2");

    /// Runs one of the lines.
    private interface Program {
        Unitctl.Result run(FleetctlLine line);
    }

    @Test
    void unitctlTakesEachLineAndTheTableSaysWhatItDoes() throws IOException {
        var rows = new StringBuilder();
        var unlike = new SoftAssertions();

        play(
                line -> new Unitctl(cluster.folder(), environment(line)).run(words(line)),
                (line, result) -> {
                    String out = FleetctlLine.plain(result.out());
                    unlike.assertThat(line.isAsNoted(result.exitCode(), out))
                            .as("%s; fleetctl: %s", result, line)
                            .isTrue();
                    rows.append(line.row(result.exitCode(), out)).append('\n');
                },
                title -> rows.append("\n### ").append(title)
                        .append("\n\n| line | exit status | standard output | beside fleetctl |\n|---|---|---|---|\n"));

        unlike.assertAll();
        compare(rows.toString());
    }

    /// A script as operators of fleet have it.
    @Test
    void aScriptThatWasWrittenForFleetctlRunsUnchanged() throws Exception {
        Units.write(cluster.folder(), "web@.service");
        Files.createSymbolicLink(cluster.folder().resolve("fleetctl"), Unitctl.home().resolve("bin/unitctl"));
        Units.text(cluster.folder(), "deploy.sh", """
                set -eu
                fleetctl submit web@.service
                fleetctl start web@1.service web@2.service | grep -c 'launched on [0-9a-f]*\\.\\.\\./[0-9.]*$' | grep -qx 2
                test "$(fleetctl list-units --no-legend --fields=unit,sub | awk '$2 == "running"' | wc -l)" = 2
                fleetctl list-machines --full --no-legend --fields=machine | grep -qE '^[0-9a-f]{32}$'
                fleetctl status web@1.service | grep -q 'Active: active'
                fleetctl stop web@1.service | grep -q 'Unit web@1.service loaded on'
                fleetctl stop web@1.service web@2.service 2>&1 | grep -q 'Successfully stopped units'
                fleetctl unload web@1.service | grep -qx 'Unit web@1.service inactive'
                fleetctl destroy web@1.service | grep -qx 'Destroyed web@1.service'
                if fleetctl cat web@1.service; then exit 1; fi
                echo deployed
                """);

        var script = new ProcessBuilder("sh", "deploy.sh").directory(cluster.folder().toFile());
        script.redirectError(ProcessBuilder.Redirect.INHERIT).environment().put("FLEETCTL_ENDPOINT", url());
        script.environment().merge("PATH", cluster.folder().toString(), (path, folder) -> folder + ":" + path);
        var process = script.start();
        try {
            var out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

            assertThat(process.waitFor()).as(out).isZero();
            assertThat(out).endsWith("deployed\n");
        } finally {
            process.destroyForcibly();
        }
    }

    /// The one of fleet.
    static boolean isFleetctlInstalled() {
        return fleetctl().isPresent();
    }

    private static Optional<Path> fleetctl() {
        return Stream.of(System.getenv("PATH").split(":"))
                .map(folder -> Path.of(folder, "fleetctl"))
                .filter(Files::isExecutable)
                .findFirst()
                .filter(FleetctlLinesIT::isFleets);
    }

    /// Not so a link to unitctl under this name.
    private static boolean isFleets(Path program) {
        try {
            var out = Files.createTempFile("fleetctl", ".out");
            try {
                var process = new ProcessBuilder(program.toString(), "version")
                        .redirectOutput(out.toFile())
                        .redirectError(ProcessBuilder.Redirect.DISCARD)
                        .start();
                boolean hasEnded = process.waitFor(60, TimeUnit.SECONDS);
                process.destroyForcibly();
                return hasEnded && Files.readString(out).startsWith("fleetctl version ");
            } finally {
                Files.delete(out);
            }
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new AssertionError(interrupted);
        }
    }

    /// Nothing installs it; where it is, what is written down of it is checked.
    @Test
    @EnabledIf("isFleetctlInstalled")
    void fleetctlDoesWhatIsWrittenDownOfIt() throws IOException {
        var program = fleetctl();
        var unlike = new SoftAssertions();

        play(
                line -> fleetctl(program.orElseThrow(), line),
                (line, result) -> unlike.assertThat(line.isLike(result.exitCode(), FleetctlLine.plain(result.out())))
                        .as("fleetctl does what is written down: %s", result)
                        .isTrue(),
                _ -> {});

        unlike.assertAll();
    }

    private interface Audience {
        void hear(FleetctlLine line, Unitctl.Result result);
    }

    private void play(Program program, Audience audience, Consumer<String> titles) throws IOException {
        prepare();
        for (String line : script()) {
            if (line.startsWith("= ")) {
                titles.accept(line.substring(2));
            } else if (line.startsWith("; ")) {
                edit(line.substring(2));
            } else {
                var parsed = FleetctlLine.parse(line);
                audience.hear(parsed, program.run(parsed));
            }
        }
    }

    private static List<String> script() throws IOException {
        try (var in = FleetctlLinesIT.class.getResourceAsStream("fleetctl.txt")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.isBlank() && !line.startsWith("#"))
                    .toList();
        }
    }

    private void prepare() throws IOException {
        var folder = cluster.folder();
        Units.write(folder, "hello.service");
        Units.write(folder, "web@.service");
        Units.write(folder, "logs.service", "Global=true");
        Units.write(folder, "nowhere.service", "MachineMetadata=rack=none");
        Units.text(folder, "broken.service", "[Service\nExecStart=/bin/true\n");
        Units.text(folder, "once.service", "[Service]\nType=oneshot\nExecStart=/bin/true\n");
        Units.text(folder, "slow.service", "[Service]\nExecStartPre=/bin/sleep 3\nExecStart=/bin/sleep infinity\n");
        Units.text(folder, "talk.service", "[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart=/bin/echo hello from talk\n");
        Files.createDirectories(folder.resolve("units"));
        Units.text(folder, "units/other.service", "# a comment\n[Service]\nExecStart=/bin/sleep infinity\n");
    }

    /// `sed -i s/A/B/ FILE`
    private void edit(String command) throws IOException {
        String[] words = command.split(" ");
        String[] parts = words[2].split("/");
        Path file = cluster.folder().resolve(words[3]);
        Files.writeString(file, Files.readString(file).replace(parts[1], parts[2]));
    }

    private String url() {
        return "http://" + cluster.ipOf("scheduler-1") + ":49153";
    }

    private String real(String word) {
        return word.replace("http://10.0.0.1:49153", url());
    }

    private String[] words(FleetctlLine line) {
        return line.words().stream().map(this::real).toArray(String[]::new);
    }

    private Map<String, String> environment(FleetctlLine line) {
        var environment = new TreeMap<String, String>();
        environment.put("FLEETCTL_ENDPOINT", url());
        line.environment().forEach((name, value) -> environment.put(name, real(value)));
        return environment;
    }

    private Unitctl.Result fleetctl(Path program, FleetctlLine line) {
        try {
            var out = Files.createTempFile(cluster.folder(), "fleetctl", ".out");
            var command = new ArrayList<>(List.of(program.toString()));
            command.addAll(List.of(words(line)));
            var builder = new ProcessBuilder(command).directory(cluster.folder().toFile()).redirectOutput(out.toFile());
            builder.redirectError(ProcessBuilder.Redirect.INHERIT).environment().putAll(environment(line));
            var process = builder.start();
            if (!process.waitFor(60, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
            return new Unitctl.Result("fleetctl " + line.text(), process.waitFor(), Files.readString(out), "");
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new AssertionError(interrupted);
        }
    }

    private static void compare(String rows) throws IOException {
        String page = Files.readString(TABLE);
        int begin = page.indexOf(BEGIN) + BEGIN.length();
        int end = page.indexOf(END);
        if (Boolean.getBoolean("fleetctl.rewrite")) {
            Files.writeString(TABLE, page.substring(0, begin) + rows + "\n" + page.substring(end));
        } else {
            assertThat(page.substring(begin, end)).isEqualTo(rows + "\n");
        }
    }
}
