package io.flota.agent.runtime.systemd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Units, and what is known of them, outlive the agent and whatever becomes of systemd and of the state folder.
class SystemdAdoptionTest extends OnSystemd {
    private static final String SLEEP = "[Service]\nExecStart=/bin/sleep 1000\n";

    @Test
    void anAgentThatIsBackKnowsAllThatRan() throws Exception {
        machine.load("a.service", SLEEP);
        machine.start(7, "a.service");
        var running = machine.until("a.service", "active/running");
        machine.run("b.service", "[Service]\nExecStart=/bin/sh -c 'exit 3'\n");
        var failed = machine.until("b.service", "failed/failed");
        machine.run("c.service", "[Service]\nType=oneshot\nExecStart=/bin/true\n");
        var ended = machine.until("c.service", "inactive/dead");
        machine.run("bad.service", "[Service]\nUser=x\n");
        var bad = machine.until("bad.service", state -> state.load().equals("bad-setting"));

        machine.restartAgent();

        assertThat(machine.state("a.service")).isEqualTo(running);
        assertThat(machine.state("b.service")).isEqualTo(failed);
        assertThat(machine.state("c.service")).isEqualTo(ended);
        assertThat(machine.state("bad.service")).isEqualTo(bad);
        machine.stop("a.service");
        machine.until("a.service", "inactive/dead");
    }

    @Test
    void whatEndedWhileNoAgentWasThereIsSeen() throws Exception {
        machine.run("a.service", SLEEP);
        long pid = machine.until("a.service", "active/running").mainPid();
        machine.runtime.close();
        ProcessHandle.of(pid).orElseThrow().destroyForcibly();
        await().atMost(SystemdMachine.HOPELESS)
                .until(() -> SystemdMachine.property("a.service", "ActiveState").equals("failed"));

        machine.runtime = SystemdRuntime.start(machine.settings);

        var failed = machine.state("a.service");
        assertThat(failed.active()).isEqualTo("failed");
        assertThat(failed.generation()).isEqualTo(1);
        assertThat(failed.message()).isEqualTo("killed by SIGKILL");
    }

    @Test
    void unitsRunOnWhileSystemdExecutesItselfAnewAndAreFollowedAfterwards() throws Exception {
        machine.run("a.service", SLEEP);
        var before = machine.until("a.service", "active/running");

        SystemdMachine.said("systemctl", "daemon-reexec");

        assertThat(machine.state("a.service").mainPid()).isEqualTo(before.mainPid());
        machine.start(2, "a.service");
        machine.until("a.service", state -> state.mainPid() != before.mainPid() && state.sub().equals("running"));
        machine.stop("a.service");
        machine.until("a.service", "inactive/dead");
    }

    @Test
    void whatHappensWhileTheConnectionIsLostIsSeenOnceItIsBack() throws Exception {
        machine.run("a.service", "[Service]\nExecStart=/bin/sleep 1000\nExecStopPost=/bin/sleep 0.2\n");
        long pid = machine.until("a.service", "active/running").mainPid();

        ProcessHandle.of(pid).orElseThrow().destroyForcibly();
        SystemdMachine.said("systemctl", "daemon-reexec");

        assertThat(machine.until("a.service", "failed/failed").generation()).isEqualTo(1);
    }

    @Test
    void restartingTheBusIsNotEvenNoticed() throws Exception {
        machine.run("a.service", SLEEP);
        var before = machine.until("a.service", "active/running");

        SystemdMachine.said("systemctl", "restart", "dbus.service");

        assertThat(machine.state("a.service")).isEqualTo(before);
        machine.stop("a.service");
        machine.until("a.service", "inactive/dead");
    }

    @Test
    void aStateFolderThatIsRemovedIsMadeAnewAndNothingRestarts() throws Exception {
        machine.run("a.service", SLEEP);
        var before = machine.until("a.service", "active/running");

        SystemdMachine.said("rm", "-rf", machine.settings.stateFolder().toString());
        SystemdMachine.said("systemctl", "daemon-reload");
        machine.load("b.service", SLEEP);
        machine.until("b.service", "inactive/dead");
        await().atMost(SystemdMachine.HOPELESS)
                .until(() -> Files.exists(machine.settings.stateFolder().resolve("units/a.service")));
        machine.restartAgent();

        assertThat(machine.state("a.service")).isEqualTo(before);
    }

    @Test
    void whatHappensIsSeenWhileNothingCanBeWritten() throws Exception {
        machine.run("a.service", SLEEP);
        long pid = machine.until("a.service", "active/running").mainPid();
        var state = machine.settings.stateFolder().toString();
        SystemdMachine.said("mount", "-t", "tmpfs", "-o", "size=4k,nr_inodes=1", "tmpfs", state + "/systemd/records");
        try {
            ProcessHandle.of(pid).orElseThrow().destroyForcibly();
            assertThat(machine.until("a.service", "failed/failed").generation()).isEqualTo(1);
            machine.start(2, "a.service");
            assertThat(machine.until("a.service", "activating/waiting").mainPid()).isZero();
        } finally {
            SystemdMachine.said("umount", state + "/systemd/records");
        }

        machine.until("a.service", "active/running");
    }

