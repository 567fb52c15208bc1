package io.flota.examples.nodes;

import static io.flota.examples.nodes.TestNodes.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/// What an agent stands on is taken away on one node: its units do not notice, and it tells the truth again afterwards.
///
/// In each case one unit fails while the fault is there, and another one is to be started.
@Order(OnNodes.ORDER)
class NodeFaultsIT extends OnNodes {
    private static final String NOTHING = "true";

    @BeforeEach
    void unitsOfTheVictim() throws IOException {
        ttl(VICTIM, "1min");
        eventually(() -> assertThat(api.hosts()).hasSize(3));
        file("frail@.service", "[Service]\nExecStart=/bin/sleep infinity\n[X-Fleet]\nMachineMetadata=node=3\n");
    }

    @AfterEach
    void shortTtl() {
        ttl(VICTIM, "5s");
    }

    @Test
    void anAgentThatIsKilledLeavesUnitsAloneAndTheNextOneAdoptsThem() {
        assertThat(logAfter("systemctl kill -s KILL flota-agent", NOTHING))
                .contains("Main process exited, code=killed, status=9/KILL")
                .contains("adopted unit=steady@")
                .contains("adopted unit=frail@1.service generation=1");
    }

    @Test
    void restartingTheBusIsNotEvenNoticed() {
        var agent = TestNodes.on(VICTIM, "systemctl show -P MainPID flota-agent");

        assertThat(logAfter("systemctl restart dbus", NOTHING)).doesNotContain("WARN");

        assertThat(TestNodes.on(VICTIM, "systemctl show -P MainPID flota-agent")).isEqualTo(agent);
    }

    @Test
    void systemdMayExecuteItselfAnew() {
        assertThat(logAfter("systemctl daemon-reexec", NOTHING))
                .contains("systemd cannot be asked, units run on because=the connection to systemd at /run/systemd/private was lost")
                .contains("systemd can be asked again, and all units were");
    }

    @Test
    void aRuntimeFolderThatIsRemovedIsMadeAnew() {
        assertThat(logAfter("rm -rf /run/flota", NOTHING)).contains("the state folder was removed, makes it anew; units run on");

        assertThat(TestNodes.on(VICTIM, "cd /run/flota/units && ls steady* frail*").lines())
                .hasSize(cluster().size());
    }

    @Test
    void onAFullDiskUnitsRunOnAndWhatIsAskedForWaits() {
        var log = logAfter("""
                mount -o remount,size=$(($(df --output=used /run | tail -n 1) + 64))k /run
                dd if=/dev/zero of=/run/full bs=1k 2> /dev/null || true
                """, "rm /run/full && mount -o remount,size=256m /run");

        assertThat(log)
                .contains("cannot write what has to outlive the agent, nothing is started or stopped because="
                        + "java.io.IOException: No space left on device")
                .contains("what has to outlive the agent can be written again");
    }

    /// @return what the victim's systemd and agent logged of the agent from the fault on
    private String logAfter(String fault, String undo) {
        start("steady@", 1, 6);
        start("frail@", 1, 1);
        var before = everywhere();
        var clock = TestNodes.on(VICTIM, "date +%s.%6N").strip();

        TestNodes.on(VICTIM, "pid=$(systemctl show -P MainPID frail@1)\n" + fault + "\nkill -KILL $pid");
        try {
            unitctl("start", "--no-block", "frail@2").ok();
            if (!undo.equals(NOTHING)) {
                eventually(() -> assertThat(logSince(clock)).contains("WARN"));
                assertThat(cluster()).doesNotContainEntry("frail@2.service", "active running");
            }
        } finally {
            TestNodes.on(VICTIM, undo);
        }

        eventually(() -> assertThat(cluster())
                .containsEntry("frail@1.service", "failed failed")
                .containsEntry("frail@2.service", "active running")
                .isEqualTo(systemd()));
        assertThat(everywhere()).isEqualTo(before).hasSize(6);
        assertThat(api.active()).hasSize(7);
        return logSince(clock);
    }

    private static String logSince(String clock) {
        return TestNodes.on(VICTIM, "journalctl --no-pager -u flota-agent --since @" + clock);
    }

    private static Map<String, String> everywhere() {
        var running = new TreeMap<String, String>();
        TestNodes.names().forEach(node -> running.putAll(running(node)));
        return running;
    }

    /// States of the victim's units, as operators see them.
    private Map<String, String> cluster() {
        var states = new TreeMap<String, String>();
        List<String> lines = unitctl("list-units", "--no-legend", "--full", "--fields", "unit,active,sub,machine").lines();
        lines.stream()
                .map(line -> line.split("\\s+"))
                .filter(columns -> columns[3].endsWith("/" + TestNodes.address(VICTIM)))
                .forEach(columns -> states.put(columns[0], columns[1] + " " + columns[2]));
        return states;
    }

    /// The same, as its systemd says.
    private static Map<String, String> systemd() {
        var states = new TreeMap<String, String>();
        TestNodes.on(VICTIM, "systemctl list-units --all --plain --no-legend 'steady@*' 'frail@*'").lines()
                .map(line -> line.split("\\s+"))
                .forEach(columns -> states.put(columns[0], columns[2] + " " + columns[3]));
        return states;
    }
}
