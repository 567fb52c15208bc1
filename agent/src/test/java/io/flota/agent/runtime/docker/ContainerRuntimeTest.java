package io.flota.agent.runtime.docker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.flota.agent.runtime.UnitDetails;
import io.flota.agent.runtime.process.Signal;
import io.flota.agent.runtime.process.UnitKey;
import io.flota.unit.UnitName;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Containers' units with a real dockerd, beside the exec runtime.
class ContainerRuntimeTest {
    private static final String SLEEP = "[Container]\nImage=web\nExec=sleep 1000\nStopSignal=KILL\n";

    private static final UnitName UNIT = new UnitName("gone.service");

    @RegisterExtension
    static final OwnDocker DOCKER = new OwnDocker();

    private ContainerMachine machine;

    @BeforeEach
    void machine() throws Exception {
        machine = new ContainerMachine(DOCKER);
    }

    @AfterEach
    void nothingIsLeft() throws Exception {
        machine.close();
    }

    @Test
    void aContainerRunsForAsLongAsItsUnitDoes() throws Exception {
        machine.run("web@1.service", SLEEP + "Environment=COLOUR=blue\n");

        var state = machine.until("web@1.service", "active/running");

        var container = machine.container("web@1.service");
        assertThat(state.mainPid()).isEqualTo(container.pid().orElseThrow());
        assertThat(state.fileHash())
                .isEqualTo(ContainerMachine.file(SLEEP + "Environment=COLOUR=blue\n").hash());
        assertThat(state.generation()).isEqualTo(1);
        assertThat(state.message()).isEmpty();
        assertThat(container.name()).isEqualTo("flota-web_1");
        assertThat(container.labels().orElseThrow().placement()).isEqualTo("placed-web@1.service");
        assertThat(container.labels().orElseThrow().file()).isEqualTo(state.fileHash());

        machine.stop("web@1.service");

        var stopped = machine.until("web@1.service", "inactive/dead");
        assertThat(stopped.mainPid()).isZero();
        machine.untilGone("web@1.service");
    }

    @Test
    void whatAContainerConsistsOfIsSeenInItsGroups() throws Exception {
        machine.run("a.service", SLEEP + "Memory=32M\nPidsLimit=20\n");
        machine.until("a.service", "active/running");

        long pid = DOCKER.firstProcess(machine.container("a.service").id());
        var details = ContainerInspection.of(pid).orElseThrow().details();

        assertThat(details.processes()).containsExactly(new UnitDetails.Member(pid, "sleep 1000"));
        assertThat(details.controlGroup().orElseThrow()).endsWith(machine.container("a.service").id());
        assertThat(details.memory().orElseThrow()).isPositive();
        assertThat(details.memoryMax()).contains(32L << 20);
        assertThat(details.cpu().orElseThrow()).isPositive();
        assertThat(details.tasks()).contains(1L);
        assertThat(details.tasksMax()).contains(20L);
    }

    @Test
    void theExitCodeIsTheUnits() throws Exception {
        machine.run("a.service", "[Container]\nImage=web\nExec=sh -c 'echo why; sleep 0.3; exit 3'\n");

        assertThat(machine.until("a.service", "failed/failed").message()).contains("exit-code 3");
        assertThat(machine.containers("a.service")).singleElement().matches(container -> !container.runs());
        assertThat(machine.journal("a.service")).contains("why");
    }

    @Test
    void whatEndsWellAtOnceHasNotFailed() throws Exception {
        machine.run("a.service", "[Container]\nImage=web\nExec=echo done\n");
        machine.until("a.service", state -> state.generation() == 1 && state.active().equals("inactive"));

        machine.run("b.service", "[Container]\nImage=web\nExec=echo done\n[Service]\nType=oneshot\nRemainAfterExit=yes\n");
        machine.until("b.service", "active/exited");
    }

    @Test
    void aContainerThatIsKilledIsStartedAnewAsTheUnitSays() throws Exception {
        machine.run("a.service", SLEEP + "[Service]\nRestart=on-failure\nRestartSec=0\n");
        machine.run("b.service", SLEEP);
        machine.until("a.service", "active/running");
        machine.until("b.service", "active/running");
        var before = machine.container("a.service").id();

        DOCKER.engine().containers().kill(before, Signal.KILL);
        DOCKER.engine().containers().kill(machine.container("b.service").id(), Signal.KILL);

        assertThat(machine.until("b.service", "failed/failed").message()).contains("exit-code 137");
        machine.until("a.service", state -> state.restarts() == 1 && state.sub().equals("running"));
        assertThat(machine.container("a.service").id()).isNotEqualTo(before);
        assertThat(machine.containers("a.service")).hasSize(1);
    }