    /// What keeps it down is written even if nothing else can be.
    @Test
    void aUnitThatLeavesStaysDownAlsoWhileNothingCanBeWritten() throws Exception {
        machine.load("a.service", SLEEP);
        machine.until("a.service", "inactive/dead");
        var state = machine.settings.stateFolder().toString();
        SystemdMachine.said("mount", "-t", "tmpfs", "-o", "size=4k,nr_inodes=1", "tmpfs", state + "/systemd/records");
        try {
            machine.runtime.release(List.of(SystemdMachine.name("a.service")));
            await().atMost(SystemdMachine.HOPELESS)
                    .until(() -> !SystemdMachine.said("find", state, "-name", "*.released").isEmpty());

            SystemdMachine.said("systemctl", "start", "a.service");

            assertThat(SystemdMachine.property("a.service", "ActiveState")).isEqualTo("inactive");
            assertThat(machine.state("a.service").active()).isEqualTo("deactivating");
        } finally {
            SystemdMachine.said("umount", state + "/systemd/records");
        }

        machine.until("a.service", "inactive/dead");
    }

    @Test
    void aUnitFileThatSomebodyChangesIsPutBack() throws Exception {
        machine.run("a.service", SLEEP);
        var before = machine.until("a.service", "active/running");
        var file = machine.settings.stateFolder().resolve("units/a.service");
        var text = Files.readString(file);

        Files.writeString(file, "[Service]\nExecStart=/bin/sleep 5\n");
        SystemdMachine.said("systemctl", "daemon-reload");
        machine.runtime.look();

        await().atMost(SystemdMachine.HOPELESS).until(() -> Files.readString(file).equals(text));
        await().atMost(SystemdMachine.HOPELESS)
                .until(() -> SystemdMachine.property("a.service", "ExecStart").contains("sleep 1000"));
        assertThat(machine.state("a.service")).isEqualTo(before);
    }

    @Test
    void unitsOfAUsersSystemdThatWasStartedAnewAreNotTakenForEnded() throws Exception {
        var folder = Files.createDirectory(machine.path("user"));
        var bus = new Bus(folder.resolve("systemd/private"), true, true);
        var settings = new SystemdSettings(machine.path("of-user"), machine.settings.machineId(), "", "", bus);
        try (var _ = new HostUnit(Path.of("/run/systemd/system/flota-user.service"), """
                [Service]
                Type=notify
                Delegate=yes
                Environment=XDG_RUNTIME_DIR=%s
                ExecStart=/lib/systemd/systemd --user
                """.formatted(folder))) {
            SystemdMachine.said("systemctl", "start", "flota-user.service");
            try (var runtime = SystemdRuntime.start(settings)) {
                machine.on(runtime, () -> {
                    machine.run("a.service", SLEEP);
                    machine.until("a.service", "active/running");
                    SystemdMachine.said("systemctl", "restart", "flota-user.service");
                    machine.until("a.service", state -> state.generation() == 0);
                    machine.run("a.service", SLEEP);
                    machine.until("a.service", "active/running");
                });
            }
            SystemdMachine.said("systemctl", "restart", "flota-user.service");

            try (var runtime = SystemdRuntime.start(settings)) {
                machine.on(runtime, () -> {
                    assertThat(machine.state("a.service").generation()).isZero();
                    assertThat(machine.state("a.service").fileHash()).isEmpty();
                });
            }
        }
    }

    @Test
    void unitsOfOursOfWhichNothingIsKnownAreSeenAndCanBeRemoved() throws Exception {
        machine.run("a.service", SLEEP);
        machine.until("a.service", "active/running");
        machine.runtime.close();
        SystemdMachine.said("rm", "-rf", machine.settings.stateFolder().resolve("systemd").toString());

        machine.runtime = SystemdRuntime.start(machine.settings);

        var unknown = machine.state("a.service");
        assertThat(unknown.active()).isEqualTo("active");
        assertThat(unknown.generation()).isZero();
        assertThat(unknown.fileHash()).isEmpty();
        machine.unload("a.service");
        machine.untilUnloaded("a.service");
        assertThat(Files.isSymbolicLink(Path.of("/run/systemd/system/a.service"))).isFalse();
        await().during(Duration.ofMillis(100)).atMost(SystemdMachine.HOPELESS)
                .until(() -> SystemdMachine.property("a.service", "ActiveState").equals("inactive"));
    }
}
