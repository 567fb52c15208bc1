package io.flota.agent.runtime.exec;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.util.List;
import org.junit.jupiter.api.Test;

class RelationsTest extends MachineTest {
    private static final String SLEEP = "[Service]\nExecStart=/bin/sleep 1000\n";

    @Test
    void unitsStartInTheirOrderAndStopInTheReverse() throws Exception {
        var out = units.path("out");
        var noisy = "[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart=/bin/sh -c 'sleep 0.05; echo +%%n >>%1$s'\n"
                + "ExecStop=/bin/sh -c 'sleep 0.05; echo -%%n >>%1$s'\n";
        units.load("a.service", "[Unit]\nAfter=b.service\n" + noisy.formatted(out));
        units.load("b.service", noisy.formatted(out));
        units.load("c.service", "[Unit]\nBefore=b.service\n" + noisy.formatted(out));
        units.start("a.service", "b.service", "c.service");
        units.until("a.service", "active/exited");

        units.stop("a.service", "b.service", "c.service");

        units.until("c.service", "inactive/dead");
        assertThat(Units.lines(out)).containsExactly(
                "+c.service", "+b.service", "+a.service", "-a.service", "-b.service", "-c.service");
    }

    @Test
    void unitsThatWaitForEachOtherInACircleStartAllTheSame() throws Exception {
        units.load("a.service", "[Unit]\nAfter=b.service\n" + SLEEP);
        units.load("b.service", "[Unit]\nAfter=a.service\n" + SLEEP);

        units.start("a.service", "b.service");

        units.until("a.service", "active/running");
        units.until("b.service", "active/running");
    }

    @Test
    void whatIsRequiredOrWantedIsStartedToo() throws Exception {
        units.load("a.service", "[Unit]\nRequires=b.service\nWants=c.service not-there.service\nAfter=b.service\n" + SLEEP);
        units.load("b.service", SLEEP);
        units.load("c.service", SLEEP);

        units.start("a.service");

        units.until("a.service", "active/running");
        units.until("c.service", "active/running");
        assertThat(units.state("b.service").sub()).isEqualTo("running");
    }

    /// It may run elsewhere by then.
    @Test
    void aUnitThatLeavesTheMachineIsNotStartedForOneThatWantsIt() throws Exception {
        units.load("a.service", "[Unit]\nWants=b.service c.service\n" + SLEEP);
        units.run("b.service", SLEEP);
        units.run("c.service", SLEEP);
        units.until("b.service", "active/running");
        units.until("c.service", "active/running");
        units.runtime.release(List.of(Units.name("b.service")));
        units.stop("c.service");
        units.until("b.service", "inactive/dead");
        units.until("c.service", "inactive/dead");
        units.restartAgent();

        units.start("a.service");

        units.until("c.service", "active/running");
        assertThat(units.state("b.service").active()).isEqualTo("inactive");
    }

    @Test
    void aUnitThatWasPulledInIsNotRestartedWhenItIsWantedItself() throws Exception {
        units.load("a.service", "[Unit]\nRequires=b.service\nAfter=b.service\n" + SLEEP);
        units.load("b.service", SLEEP);
        units.start("a.service");
        units.until("a.service", "active/running");
        long pid = units.state("b.service").mainPid();

        units.start(4, "b.service");

        assertThat(units.state("b.service").generation()).isEqualTo(4);
        assertThat(units.state("b.service").mainPid()).isEqualTo(pid);
        assertThat(units.state("b.service").sub()).isEqualTo("running");
    }

    @Test
    void aUnitWhoseRequirementFailsDoesNotStart() throws Exception {
        units.load("a.service", "[Unit]\nRequires=b.service\nAfter=b.service\n" + SLEEP);
        units.load("b.service", "[Service]\nType=oneshot\nExecStart=/bin/false\n");

        units.start("a.service");

        assertThat(units.until("a.service", "failed/failed").message())
                .isEqualTo("requires b.service, which is failed");
    }

    @Test
    void aUnitWaitsForOneThatIsLoadedAMomentLater() throws Exception {
        units.run("a.service", "[Unit]\nRequires=b.service network-online.target\nAfter=b.service\n" + SLEEP);
        var waiting = units.until("a.service", "activating/waiting");
        assertThat(waiting.message()).isEqualTo("waits for b.service to be loaded on this machine");

        units.load("b.service", SLEEP);

        units.until("a.service", "active/running");
        units.until("b.service", "active/running");
    }

