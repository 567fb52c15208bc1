package io.flota.agent.runtime.docker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.github.dockerjava.api.DockerClient;
import java.io.IOException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// The disk of dockerd has no space left, and then some again.
class DiskFullTest {
    private static final String FULL = "no space left on device";

    @RegisterExtension
    static final OwnDocker DOCKER = OwnDocker.onDisk(64);

    private static Process registry;

    private ContainerMachine machine;

    @BeforeAll
    static void startRegistry() throws IOException {
        registry = TestRegistry.start(DOCKER);
        TestRegistry.logIn(DOCKER);
    }

    @AfterAll
    static void stopRegistry() {
        registry.children().forEach(ProcessHandle::destroyForcibly);
    }

    @BeforeEach
    void machine() throws Exception {
        machine = new ContainerMachine(DOCKER);
    }

    @AfterEach
    void nothingIsLeft() throws Exception {
        DOCKER.makeRoom();
        machine.close();
    }

    @Test
    void aContainerThatCannotBeMadeIsMadeOnceThereIsRoom() throws Exception {
        DOCKER.fill();
        machine.run("a.service", "[Unit]\nStartLimitIntervalSec=0\n[Container]\nImage=web\nExec=sleep 1000\n"
                + "StopSignal=KILL\nVolume=/anonymous\n[Service]\nRestart=always\nRestartSec=100ms\n");

        assertThat(machine.until("a.service", state -> state.restarts() >= 3).message())
                .startsWith("Docker refuses to ").contains(FULL);
        machine.stop("a.service");
        machine.until("a.service", state -> state.isDown());
        try (DockerClient docker = LocalImage.client(DOCKER.socket())) {
            assertThat(docker.listContainersCmd().withShowAll(true).exec()).isEmpty();
            assertThat(docker.listVolumesCmd().exec().getVolumes()).isEmpty();
        }

        machine.start("a.service");
        machine.until("a.service", state -> state.message().contains(FULL));
        DOCKER.makeRoom();

        assertThat(machine.until("a.service", "active/running").message()).isEmpty();
    }

    @Test
    void anImageThatCannotBePulledIsPulledOnceThereIsRoom() throws Exception {
        DOCKER.fill();
        machine.run("a.service", "[Container]\nImage=127.0.0.1:5000/test/web:1\nExec=/bin/sleep 1000\nStopSignal=KILL\n");

        var waits = machine.until("a.service", state -> state.message().contains(FULL));
        assertThat(waits.message()).startsWith("waits for its image, which is tried again: Docker refuses to pull image");
        assertThat(waits.active()).isEqualTo("activating");
        DOCKER.makeRoom();

        assertThat(machine.until("a.service", "active/running").message()).isEmpty();
    }
}