    @Test
    void theNextAgentTakesOverWhatRunsAndSeesWhatEndedMeanwhile() throws Exception {
        machine.run("a.service", SLEEP);
        machine.run("b.service", SLEEP);
        machine.until("a.service", "active/running");
        machine.until("b.service", "active/running");
        var a = machine.container("a.service");
        var b = machine.container("b.service");
        machine.runtime.close();
        DOCKER.engine().containers().kill(b.id(), Signal.KILL);

        machine.restartAgent();

        assertThat(machine.until("b.service", "failed/failed").message()).contains("exit-code 137");
        var state = machine.until("a.service", found -> found.mainPid() != 0);
        assertThat(state.active()).isEqualTo("active");
        assertThat(machine.container("a.service").id()).isEqualTo(a.id());
        assertThat(machine.container("a.service").pid()).isEqualTo(a.pid());
        assertThat(state.fileHash()).isEqualTo(ContainerMachine.file(SLEEP).hash());
    }

    @Test
    void withNotifyHealthyTheUnitIsUpOnceItsContainerIsHealthy() throws Exception {
        var well = Files.createDirectory(machine.folder.resolve("well"));
        machine.run("a.service", SLEEP + "Notify=healthy\nHealthCmd=test -e /well/yes\nHealthInterval=300ms\n"
                + "HealthRetries=1000\nVolume=" + well + ":/well\n");
        machine.run("b.service", "[Unit]\nAfter=a.service\nRequires=a.service\n" + SLEEP);
        await().atMost(ContainerMachine.HOPELESS).until(() -> !machine.containers("a.service").isEmpty());
        assertThat(machine.state("a.service").active()).isEqualTo("activating");

        Files.createFile(well.resolve("yes"));

        machine.until("a.service", "active/running");
        machine.until("b.service", "active/running");
    }

    @Test
    void untilDockerAnswersTheNextAgentOnlyTrustsWhatTheLastOneHasTold() throws Exception {
        var check = "HealthInterval=300ms\nHealthRetries=1000\nHealthCmd=";
        machine.run("well.service", SLEEP + check + "true\n");
        machine.run("plain.service", SLEEP);
        machine.run("started.service", SLEEP + check + "true\n");
        machine.run("unchecked.service", SLEEP + "HealthCmd=none\n");
        machine.until("well.service", state -> state.health().status().equals("healthy"));
        machine.until("started.service", state -> state.health().status().equals("healthy"));
        machine.until("plain.service", "active/running");
        machine.until("unchecked.service", "active/running");
        machine.runtime.close();
        DOCKER.stopAnswering();
        try {
            Files.delete(machine.folder.resolve("state/containers/health/started.service")); // as if nobody had seen it

            machine.restartAgent();

            assertThat(machine.state("well.service").health().status()).isEqualTo("healthy");
            assertThat(machine.state("plain.service").isWell()).isTrue();
            assertThat(machine.state("unchecked.service").isWell()).isTrue();
            assertThat(machine.state("started.service").active()).isEqualTo("active");
            assertThat(machine.state("started.service").health().status()).isEqualTo("starting");
        } finally {
            DOCKER.answerAgain();
        }
        machine.until("started.service", state -> state.health().status().equals("healthy"));
    }

    @Test
    void anUnhealthyContainerIsKilledIfItsUnitSaysSo() throws Exception {
        var ill = machine.folder.resolve("ill");
        Files.createDirectory(ill);
        machine.run("a.service", SLEEP + "HealthCmd=test ! -e /ill/yes\nHealthInterval=300ms\nHealthRetries=1\n"
                + "HealthOnFailure=kill\nVolume=" + ill + ":/ill\n[Service]\nRestart=always\nRestartSec=0\n");
        machine.until("a.service", "active/running");
        var before = machine.container("a.service").id();

        Files.createFile(ill.resolve("yes"));

        machine.until("a.service", state -> state.restarts() >= 1);
        Files.delete(ill.resolve("yes"));
        machine.until("a.service", "active/running");
        assertThat(machine.container("a.service").id()).isNotEqualTo(before);
    }

