package io.flota.unitctl;

import static org.assertj.core.api.Assertions.assertThat;

import io.flota.unitctl.command.Surroundings;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RehearsalTest {
    @Test
    void allCommandsOfTheRehearsalSucceedAndNothingIsSaid() {
        var said = new ByteArrayOutputStream();
        var stream = new PrintStream(said, true, StandardCharsets.UTF_8);
        var surroundings = new Surroundings(
                stream, stream, Map.of(), Path.of(""), InstantSource.system(), () -> ZoneOffset.UTC, false, false);

        int status = Unitctl.run(surroundings, "train");

        assertThat(said.toString(StandardCharsets.UTF_8)).isEmpty();
        assertThat(status).isZero();
    }
}
