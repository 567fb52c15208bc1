package io.flota.examples.nodes;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// What `nodes up` does with nodes that are there already.
@RealNodes
class AbandonedNodesIT {
    @RegisterExtension
    static final TestNodes NODES = TestNodes.with("--ttl", "5s"); // as without options

    @Test
    void nodesThatRunAreSomebodysAndThoseThatWereLeftDeadAreReplaced() throws IOException {
        var refused = TestNodes.call("up", "--machines", "1");
        assertThat(refused.exitCode()).isEqualTo(TestNodes.OTHERS_ARE_UP);
        assertThat(refused.out()).contains("there are nodes already").contains("nodes down");
        assertThat(TestNodes.run("status").lines().skip(1)).hasSize(3).allMatch(line -> line.contains(" up "));

        try {
            TestNodes.abandon();
            var former = TestNodes.home().resolve("node-3");
            assertThat(former).exists();
            assertThat(TestNodes.run("up", "--machines", "1")).contains("removing nodes that were left");
            assertThat(Files.exists(former)).isFalse();
            assertThat(TestNodes.run("status").lines().skip(1)).singleElement().asString().contains(" up ");
        } finally { // as they were, for the next class
            TestNodes.run("down");
            TestNodes.run("up");
        }
    }
}