    @Test
    void anUnhealthyContainerIsRestartedInPlaceIfItsUnitSaysSo() throws Exception {
        var ill = Files.createDirectory(machine.folder.resolve("ill"));
        machine.run("a.service", SLEEP + "HealthCmd=test ! -e /ill/yes\nHealthInterval=300ms\nHealthRetries=1\n"
                + "HealthOnFailure=restart\nVolume=" + ill + ":/ill\n");
        machine.until("a.service", "active/running");
        var before = machine.container("a.service");

        Files.createFile(ill.resolve("yes"));
        await().atMost(ContainerMachine.HOPELESS).until(() -> machine.containers("a.service").stream()
                .anyMatch(now -> now.runs() && !now.pid().equals(before.pid())));
        Files.delete(ill.resolve("yes"));

        var state = machine.until("a.service", now -> now.health().status().equals("healthy"));
        assertThat(state.active()).isEqualTo("active");
        assertThat(state.restarts()).isZero();
        assertThat(machine.container("a.service").id()).isEqualTo(before.id());
    }

    @Test
    void aContainerThatIsRemovedByHandHasFailed() throws Exception {
        machine.run("a.service", SLEEP + "[Service]\nRestart=on-failure\nRestartSec=0\n");
        machine.until("a.service", "active/running");
        var before = machine.container("a.service").id();

        DOCKER.engine().containers().remove(before);

        machine.until("a.service", state -> state.restarts() == 1 && state.sub().equals("running"));
        assertThat(machine.container("a.service").id()).isNotEqualTo(before);
    }

    @Test
    void theFolderOfQuestionsIsMadeAnew() throws Exception {
        machine.run("a.service", SLEEP);
        machine.until("a.service", "active/running");
        var before = machine.container("a.service").id();
        removeQuestions();

        machine.run("b.service", SLEEP);

        machine.until("b.service", "active/running");
        assertThat(machine.container("a.service").id()).isEqualTo(before);
    }

    @Test
    void whoHasAskedIsAnsweredThoughTheFolderOfQuestionsWasRemoved() throws Exception {
        machine.run("a.service", SLEEP);
        machine.run("b.service", SLEEP);
        machine.until("a.service", "active/running");
        machine.until("b.service", "active/running");

        removeQuestions();
        DOCKER.engine().containers().kill(machine.container("a.service").id(), Signal.KILL);
        assertThat(machine.until("a.service", "failed/failed").message()).contains("exit-code 137");

        machine.runtime.close(); // the next agent has never seen it
        removeQuestions();
        DOCKER.engine().containers().kill(machine.container("b.service").id(), Signal.KILL);
        machine.restartAgent();
        assertThat(machine.until("b.service", "failed/failed").message()).contains("exit-code 137");
    }

    private void removeQuestions() throws IOException {
        var asks = machine.folder.resolve("state/containers/asks");
        try (var pipes = Files.list(asks)) {
            for (var pipe : pipes.toList()) {
                Files.delete(pipe);
            }
        }
        Files.delete(asks);
    }

    @Test
    void whoWaitsForAContainerThatNobodyRunsIsToldSoon() throws Exception {
        machine.load("a.service", SLEEP);
        var root = machine.folder.resolve("state/containers");

        var ready = new ProcessBuilder(
                        "/bin/sh", root.resolve("ask").toString(), root.resolve("asks").toString(),
                        UnitKey.of(new UnitName("a.service")), "ready")
                .start();
        try {
            // Not only when all is looked at again, a minute later.
            assertThat(ready.waitFor(Duration.ofSeconds(30))).isTrue();
        } finally {
            ready.destroyForcibly();
        }
        assertThat(ready.exitValue()).isEqualTo(ContainerSteps.NOT_RUN);
    }

    @Test
    void aPortThatIsTakenIsSaid() throws Exception {
        machine.run("a.service", SLEEP + "PublishPort=8089:80\n");
        machine.until("a.service", "active/running");

        machine.run("b.service", SLEEP + "PublishPort=8089:80\n");

        assertThat(machine.until("b.service", "failed/failed").message()).contains("8089").contains("port is already");
        machine.untilGone("b.service");
    }

    @Test
    void anImageThatIsNotThereIsSaid() throws Exception {
        machine.run("a.service", "[Container]\nImage=nobodys\nPull=never\n");
        machine.run("b.service", "[Container]\nImage=127.0.0.1:1/nobodys\n");

        assertThat(machine.until("a.service", "failed/failed").message()).contains("nobodys").contains("Pull=never");
        var waits = machine.until("b.service", state -> state.message().contains("waits for its image, which is tried"));
        assertThat(waits.active()).isEqualTo("activating");
        machine.stop("b.service");
        assertThat(machine.until("b.service", state -> state.isDown()).generation()).isZero();
    }