    @Test
    void aUnitWhoseRequirementNeverComesSaysSoAndStartsOnceItIsThere() throws Exception {
        units.run("a.service", "[Unit]\nRequires=b.service\nAfter=b.service\n" + SLEEP);
        assertThat(units.until("a.service", "failed/failed").message())
                .isEqualTo("requires b.service, which is not loaded on this machine");

        units.run("b.service", SLEEP);

        units.until("a.service", "active/running");
    }

    @Test
    void aSidekickStopsAndStartsAgainWithItsPartner() throws Exception {
        units.load("main.service", SLEEP);
        units.load("side.service", "[Unit]\nBindsTo=main.service\nAfter=main.service\n" + SLEEP);
        units.start("main.service", "side.service");
        long first = units.until("side.service", "active/running").mainPid();

        units.stop("main.service");
        var stopped = units.until("side.service", "inactive/dead");
        assertThat(stopped.message()).isEqualTo("main.service stopped, starts again with it");
        assertThat(stopped.generation()).isEqualTo(1);
        units.start(2, "main.service");

        assertThat(units.until("side.service", "active/running").mainPid()).isNotEqualTo(first);
    }

    @Test
    void aSidekickFollowsWhenItsPartnerCrashesAndComesBack() throws Exception {
        units.load("main.service", SLEEP + "Restart=always\nRestartSec=200ms\n");
        units.load("side.service", "[Unit]\nBindsTo=main.service\nAfter=main.service\n" + SLEEP);
        units.start("main.service", "side.service");
        long side = units.until("side.service", "active/running").mainPid();

        ProcessHandle.of(units.state("main.service").mainPid()).orElseThrow().destroyForcibly();

        units.until("side.service", state -> state.sub().equals("running") && state.mainPid() != side);
        assertThat(Units.isAlive(side)).isFalse();
    }

    @Test
    void requiringIsNotBinding() throws Exception {
        units.load("main.service", SLEEP + "Restart=always\nRestartSec=50ms\n");
        units.load("side.service", "[Unit]\nRequires=main.service\nAfter=main.service\n" + SLEEP);
        units.start("main.service", "side.service");
        long side = units.until("side.service", "active/running").mainPid();

        ProcessHandle.of(units.state("main.service").mainPid()).orElseThrow().destroyForcibly();

        units.until("main.service", state -> state.restarts() == 1 && state.sub().equals("running"));
        assertThat(units.state("side.service").mainPid()).isEqualTo(side);
    }

    @Test
    void aRestartTakesThePartsAlong() throws Exception {
        units.load("main.service", SLEEP);
        units.load("part.service", "[Unit]\nPartOf=main.service\nAfter=main.service\n" + SLEEP);
        units.start("main.service", "part.service");
        long part = units.until("part.service", "active/running").mainPid();

        units.start(2, "main.service");

        units.until("part.service", state -> state.sub().equals("running") && state.mainPid() != part);
        assertThat(Units.isAlive(part)).isFalse();
    }

    @Test
    void aStoppedSidekickDoesNotComeBackWithItsPartner() throws Exception {
        units.load("main.service", SLEEP);
        units.load("side.service", "[Unit]\nBindsTo=main.service\nAfter=main.service\n" + SLEEP);
        units.start("main.service", "side.service");
        units.until("side.service", "active/running");
        units.stop("main.service", "side.service");
        units.until("main.service", "inactive/dead");

        units.start(2, "main.service");

        units.until("main.service", "active/running");
        assertThat(units.state("side.service").sub()).isEqualTo("dead");
    }

    @Test
    void ofTwoUnitsInConflictTheOneThatIsStartedStays() throws Exception {
        units.load("a.service", "[Unit]\nConflicts=b.service\n" + SLEEP);
        units.load("b.service", SLEEP);
        units.start("a.service");
        units.until("a.service", "active/running");

        units.start("b.service");

        units.until("b.service", "active/running");
        assertThat(units.state("a.service").message()).isEqualTo("conflicts with b.service");
        assertThat(units.state("a.service").sub()).isEqualTo("dead");
    }

    @Test
    void aFailureStartsAnotherUnit() throws Exception {
        var out = units.path("out");
        units.load("a.service", "[Unit]\nOnFailure=b.service\n[Service]\nExecStart=/bin/false\n");
        units.load("b.service", "[Service]\nType=oneshot\nExecStart=/bin/sh -c 'echo alarm >%s'\n".formatted(out));

        units.start("a.service");

        assertThat(units.untilLine(out)).isEqualTo("alarm");
        assertThat(Files.exists(out)).isTrue();
    }
}
