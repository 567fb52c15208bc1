package io.flota.agent.runtime.docker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import com.google.common.collect.ImmutableMap;
import io.flota.agent.runtime.docker.EngineRefusedException.Reason;
import io.flota.agent.runtime.docker.SeenContainer.Health;
import io.flota.agent.runtime.docker.SeenContainer.Status;
import io.flota.agent.runtime.process.Signal;
import io.flota.agent.runtime.setting.CgroupLimits;
import io.flota.unit.UnitName;
import java.nio.file.Files;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class DockerEngineTest {
    private static final Duration LONG = Duration.ofMinutes(1);

    @RegisterExtension
    static final OwnDocker DOCKER = new OwnDocker();

    private final Containers containers = DOCKER.engine().containers();

    @AfterEach
    void removeAll() throws Exception {
        for (var container : containers.list(ImmutableMap.of("io.flota.cluster", "c1"))) {
            containers.remove(container.id());
        }
    }

    @Test
    void aContainerLivesFromCreationToRemoval() throws Exception {
        var id = containers.create(plan("web@1.service", "Exec=sh -c 'echo up; exec sleep 99'", "StopSignal=KILL"));
        assertThat(seen(id).status()).isEqualTo(Status.CREATED);

        containers.start(id);
        containers.start(id); // and again, which is nothing
        assertThat(seen(id).runs()).isTrue();
        assertThat(seen(id).pid()).isPresent();
        assertThat(seen(id).labels()).contains(labels("web@1.service"));
        assertThat(containers.awaitExit(id, Duration.ofMillis(100))).isEmpty();

        containers.stop(id, Duration.ofSeconds(5));
        containers.stop(id, Duration.ofSeconds(5));
        assertThat(seen(id).status()).isEqualTo(Status.EXITED);
        assertThat(seen(id).exitCode()).isEqualTo(137);
        assertThat(seen(id).finished()).isPresent();

        containers.remove(id);
        containers.remove(id);
        assertThat(containers.inspect(id)).isEmpty();
    }

    @Test
    void whoWaitsHearsTheExitCode() throws Exception {
        var id = started("web@1.service", "Exec=sh -c 'exit 3'");

        assertThat(containers.awaitExit(id, LONG)).contains(3);
    }

    @Test
    void whoDoesNotStopInTimeIsKilled() throws Exception {
        var id = started("web@1.service", "Exec=sh -c 'trap \"\" TERM; while :; do sleep 1; done'");

        containers.stop(id, Duration.ofSeconds(1));

        assertThat(seen(id).exitCode()).isEqualTo(137);
    }

    @Test
    void aSignalReachesTheFirstProcess() throws Exception {
        var id = started("web@1.service",
                "Exec=sh -c 'trap \"exit 7\" USR1; touch /tmp/up; while :; do sleep 0.1; done'",
                "HealthCmd=test -e /tmp/up", "HealthInterval=1s");
        await().atMost(LONG).until(() -> seen(id).health().equals(Optional.of(Health.HEALTHY)));

        containers.kill(id, Signal.USR1);

        assertThat(containers.awaitExit(id, LONG)).contains(7);
        assertThat(refusal(() -> containers.kill(id, Signal.USR1)).reason()).isEqualTo(Reason.CONFLICT);
    }

    @Test
    void allContainersOfAMachineAreFoundByTheirLabelsAndNoOthers() throws Exception {
        var running = started("web@1.service");
        var created = containers.create(plan("web@2.service"));
        var other = containers.create(new ContainerPlan(
                settings("web@3.service"),
                new ContainerLabels("c1", "other", new UnitName("web@3.service"), "f", "p", "r"), MachineFiles.NONE));

        assertThat(containers.list(ContainerLabels.of("c1", "m1")))
                .extracting(SeenContainer::id)
                .containsExactlyInAnyOrder(running, created)
                .doesNotContain(other);
    }

    @Test
    void whatKeepsAContainerFromBeingMadeIsSaid() throws Exception {
        var id = started("web@1.service", "PublishPort=18080:80");
        var second = containers.create(plan("web@2.service", "PublishPort=18080:80"));

        assertThat(refusal(() -> containers.create(plan("web@1.service"))).reason()).isEqualTo(Reason.NAME_TAKEN);
        assertThat(refusal(() -> containers.start(second)).reason()).isEqualTo(Reason.PORT_TAKEN);
        assertThat(seen(second).status()).isEqualTo(Status.CREATED);
        assertThat(seen(id).ports()).containsEntry("80/tcp", 18080);
        assertThat(refusal(() -> containers.create(plan("web@3.service", "Image=nowhere"))).reason())
                .isEqualTo(Reason.NO_IMAGE);
        assertThat(refusal(() -> containers.start("nobody")).reason()).isEqualTo(Reason.NO_CONTAINER);
        var third = containers.create(plan("web@4.service", "Network=nowhere"));
        assertThat(refusal(() -> containers.start(third)).reason()).isEqualTo(Reason.NO_NETWORK);
    }

    @Test
    void aPortThatAProcessOfTheMachineHasIsTakenToo() throws Exception {
        var process = DOCKER.inside(List.of("busybox", "nc", "-l", "-p", "18081"));
        try {
            await().atMost(LONG).until(() -> DOCKER.inside(List.of(
                            "sh", "-c", "grep -q :46A1 /proc/net/tcp /proc/net/tcp6"))
                    .waitFor() == 0);
            var id = containers.create(plan("web@1.service", "PublishPort=18081:80"));

            assertThat(refusal(() -> containers.start(id)).reason()).isEqualTo(Reason.PORT_TAKEN);
        } finally {
            process.children().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
    }

    @Test
    void aContainerThatCannotEnterAllItsNetworksIsNotMade() throws Exception {
        try (var docker = LocalImage.client(DOCKER.socket())) {
            docker.createNetworkCmd().withName("front").exec(); // its addresses are Docker's to give
        }

        refusal(() -> containers.create(plan("web@1.service", "Network=bridge", "Network=front:ip=10.9.9.9")));

        assertThat(containers.list(ContainerLabels.of("c1", "m1"))).isEmpty();
    }

    @Test
    void limitsChangeWhileItRuns() throws Exception {
        var id = started("web@1.service", "Memory=64m");
        var pid = seen(id).pid();

        containers.limit(id, new CgroupLimits(Optional.of(128L << 20), Optional.of(0.5), Optional.of(50L)));

        try (var docker = LocalImage.client(DOCKER.socket())) {
            var config = docker.inspectContainerCmd(id).exec().getHostConfig();
            assertThat(config.getMemory()).isEqualTo(128L << 20);
            assertThat(config.getCpuQuota()).isEqualTo(50_000);
            assertThat(config.getPidsLimit()).isEqualTo(50);
            containers.limit(id, CgroupLimits.NONE);
            var free = docker.inspectContainerCmd(id).exec().getHostConfig();
            assertThat(free.getMemory()).isGreaterThan(1L << 60);
            assertThat(free.getCpuQuota()).isEqualTo(-1);
        }
        assertThat(seen(id).pid()).isEqualTo(pid);
    }

    /// Without `live-restore`; what starts it again is the agent and not Docker.
    @Test
    void aContainerHasEndedAfterDockerdWasStartedAnew() throws Exception {
        var id = started("web@1.service");
        var other = started("web@2.service", "Exec=sh -c 'exit 3'");
        assertThat(containers.awaitExit(other, LONG)).contains(3); // leaves a connection behind, which then is dead

        DOCKER.kill();
        DOCKER.start();
        DOCKER.awaitUp();

        assertThat(containers.awaitExit(other, LONG)).contains(3);
        assertThat(seen(id).status()).isEqualTo(Status.EXITED);
        containers.start(id);
        assertThat(seen(id).runs()).isTrue();
    }

    @Test
    void whatItWritesIsReadWithItsTimesAndFollowed() throws Exception {
        var lines = new CopyOnWriteArrayList<LogLine>();
        var id = containers.create(plan("web@1.service",
                "Exec=sh -c 'echo out; echo err >&2; while ! test -e /tmp/go; do sleep 1; done; echo more; echo most'",
                "Volume=" + DOCKER.folder().resolve("shared") + ":/tmp"));
        var before = Instant.now().minusSeconds(1);
        containers.start(id);
        try (var following = DOCKER.engine().logs().follow(id, before, lines::add)) {
            await().atMost(LONG).until(() -> lines.size() == 2);
            Files.createFile(DOCKER.folder().resolve("shared/go"));
            following.await(LONG);
        }

        assertThat(lines).extracting(LogLine::text).containsExactlyInAnyOrder("out", "err", "more", "most");
        assertThat(lines).filteredOn(LogLine::error).extracting(LogLine::text).containsExactly("err");
        var later = new CopyOnWriteArrayList<LogLine>();
        DOCKER.engine().logs().read(id, lines.getLast().at(), 100, LONG, later::add);
        // Within the same second, as Docker counts.
        assertThat(later).extracting(LogLine::text).containsExactly("most");
    }

    @Test
    void imagesAreFoundByNameAndTakenAsTheUnitWants() throws Exception {
        var images = DOCKER.engine().images();
        var here = images.find(ImageReference.parse("web")).orElseThrow();

        assertThat(images.find(ImageReference.parse("nowhere"))).isEmpty();
        assertThat(images.provide(ImageReference.parse("web"), PullPolicy.MISSING, _ -> {})).isEqualTo(here);
        assertThat(images.provide(ImageReference.parse("web"), PullPolicy.NEWER, _ -> {})).isEqualTo(here);
        assertThat(refusal(() -> images.provide(ImageReference.parse("nowhere"), PullPolicy.NEVER, _ -> {})).reason())
                .isEqualTo(Reason.NO_IMAGE);
        assertThat(refusal(() -> images.provide(
                                ImageReference.parse("127.0.0.1:9/nowhere"), PullPolicy.MISSING, _ -> {}))
                        .reason())
                .isEqualTo(Reason.REGISTRY_AWAY);
    }

    private static EngineRefusedException refusal(ThrowingCallable call) {
        var refusal = catchThrowableOfType(EngineRefusedException.class, call);
        assertThat(refusal).isNotNull().hasMessageNotContaining("\n");
        return refusal;
    }

    private SeenContainer seen(String id) throws Exception {
        return containers.inspect(id).orElseThrow();
    }

    private String started(String unit, String... lines) throws Exception {
        var id = containers.create(plan(unit, lines));
        containers.start(id);
        return id;
    }

    private static ContainerPlan plan(String unit, String... lines) throws Exception {
        return new ContainerPlan(settings(unit, lines), labels(unit), MachineFiles.NONE);
    }

    private static ContainerSettings settings(String unit, String... lines) throws Exception {
        return Settings.read(unit, "[Container]\nImage=web\n" + String.join("\n", lines) + "\n").container();
    }

    private static ContainerLabels labels(String unit) {
        return new ContainerLabels("c1", "m1", new UnitName(unit), "f00", "p1", "r1");
    }
}
