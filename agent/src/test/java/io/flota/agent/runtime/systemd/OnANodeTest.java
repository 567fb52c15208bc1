package io.flota.agent.runtime.systemd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Runs the tests of the systemd runtime on a node that is booted for them.
class OnANodeTest {
    private static BootedNode node;

    @BeforeAll
    static void boot() throws Exception {
        assumeTrue(System.getProperty("user.name").equals("root"), "a node is booted by root");
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/systemd-nspawn")), "there is no systemd-nspawn here");
        var tree = BootedNode.tree();
        assumeTrue(tree.isPresent(), "no tree to boot from; make one: debootstrap --variant=minbase"
                + " --include=systemd,systemd-sysv,dbus,procps bookworm /var/cache/flota-nodes/systemd-dev"
                + " (or name another in FLOTA_NODE_TREE)");
        node = BootedNode.boot(tree.get());
    }

    @AfterAll
    static void shutDown() throws Exception {
        if (node != null) {
            node.close();
        }
    }

    @ParameterizedTest
    @ValueSource(classes = {
        SystemdRuntimeTest.class, SystemdFilesTest.class, SystemdTroublesTest.class, SystemdAdoptionTest.class,
        SystemdGuardTest.class, SystemdRemovalTest.class, SystemdJournalTest.class, SystemdLimitsTest.class,
        SystemdVisitTest.class
    })
    void allOfItPasses(Class<?> tests) throws Exception {
        passes(tests, "0");
    }

    /// As for an agent that is not root.
    @ParameterizedTest
    @ValueSource(classes = {
        SystemdRuntimeTest.class, SystemdFilesTest.class, SystemdTroublesTest.class, SystemdAdoptionTest.class,
        SystemdLimitsTest.class
    })
    void itPassesOverTheBus(Class<?> tests) throws Exception {
        passes(tests, "1");
    }

    private static void passes(Class<?> tests, String overTheBus) throws Exception {
        var said = node.run(
                "env", OnSystemd.OVER_THE_BUS + "=" + overTheBus,
                System.getProperty("java.home") + "/bin/java", "-Xmx256m", "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED", "-cp", BootedNode.classPath(), RunInside.class.getName(),
                tests.getName());

        assertThat(said).as(said).containsPattern("(?m)^passed [1-9]\\d*, failed 0, skipped 0$");
    }
}
