package io.flota.agent.runtime.systemd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Runs the tests of the systemd runtime on a node that is booted for them.
class OnANodeTest {
    private static BootedNode node;

    @BeforeAll
    static void boot() throws Exception {
        var reason = BootedNode.reasonAgainst();
        assumeTrue(reason.isEmpty(), reason.orElse(""));
        node = BootedNode.boot(BootedNode.tree());
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
        SystemdVisitTest.class, SystemdReloadTest.class, SystemdMountTest.class
    })
    void allOfItPasses(Class<?> tests) throws Exception {
        passes(tests, "");
    }

    /// As for an agent that is not root.
    @ParameterizedTest
    @ValueSource(classes = {
        SystemdRuntimeTest.class, SystemdFilesTest.class, SystemdTroublesTest.class, SystemdAdoptionTest.class,
        SystemdLimitsTest.class, SystemdReloadTest.class, SystemdMountTest.class
    })
    void itPassesOverTheBus(Class<?> tests) throws Exception {
        passes(tests, OnSystemd.OVER_THE_BUS);
    }

    private static void passes(Class<?> tests, String bus) throws Exception {
        var said = node.java(Map.of(OnSystemd.BUS, bus), List.of(), RunInside.class, tests.getName());

        assertPassed(said);
    }

    private static void assertPassed(String said) {
        assertThat(said).as(said).containsPattern("(?m)^passed [1-9]\\d*, failed 0, skipped 0$");
    }

    @Test
    void anAgentThatIsNotRootWorksAsFarAsPolkitAllowsIt() throws Exception {
        var user = PlainUser.on(node);
        assertThat(user.agent()).isEqualTo("flota-agent: cannot run units: polkit does not allow flota-agent to"
                + " org.freedesktop.systemd1.manage-unit-files (Interactive authentication required.): the agent's README"
                + " has a rule for /etc/polkit-1/rules.d/ that does; or run the agent as root, or with --systemd-bus user\n");

        user.allow();

        assertPassed(user.run("", SystemdPlainUserTest.class, SystemdByPolkitTest.class));
    }

    @Test
    void aUsersOwnSystemdRunsUnits() throws Exception {
        var user = PlainUser.on(node);
        user.startSystemd();

        assertPassed(user.run(OnSystemd.OF_USER, SystemdPlainUserTest.class, SystemdOfUserTest.class));
    }
}
