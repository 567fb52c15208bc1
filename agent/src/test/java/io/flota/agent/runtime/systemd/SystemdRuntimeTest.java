package io.flota.agent.runtime.systemd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.flota.agent.runtime.UnitRuntime.UnitToLoad;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// Units under a real systemd.
class SystemdRuntimeTest extends OnSystemd {
    private static final String SLEEP = "[Service]\nExecStart=/bin/sleep 1000\n";

    @Test
    void aServiceRunsAsPlacedAndStops() throws Exception {
        var file = "[Service]\nExecStart=/bin/sleep 1000\n";
        machine.load("a.service", file);
        var loaded = machine.until("a.service", "inactive/dead");
        assertThat(loaded.load()).isEqualTo("loaded");
        assertThat(loaded.fileHash()).isEqualTo(SystemdMachine.file(file).hash());

        machine.start("a.service");

        var running = machine.until("a.service", "active/running");
        assertThat(running.load()).isEqualTo("loaded");
        assertThat(running.generation()).isEqualTo(1);
        assertThat(running.fileHash()).isEqualTo(loaded.fileHash());
        assertThat(SystemdMachine.property("a.service", "MainPID")).isEqualTo(Long.toString(running.mainPid()));
        assertThat(SystemdMachine.property("a.service", "UnitFileState")).isEqualTo("linked-runtime");
        machine.stop("a.service");
        assertThat(machine.until("a.service", "inactive/dead").generation()).isZero();
        machine.unload("a.service");
        machine.untilUnloaded("a.service");
        await().atMost(SystemdMachine.HOPELESS)
                .until(() -> SystemdMachine.property("a.service", "LoadState").equals("not-found"));
    }

    @Test
    void anotherGenerationIsAnotherRun() throws Exception {
        machine.run("a.service", "[Service]\nExecStart=/bin/sleep 1000\n");
        var first = machine.until("a.service", "active/running");

        machine.start(1, "a.service");
        assertThat(machine.state("a.service").mainPid()).isEqualTo(first.mainPid());
        machine.start(2, "a.service");

        var second = machine.until(
                "a.service", state -> state.sub().equals("running") && state.mainPid() != first.mainPid());
        assertThat(second.generation()).isEqualTo(2);
    }

    @Test
    void aServiceThatFailsSaysHowItEnded() throws Exception {
        machine.run("a.service", "[Service]\nExecStart=/bin/sh -c 'exit 3'\n");
        machine.run("b.service", "[Service]\nExecStart=/bin/sh -c 'kill -SEGV $$$$'\n");
        machine.run("c.service", "[Service]\nType=notify\nTimeoutStartSec=300ms\nExecStart=/bin/sleep 1000\n");
        machine.run("d.service", "[Service]\nRestart=always\nRestartSec=0\nExecStart=/bin/false\n");
        machine.run("e.service", "[Service]\nExecStartPre=/bin/sh -c 'exit 4'\nExecStart=/bin/true\n");

        assertThat(machine.until("a.service", "failed/failed").message()).isEqualTo("exit-code 3");
        assertThat(machine.until("b.service", "failed/failed").message()).startsWith("killed by SIGSEGV");
        assertThat(machine.until("c.service", "failed/failed").message()).startsWith("timeout");
        var limited = machine.until("d.service", "failed/failed");
        assertThat(limited.restarts()).isEqualTo(5);
        assertThat(machine.until("e.service", "failed/failed").message()).startsWith("exit-code");
        assertThat(machine.state("a.service").generation()).isEqualTo(1);
    }

    @Test
    void whatFailedBeforeIsStartedAgainWhenItIsAskedFor() throws Exception {
        machine.run("a.service", "[Service]\nRestart=always\nRestartSec=0\nExecStart=" + machine.script(
                "[ -e " + machine.path("go") + " ] && exec sleep 1000\nexit 1\n") + "\n");
        machine.until("a.service", "failed/failed");
        Files.createFile(machine.path("go"));

        machine.start(2, "a.service");

        assertThat(machine.until("a.service", "active/running").generation()).isEqualTo(2);
    }

