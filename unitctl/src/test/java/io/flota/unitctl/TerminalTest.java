package io.flota.unitctl;

import static org.assertj.core.api.Assertions.assertThat;

import io.flota.unitctl.command.Surroundings;
import io.flota.unitctl.model.ModelScheduler;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What a human at a terminal sees more than a script does.
class TerminalTest {
    private static final String ERASE = "\r\u001b[K";

    @TempDir
    private Path directory;

    private ModelScheduler scheduler;
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @BeforeEach
    void begin() throws IOException {
        scheduler = new ModelScheduler();
        Files.writeString(directory.resolve("web@.service"), "[Service]\nExecStart=/bin/web\n");
    }

    @AfterEach
    void end() throws IOException {
        scheduler.close();
    }

    @Test
    void statesAreColouredUnlessThatIsForbidden() {
        scheduler.tell("fails web@1.service exit status 1");
        run(Map.of("TERM", "xterm"), "start", "--no-block", "web@1");
        out.reset();

        run(Map.of("TERM", "xterm"), "list-units", "--fields", "active");
        run(Map.of("TERM", "xterm", "NO_COLOR", "1"), "list-units", "--fields", "active");
        run(Map.of("TERM", "dumb"), "list-units", "--fields", "active");

        assertThat(out.toString(StandardCharsets.UTF_8))
                .isEqualTo("ACTIVE\n\u001b[1;31mfailed\u001b[0m\nACTIVE\nfailed\nACTIVE\nfailed\n");
    }

    @Test
    void aLineOfProgressIsThereWhileUnitsAreAwaitedAndGoneAfterwards() {
        run(Map.of("TERM", "xterm", "COLUMNS", "60"), "start", "web@1", "web@2");

        assertThat(err.toString(StandardCharsets.UTF_8))
                .contains(ERASE + "waiting for 2 of 2: web@1.service ")
                .endsWith(ERASE);
        assertThat(err.toString(StandardCharsets.UTF_8).split("\r\u001b\\[K")).allMatch(line -> line.length() < 60);
        assertThat(out.toString(StandardCharsets.UTF_8).lines())
                .containsExactlyInAnyOrder(
                        "Unit web@1.service launched on 85c0c595.../172.17.8.101",
                        "Unit web@2.service launched on 9d1f2b3c.../172.17.8.102");
    }

    private void run(Map<String, String> environment, String... words) {
        var all = new HashMap<>(environment);
        all.put("UNITCTL_ENDPOINT", scheduler.endpoint());
        all.put("UNITCTL_CONFIG", "/dev/null");
        var surroundings = new Surroundings(
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                all,
                directory,
                InstantSource.system(),
                () -> ZoneOffset.UTC,
                true,
                true);
        assertThat(Unitctl.run(surroundings, words)).as(err.toString(StandardCharsets.UTF_8)).isZero();
    }
}
