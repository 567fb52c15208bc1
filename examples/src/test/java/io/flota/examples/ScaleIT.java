package io.flota.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// `unitctl scale`, and restarts one after the other.
class ScaleIT {
    @RegisterExtension
    static final LocalCluster CLUSTER = LocalCluster.with("--machines", "3");

    private Api api;

    @BeforeEach
    void connect() {
        api = new Api(CLUSTER.endpoint());
    }

    @AfterEach
    void destroyAll() {
        Units.destroyAll(CLUSTER, api);
    }

    @Test
    void soManyInstancesRunAsAreAskedForAndThoseThatAreNoNumbersAreLeftAlone() {
        Units.write(CLUSTER.folder(), "web@.service");
        CLUSTER.unitctl("start", "web@acme").ok();

        CLUSTER.unitctl("scale", "web@", "4").ok();
        assertThat(api.active().keySet())
                .containsExactlyInAnyOrder(
                        "web@1.service", "web@2.service", "web@3.service", "web@4.service", "web@acme.service");

        CLUSTER.unitctl("scale", "web@", "2").ok();
        assertThat(api.units().keySet())
                .containsExactlyInAnyOrder("web@1.service", "web@2.service", "web@acme.service");
        assertThat(Units.starts(CLUSTER.folder(), "web@1.service")).isEqualTo(1);
    }

    @Test
    void aRollingRestartGoesOnOnceTheLastOneIsBackAndEndsAtOneThatDoesNotComeBack() throws IOException {
        Path turns = CLUSTER.folder().resolve("turns");
        Path broken = CLUSTER.folder().resolve("broken");
        Units.text(CLUSTER.folder(), "turn@.service", """
                [Service]
                ExecStartPre=/bin/sh -c 'echo up %%i >> %s; test ! -e %s-%%i'
                ExecStart=/bin/sleep infinity
                ExecStopPost=/bin/sh -c 'echo down %%i >> %s'
                """.formatted(turns, broken, turns));
        CLUSTER.unitctl("scale", "turn@", "3").ok();
        Files.delete(turns);

        CLUSTER.unitctl("restart", "--rolling", "turn@*").ok();
        assertThat(turns).content().isEqualTo("down 1\nup 1\ndown 2\nup 2\ndown 3\nup 3\n");

        Files.delete(turns);
        Files.createFile(Path.of(broken + "-2"));
        var ended = CLUSTER.unitctl("restart", "--rolling", "turn@*");
        assertThat(ended.exitCode()).isEqualTo(1);
        assertThat(ended.err()).contains("Ended there; not restarted: turn@3.service");
        assertThat(Files.readAllLines(turns)).startsWith("down 1", "up 1", "down 2", "up 2").doesNotContain("down 3");
        assertThat(List.copyOf(api.active().keySet())).contains("turn@1.service", "turn@3.service");
    }
}