    @Test
    void restartsAreCounted() throws Exception {
        machine.run("a.service", "[Service]\nRestart=always\nRestartSec=0\nExecStart=/bin/sleep 1000\n");
        long first = machine.until("a.service", "active/running").mainPid();

        ProcessHandle.of(first).orElseThrow().destroyForcibly();

        var again = machine.until("a.service", state -> state.sub().equals("running") && state.mainPid() != first);
        assertThat(again.restarts()).isEqualTo(1);
    }

    @Test
    void aFileThatSystemdCannotLoadIsAStateAndHoldsUpNoOther() throws Exception {
        machine.runtime.load(List.of(
                new UnitToLoad(SystemdMachine.name("a.service"), SystemdMachine.file("[Service]\nUser=x\n")),
                new UnitToLoad(SystemdMachine.name("b.service"),
                        SystemdMachine.file("[Service]\nExecStart=/bin/sleep 1000\n"))));
        machine.start("a.service", "b.service");

        machine.until("b.service", "active/running");
        var bad = machine.until("a.service", state -> !state.load().equals("loaded"));
        assertThat(bad.load()).isEqualTo("bad-setting");
        assertThat(bad.message()).isNotEmpty();
    }

    @Test
    void aUnitOfTheHostsOwnIsLeftAlone() throws Exception {
        var own = Path.of("/run/systemd/system/flota-host.service");
        Files.writeString(own, "[Service]\nExecStart=/bin/sleep 1000\n");
        try {
            SystemdMachine.said("systemctl", "daemon-reload");
            SystemdMachine.said("systemctl", "start", "flota-host.service");
            var pid = SystemdMachine.property("flota-host.service", "MainPID");

            machine.run("flota-host.service", "[Service]\nExecStart=/bin/sleep 2000\n");
            var refused = machine.until("flota-host.service", state -> state.load().equals("error"));
            machine.stop("flota-host.service");
            machine.unload("flota-host.service");
            machine.untilUnloaded("flota-host.service");

            assertThat(refused.message()).contains("this host has a unit of its own", own.toString());
            assertThat(SystemdMachine.property("flota-host.service", "MainPID")).isEqualTo(pid);
            assertThat(own).isRegularFile();
        } finally {
            SystemdMachine.said("systemctl", "stop", "flota-host.service");
            Files.deleteIfExists(own);
            SystemdMachine.said("systemctl", "daemon-reload");
        }
    }

    /// As nginx-announce.service does with nginx.service, where Debian's nginx is installed.
    @Test
    void aUnitOfTheHostsOwnIsNotStartedForTheSakeOfOneOfOurs() throws Exception {
        try (var host = new HostUnit(Path.of("/run/systemd/system/flota-host.service"), SLEEP)) {
            machine.load("flota-host.service", "[Service]\nExecStart=/bin/sleep 2000\n");
            machine.until("flota-host.service", state -> state.load().equals("error"));
            machine.load("far.service", "[Unit]\nRequires=near.service\n" + SLEEP);
            machine.load("near.service", "[Unit]\nBindsTo=flota-host.service\n" + SLEEP);
            machine.load("other.service", "[Unit]\nWants=systemd-journald.service\n" + SLEEP);

            machine.start("flota-host.service", "far.service", "other.service");

            assertThat(machine.until("far.service", "failed/failed").message())
                    .contains("not started", "near.service", "flota-host.service");
            machine.until("other.service", "active/running");
            assertThat(machine.state("flota-host.service").active()).isEqualTo("inactive");
            assertThat(SystemdMachine.property("flota-host.service", "InactiveExitTimestampMonotonic")).isEqualTo("0");
            assertThat(host.file()).isRegularFile();
        }
    }

