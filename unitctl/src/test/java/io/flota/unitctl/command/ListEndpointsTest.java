package io.flota.unitctl.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.flota.unitctl.Unitctl;
import io.flota.unitctl.model.ModelScheduler;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class ListEndpointsTest {
    /// A reader who may go.
    private static final class Reader extends OutputStream {
        private final ByteArrayOutputStream read = new ByteArrayOutputStream();
        private volatile boolean gone;

        @Override
        public synchronized void write(int b) throws IOException {
            flush();
            read.write(b);
        }

        @Override
        public void flush() throws IOException {
            if (gone) {
                throw new IOException("nobody reads");
            }
        }

        synchronized String text() {
            return read.toString(StandardCharsets.UTF_8);
        }
    }

    @Test
    void followedEachChangeIsToldAcrossStreamsThatEndUntilNobodyReads() throws Exception {
        var reader = new Reader();
        try (var scheduler = new ModelScheduler()) {
            scheduler.tell("announces web web@1.service 85c0c595 8081");
            var surroundings = new Surroundings(
                    new PrintStream(reader, true, StandardCharsets.UTF_8), System.err,
                    Map.of("UNITCTL_ENDPOINT", scheduler.endpoint(), "UNITCTL_CONFIG", "/dev/null"), Path.of(""),
                    InstantSource.system(), () -> ZoneOffset.UTC, false, false);

            var status = CompletableFuture.supplyAsync(
                    () -> Unitctl.run(surroundings, "list-endpoints", "-f", "--fields", "change,unit,port"));
            await().until(() -> reader.text().contains("there"));
            scheduler.tell("announces web web@2.service 9d1f2b3c 8082");
            await().until(() -> reader.text().contains("added"));
            reader.gone = true;

            await().until(status::isDone);
            assertThat(status.get()).isZero();
            assertThat(reader.text().replaceAll("\t+", " ")).isEqualTo("""
                    CHANGE UNIT PORT
                    there web@1.service 8081
                    added web@2.service 8082
                    """);
        }
    }
}
