package io.flota.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.awaitility.core.ThrowingRunnable;

/// Unit files of tests, and how tests wait.
final class Units {
    /// Only ends a hopeless wait.
    static final Duration LIMIT = Duration.ofSeconds(60);

    private Units() {}

    /// Writes a unit that sleeps, and notes each of its starts in `starts-<unit>` beside it.
    ///
    /// @param fleetOptions lines of its `[X-Fleet]` section
    static void write(Path folder, String name, String... fleetOptions) {
        text(folder, name, """
                [Unit]
                Description=sleeps for a test

                [Service]
                ExecStartPre=/bin/sh -c 'echo %%n >> %s/starts-%%n'
                ExecStart=/bin/sleep infinity

                [X-Fleet]
                %s
                """.formatted(folder, String.join("\n", fleetOptions)));
    }

    static void text(Path folder, String name, String content) {
        try {
            Files.writeString(folder.resolve(name), content);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /// How often a unit of [#write] was started, anywhere.
    static int starts(Path folder, String name) {
        try {
            return Files.readAllLines(folder.resolve("starts-" + name)).size();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /// `prefix@1`, … as arguments.
    static String[] instances(String prefix, int count) {
        return IntStream.rangeClosed(1, count).mapToObj(i -> prefix + "@" + i).toArray(String[]::new);
    }

    static String[] arguments(String verb, String[]... units) {
        return Stream.concat(Stream.of(verb), Arrays.stream(units).flatMap(Arrays::stream)).toArray(String[]::new);
    }

    static List<String> services(String[] units) {
        return Arrays.stream(units).map(unit -> unit + ".service").sorted().toList();
    }

    static void eventually(ThrowingRunnable assertion) {
        await().atMost(LIMIT).pollInterval(Duration.ofMillis(50)).ignoreExceptions().untilAsserted(assertion);
    }

    static void allActive(Api api, String[]... units) {
        eventually(() -> assertThat(api.active().keySet())
                .containsAll(Arrays.stream(units).flatMap(group -> services(group).stream()).toList()));
    }

    /// After a test: the next one finds the cluster empty.
    static void destroyAll(LocalCluster cluster, Api api) {
        cluster.unitctl("destroy", "*").ok();
        eventually(() -> assertThat(api.units()).isEmpty());
        api.close();
    }
}