    @Test
    void aUnitThatTheHostGetsLaterUnderANameOfOursIsNeitherStartedNorStopped() throws Exception {
        machine.load("flota-late.service", "[Service]\nExecStart=/bin/sleep 2000\n");
        machine.until("flota-late.service", "inactive/dead");
        try (var host = new HostUnit(Path.of("/etc/systemd/system/flota-late.service"), SLEEP)) {
            host.start();
            var pid = SystemdMachine.property("flota-late.service", "MainPID");
            machine.until("flota-late.service", state -> state.load().equals("error"));

            machine.stop("flota-late.service");
            machine.start(2, "flota-late.service");
            machine.restartAgent();
            machine.start(3, "flota-late.service");
            machine.stop("flota-late.service");
            machine.unload("flota-late.service");
            machine.untilUnloaded("flota-late.service");

            assertThat(pid).isNotEqualTo("0");
            assertThat(SystemdMachine.property("flota-late.service", "MainPID")).isEqualTo(pid);
        }
    }

    @Test
    void aUnitOfTheHostsOwnWithANameOfOursIsNotStartedAtAll() throws Exception {
        machine.load("flota-late.service", "[Service]\nExecStart=/bin/sleep 2000\n");
        machine.until("flota-late.service", "inactive/dead");
        try (var _ = new HostUnit(Path.of("/etc/systemd/system/flota-late.service"), SLEEP)) {
            machine.start("flota-late.service");

            var refused = machine.until("flota-late.service", state -> state.load().equals("error"));

            assertThat(refused.message()).contains("this host has a unit of its own", "/etc/systemd/system");
            assertThat(refused.active()).isEqualTo("inactive");
            assertThat(SystemdMachine.property("flota-late.service", "ActiveState")).isEqualTo("inactive");
        }
    }

    /// What ran as ours is ours: a unit must not be told to be down while it runs.
    @Test
    void aUnitThatRunsWhenTheHostGetsOneOfItsNameIsStillStopped() throws Exception {
        machine.run("flota-late.service", "[Service]\nExecStart=/bin/sleep 2000\n");
        long pid = machine.until("flota-late.service", "active/running").mainPid();
        try (var _ = new HostUnit(Path.of("/etc/systemd/system/flota-late.service"), SLEEP)) {
            machine.restartAgent();
            assertThat(machine.state("flota-late.service").mainPid()).isEqualTo(pid);

            machine.stop("flota-late.service");

            machine.until("flota-late.service", "inactive/dead");
            assertThat(SystemdMachine.isAlive(pid)).isFalse();
        }
    }

    /// It may run elsewhere by then.
    @Test
    void aUnitThatLeavesTheMachineIsNotStartedForOneThatWantsIt() throws Exception {
        machine.load("a.service", "[Unit]\nWants=b.service c.service t.target\n" + SLEEP);
        machine.load("f.service", "[Unit]\nOnFailure=b.service c.service\n[Service]\nExecStart=/bin/false\n");
        machine.run("b.service", SLEEP);
        machine.run("c.service", SLEEP);
        machine.run("t.target", "[Unit]\nDescription=leaves, too\n");
        machine.until("b.service", "active/running");
        machine.until("c.service", "active/running");
        machine.until("t.target", "active/active");
        machine.runtime.release(List.of(SystemdMachine.name("b.service"), SystemdMachine.name("t.target")));
        machine.stop("c.service");
        machine.until("b.service", "inactive/dead");
        machine.until("c.service", "inactive/dead");
        machine.until("t.target", "inactive/dead");
        machine.restartAgent();

        machine.start("f.service");
        machine.until("c.service", "active/running");
        machine.start("a.service");
        machine.until("a.service", "active/running");

        assertThat(SystemdMachine.property("b.service", "ActiveState")).isEqualTo("inactive");
        assertThat(SystemdMachine.property("t.target", "ActiveState")).isEqualTo("inactive");
        machine.load("b.service", SLEEP);
        machine.start(2, "a.service");
        machine.until("b.service", "active/running");
        machine.start(2, "t.target");
        machine.until("t.target", "active/active");
    }