    @Test
    void servicesAndContainersDependOnEachOther() throws Exception {
        machine.load("db.service", SLEEP);
        machine.load("app.service", "[Unit]\nBindsTo=db.service\nAfter=db.service\n[Service]\nExecStart=/bin/sleep 1000\n");
        machine.load("side.service", "[Unit]\nBindsTo=app.service\nAfter=app.service\n" + SLEEP);
        machine.start("side.service");
        machine.until("side.service", "active/running");
        machine.until("db.service", "active/running");

        DOCKER.engine().containers().kill(machine.container("db.service").id(), Signal.KILL);

        machine.until("db.service", "failed/failed");
        machine.until("app.service", state -> state.isDown());
        machine.until("side.service", state -> state.isDown());
        machine.untilGone("side.service");
    }

    @Test
    void limitsAreChangedWhileItRuns() throws Exception {
        machine.run("a.service", SLEEP + "Memory=32M\n");
        machine.until("a.service", "active/running");
        var before = machine.container("a.service");
        var group = DOCKER.memoryLimit(before.id());
        assertThat(group).isEqualTo(32L << 20);

        machine.set("a.service", Map.of("MemoryMax", "64M", "CPUQuota", "50%"));
        await().atMost(ContainerMachine.HOPELESS).until(() -> DOCKER.memoryLimit(before.id()) == 64L << 20);
        assertThat(machine.container("a.service").pid()).isEqualTo(before.pid());

        machine.set("a.service", Map.of());
        await().atMost(ContainerMachine.HOPELESS).until(() -> DOCKER.memoryLimit(before.id()) == 32L << 20);
    }

    @Test
    void aSectionThatMakesNoSenseIsAStateOfItsUnit() throws Exception {
        machine.run("a.service", "[Container]\nImage=web\nPodmanArgs=--privileged\nMemory=much\n");

        var state = machine.state("a.service");
        assertThat(state.load()).isEqualTo("bad-setting");
        assertThat(state.message()).contains("a.service:3: PodmanArgs=").contains("a.service:4: Memory=");
        assertThat(state.active()).isEqualTo("inactive");

        machine.run("a.service", SLEEP);
        machine.until("a.service", "active/running");
    }

    @Test
    void whatNobodyWantsGoesAndOtherContainersStay() throws Exception {
        var other = started("others", new ContainerLabels("c1", "another-machine", UNIT, "f", "p", "r"));
        var cluster = started("clusters", new ContainerLabels("c2", machine.id, UNIT, "f", "p", "r"));
        machine.runtime.close();
        var ours = started("ours", new ContainerLabels("c1", machine.id, UNIT, "f", "p", "r"));

        machine.restartAgent();

        var containers = DOCKER.engine().containers();
        await().atMost(ContainerMachine.HOPELESS).until(() -> containers.inspect(ours).isEmpty());
        for (var id : List.of(other, cluster)) {
            assertThat(containers.inspect(id).orElseThrow().runs()).isTrue();
            containers.remove(id);
        }
    }

    private static String started(String name, ContainerLabels labels) throws Exception {
        var settings = Settings.of("Exec=sleep 1000", "StopSignal=KILL", "ContainerName=" + name);
        var id = DOCKER.engine().containers().create(new ContainerPlan(settings, labels, MachineFiles.NONE));
        DOCKER.engine().containers().start(id);
        return id;
    }

    @Test
    void aDockerThatWasKilledIsFoundAgain() throws Exception {
        machine.run("a.service", SLEEP + "[Service]\nRestart=always\nRestartSec=0\n");
        machine.run("b.service", SLEEP);
        machine.until("a.service", "active/running");
        machine.until("b.service", "active/running");
        var before = machine.container("a.service").id();

        DOCKER.kill();
        machine.until("a.service", state -> state.message().contains("away"));
        DOCKER.start();
        DOCKER.awaitUp();

        machine.until("b.service", "failed/failed");
        await().atMost(ContainerMachine.HOPELESS).ignoreExceptionsInstanceOf(AssertionError.class)
                .until(() -> !machine.container("a.service").id().equals(before));
        machine.until("a.service", "active/running");
    }

    @Test
    void stopWaitsForAsLongAsTheUnitSays() throws Exception {
        machine.run("a.service", "[Container]\nImage=web\nStopTimeout=1\n"
                + "Exec=sh -c 'trap \"\" TERM; while :; do sleep 1; done'\n");
        machine.until("a.service", "active/running");

        machine.stop("a.service");

        assertThat(machine.until("a.service", state -> state.isDown()).message()).contains("137");
        machine.untilGone("a.service");
    }
}
