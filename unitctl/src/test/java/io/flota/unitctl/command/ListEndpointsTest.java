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

    private final Reader reader = new Reader();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    private CompletableFuture<Integer> follow(String endpoints) {
        var surroundings = new Surroundings(
                new PrintStream(reader, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                Map.of("UNITCTL_ENDPOINT", endpoints, "UNITCTL_CONFIG", "/dev/null"), Path.of(""),
                InstantSource.system(), () -> ZoneOffset.UTC, false, false);
        return CompletableFuture.supplyAsync(
                () -> Unitctl.run(surroundings, "list-endpoints", "-f", "--fields", "change,unit,port"));
    }

    private String read() {
        return reader.text().replaceAll("\t+", " ");
    }

    @Test
    void followedEachChangeIsToldAcrossStreamsThatEndUntilNobodyReads() throws Exception {
        try (var scheduler = new ModelScheduler()) {
            scheduler.tell("announces web web@1.service 85c0c595 8081");

            var status = follow(scheduler.endpoint());
            await().until(() -> reader.text().contains("there"));
            scheduler.tell("announces web web@2.service 9d1f2b3c 8082");
            await().until(() -> reader.text().contains("added"));
            reader.gone = true;

            await().until(status::isDone);
            assertThat(status.get()).isZero();
            assertThat(read()).isEqualTo("""
                    CHANGE UNIT PORT
                    there web@1.service 8081
                    added web@2.service 8082
                    """);
        }
    }

    @Test
    void whatASchedulerThatLagsStillBelievesIsNoChangeAndOneThatIsCutOffIsToldOnce() throws Exception {
        try (var lagging = new ModelScheduler()) {
            lagging.tell("announces web web@1.service 85c0c595 8081");
            lagging.tell("reaches 5");
            CompletableFuture<Integer> status;
            try (var current = new ModelScheduler()) {
                current.tell("announces web web@1.service 85c0c595 8081");
                current.tell("announces web web@2.service 9d1f2b3c 8082");
                current.tell("reaches 7");
                status = follow(current.endpoint() + "," + lagging.endpoint());
                await().until(() -> reader.text().contains("web@2"));
            }
            await().until(() -> lagging.calls() > 1);
            lagging.tell("announces web web@2.service 9d1f2b3c 8082");
            lagging.tell("announces web web@3.service e0ab7766 8083");
            lagging.tell("stale 1 connection refused");
            lagging.tell("reaches 8");
            await().until(() -> reader.text().contains("web@3"));
            reader.gone = true;

            await().until(status::isDone);
            assertThat(read()).isEqualTo("""
                    CHANGE UNIT PORT
                    there web@1.service 8081
                    there web@2.service 8082
                    added web@3.service 8083
                    """);
            assertThat(err.toString(StandardCharsets.UTF_8).lines())
                    .singleElement()
                    .asString()
                    .endsWith("; since then the scheduler cannot reach etcd: connection refused");
        }
    }
}