    @Test
    void unitsFindTheirMachineInTheirEnvironment() throws Exception {
        machine.run("a@x\\x2dy.service", "[Service]\nType=oneshot\nEnvironment=COREOS_PRIVATE_IPV4=mine\nEnvironment=COLOUR=red\n"
                + "ExecStart=/usr/bin/env\n");

        machine.untilWritten("a@x\\x2dy.service", "FLOTA_UNIT=a@x\\x2dy.service");

        assertThat(machine.journal("a@x\\x2dy.service"))
                .contains("COREOS_PUBLIC_IPV4=192.0.2.1", "COREOS_PRIVATE_IPV4=mine",
                        "FLOTA_MACHINE_ID=" + machine.settings.machineId(),
                        "FLOTA_AGENT_SOCKET=" + SystemdMachine.AGENT_SOCKET, "COLOUR=red");
    }

    @Test
    void unitsThatStartTogetherKeepTheirOrder() throws Exception {
        var log = machine.path("order");
        var units = IntStream.range(0, 6)
                .mapToObj(i -> new UnitToLoad(SystemdMachine.name("o@" + i + ".service"), SystemdMachine.file(
                        "[Unit]\nAfter=o@" + (i + 1) + ".service\n[Service]\nType=oneshot\nRemainAfterExit=yes\n"
                                + "ExecStart=/bin/sh -c 'sleep 0.05; echo %i >>" + log + "'\n")))
                .toList();
        machine.runtime.load(units);

        machine.start(units.stream().map(unit -> unit.name().full()).toArray(String[]::new));

        for (int i = 0; i < 6; i++) {
            machine.until("o@" + i + ".service", "active/exited");
        }
        assertThat(Files.readAllLines(log)).containsExactly("5", "4", "3", "2", "1", "0");
    }

    @Test
    void unitsOfOtherTypesRun() throws Exception {
        machine.load("t.service", "[Service]\nType=oneshot\nExecStart=/bin/touch " + machine.path("ticked") + "\n");
        machine.run("t.timer", "[Timer]\nOnActiveSec=100ms\nAccuracySec=1ms\n");
        machine.run("s.socket", "[Socket]\nListenStream=" + machine.path("sock") + "\nService=t.service\n");
        machine.run("p.path", "[Path]\nPathExists=/nonexistent\nUnit=t.service\n");
        machine.run("g.target", "[Unit]\nDescription=all\n");
        Files.createDirectories(machine.path("mnt"));
        var mount = SystemdMachine.said("systemd-escape", "--path", "--suffix=mount", machine.path("mnt").toString());
        machine.run(mount, "[Mount]\nWhat=tmpfs\nType=tmpfs\nWhere=" + machine.path("mnt") + "\n");

        machine.until("t.timer", state -> state.active().equals("active"));
        machine.until("s.socket", "active/listening");
        machine.until("p.path", "active/waiting");
        machine.until("g.target", "active/active");
        machine.until(mount, "active/mounted");
        await().atMost(SystemdMachine.HOPELESS).until(() -> Files.exists(machine.path("ticked")));
        machine.stop("t.timer", "s.socket", "p.path", "g.target", mount);
        machine.until(mount, "inactive/dead");
        machine.until("s.socket", "inactive/dead");
    }

    @Test
    void installIsHonoured() throws Exception {
        machine.load("w.target", "[Unit]\nDescription=wants\n");
        machine.load("i.service", "[Service]\nExecStart=/bin/sleep 1000\n[Install]\nWantedBy=w.target\n");
        machine.until("i.service", "inactive/dead");
        await().atMost(SystemdMachine.HOPELESS)
                .until(() -> Files.exists(Path.of("/run/systemd/system/w.target.wants/i.service")));

        machine.start("w.target");

        assertThat(machine.until("i.service", "active/running").generation()).isZero();
        machine.unload("i.service");
        machine.untilUnloaded("i.service");
        await().atMost(SystemdMachine.HOPELESS)
                .until(() -> !Files.exists(Path.of("/run/systemd/system/w.target.wants/i.service")));
    }

