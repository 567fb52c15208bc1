package io.flota.agent.runtime.docker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import io.flota.agent.runtime.process.Signal;
import io.flota.unit.UnitFileException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// dockerd dies, hangs and comes back; containers live on (`live-restore`).
class DockerOutagesTest {
    private static final Duration LONG = Duration.ofMinutes(1);

    @RegisterExtension
    static final OwnDocker DOCKER = new OwnDocker("--live-restore");

    private final List<String> heard = new CopyOnWriteArrayList<>();
    private final EventStream.Listener listener = new EventStream.Listener() {
        @Override
        public void connected() {
            heard.add("connected");
        }

        @Override
        public void happened(ContainerEvent event) {
            if (event.labels().isPresent()) {
                heard.add(event.action() + event.exitCode().map(code -> " " + code).orElse(""));
            }
        }

        @Override
        public void lost(EngineException because) {
            heard.add("lost");
        }
    };

    @Test
    void eventsAreHeardAgainAfterDockerdWasKilledAndItsContainersLiveOn() throws Exception {
        var containers = DOCKER.engine().containers();
        try (var _ = DOCKER.engine().events(ContainerLabels.of("c1", "m1"), listener)) {
            await().atMost(LONG).until(() -> heard.contains("connected"));
            var id = containers.create(plan());
            containers.start(id);
            await().atMost(LONG).until(() -> heard.contains("start"));
            var pid = containers.inspect(id).orElseThrow().pid();

            DOCKER.kill();
            await().atMost(LONG).until(() -> heard.contains("lost"));
            var away = catchThrowableOfType(EngineAwayException.class, () -> containers.inspect(id));
            var still = catchThrowableOfType(EngineAwayException.class, () -> containers.start(id));
            DOCKER.start();
            await().atMost(LONG).until(() -> heard.lastIndexOf("connected") > heard.indexOf("lost"));

            assertThat(away).hasMessageContaining("cannot inspect container").hasMessageContaining("is away since");
            assertThat(still.since()).isEqualTo(away.since()).isBefore(Instant.now());
            assertThat(containers.inspect(id).orElseThrow().pid()).isEqualTo(pid);
            assertThat(heard.stream().filter("lost"::equals)).hasSize(1);
            containers.kill(id, Signal.KILL);
            await().atMost(LONG).until(() -> heard.contains("die 137"));
            containers.remove(id);
            await().atMost(LONG).until(() -> heard.contains("destroy"));
        }
    }

    @Test
    void aDaemonThatDoesNotAnswerIsAwayOnceTheTimeIsOver() throws Exception {
        var hurried = new EngineSettings(
                DOCKER.socket(), Duration.ofMillis(500), Duration.ofSeconds(1), Path.of("/nowhere"));
        try (var engine = new Engine(hurried, InstantSource.system())) {
            DOCKER.stopAnswering();
            try {
                await().atMost(LONG).untilAsserted(() ->
                        assertThat(catchThrowableOfType(EngineAwayException.class, engine::version))
                                .hasMessageContaining("no answer for 500 ms"));
            } finally {
                DOCKER.answerAgain();
            }

            await().atMost(LONG).ignoreExceptionsMatching(EngineException.class::isInstance).untilAsserted(() ->
                    assertThat(engine.version().api()).startsWith("1."));
        }
    }

    @Test
    void whereThereIsNoDockerItIsAway() {
        var settings = EngineSettings.of(URI.create("unix:///nowhere/docker.sock"));
        try (var engine = new Engine(settings, InstantSource.fixed(Instant.EPOCH))) {
            assertThat(catchThrowableOfType(EngineAwayException.class, engine::version))
                    .hasMessageStartingWith("cannot ask for its version: Docker at unix:///nowhere/docker.sock is away"
                            + " since 1970-01-01T00:00:00Z: ");
        }
    }

    private static ContainerPlan plan() throws UnitFileException {
        return new ContainerPlan(Settings.of(), ContainerPlanTest.LABELS, MachineFiles.NONE);
    }
}