    @Test
    void aNewFileCountsFromTheNextStartOn() throws Exception {
        machine.run("a.service", "[Service]\nExecStart=/bin/sleep 1000\n");
        var first = machine.until("a.service", "active/running");

        machine.load("a.service", "[Service]\nExecStart=/bin/sleep 2000\n");
        machine.until("a.service", state -> !state.fileHash().equals(first.fileHash()));
        assertThat(machine.state("a.service").mainPid()).isEqualTo(first.mainPid());
        machine.start(2, "a.service");

        machine.until("a.service", state -> state.sub().equals("running") && state.mainPid() != first.mainPid());
        assertThat(SystemdMachine.property("a.service", "ExecStart")).contains("sleep 2000");
    }

    @Test
    void aStartThatAnotherUnitKeepsFromBeingMadeHasFailed() throws Exception {
        machine.load("b.service", "[Service]\nType=oneshot\nExecStart=/bin/false\n");
        machine.load("a.service",
                "[Unit]\nRequires=b.service\nAfter=b.service\n[Service]\nExecStart=/bin/sleep 1000\n");

        machine.start("a.service");

        assertThat(machine.until("a.service", "failed/failed").message()).startsWith("dependency");
    }

    @Test
    void aStopThatIsNotHeardEndsByTimeout() throws Exception {
        machine.run("a.service", "[Service]\nTimeoutStopSec=500ms\nExecStart=" + machine.script("trap '' TERM\ntouch " + machine.path("armed") + "\nwhile :; do sleep 0.05; done\n") + "\n");
        await().atMost(SystemdMachine.HOPELESS).until(() -> Files.exists(machine.path("armed")));

        machine.stop("a.service");

        assertThat(machine.until("a.service", "failed/failed").message()).startsWith("timeout");
        assertThat(machine.state("a.service").generation()).isZero();
    }

    /// It must not be told to be down: it could be started elsewhere.
    @Test
    void aUnitThatSystemdDoesNotStopIsNotDownAndStopsOnceItCan() throws Exception {
        machine.run("a.service", "[Unit]\nRefuseManualStop=yes\n" + SLEEP);
        long pid = machine.until("a.service", "active/running").mainPid();

        machine.runtime.release(List.of(SystemdMachine.name("a.service")));

        var refused = machine.until("a.service", state -> !state.message().isEmpty());
        assertThat(refused.active()).isEqualTo("deactivating");
        assertThat(refused.generation()).isZero();
        assertThat(refused.message()).startsWith("systemd does not stop it: ");
        assertThat(SystemdMachine.isAlive(pid)).isTrue();
        machine.load("a.service", SLEEP);
        machine.until("a.service", "inactive/dead");
        assertThat(SystemdMachine.isAlive(pid)).isFalse();
    }

    @Test
    void aUnitIsDownOnlyOnceItsStartIsCalledOff() throws Exception {
        machine.load("a.service", SLEEP);
        machine.until("a.service", "inactive/dead");
        for (int generation = 1; generation <= 20; generation++) {
            machine.start(generation, "a.service");
            machine.stop("a.service");

            var down = machine.until("a.service", state -> state.isDown());

            assertThat(down.generation()).isZero();
            assertThat(SystemdMachine.property("a.service", "ActiveState")).isEqualTo("inactive");
            assertThat(SystemdMachine.property("a.service", "Job")).isIn("", "0");
        }
    }

    @Test
    void aUnitThatHasToStopInTimeMustBeStoppable() throws Exception {
        machine.load("a.service", "[Unit]\nRefuseManualStop=on\n" + SLEEP + "[X-Flota]\nOnDisconnect=stop\n");

        var refused = machine.until("a.service", state -> state.load().equals("error"));

        assertThat(refused.message()).contains("RefuseManualStop=");
    }
}
