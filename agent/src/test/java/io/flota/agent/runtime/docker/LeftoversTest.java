package io.flota.agent.runtime.docker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.command.InspectVolumeResponse;
import com.github.dockerjava.api.model.Network;
import io.flota.agent.runtime.process.Signal;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// What units leave behind in Docker: only volumes that have a name.
class LeftoversTest {
    private static final int RESTARTS = 5;
    private static final String STORES = "[Unit]\nStartLimitIntervalSec=1h\nStartLimitBurst=" + (RESTARTS + 1)
            + "\n[Service]\nRestart=always\nRestartSec=0\n[Container]\nImage=web\nStopSignal=KILL\nNetwork=front\n"
            + "Volume=/anonymous\nVolume=data:/data\nTmpfs=/scratch\n";

    @RegisterExtension
    static final OwnDocker DOCKER = new OwnDocker();

    private final DockerClient docker = LocalImage.client(DOCKER.socket());
    private ContainerMachine machine;

    @BeforeEach
    void machine() throws Exception {
        docker.createNetworkCmd().withName("front").exec();
        machine = new ContainerMachine(DOCKER);
    }

    @AfterEach
    void nothingIsLeft() throws Exception {
        machine.close();
        docker.removeNetworkCmd("front").exec();
        docker.close();
    }

    @Test
    void neitherContainersNorNamelessVolumesNorNetworksAreLeftOfWhatWasStartedAnewAndAnew() throws Exception {
        var networks = networks();
        machine.run("killed.service", STORES + "Exec=sleep 1000\n");
        machine.run("fails.service", STORES + "Exec=sh -c 'echo x > /anonymous/x; exit 3'\n");
        machine.run("refused.service", STORES + "Exec=nosuchprogram\n");
        machine.run("nowhere.service", STORES + "Network=nowhere\nExec=sleep 1000\n");
        for (int i = 0; i < RESTARTS; i++) {
            int times = i;
            machine.until("killed.service", state -> state.restarts() == times && state.sub().equals("running"));
            DOCKER.engine().containers().kill(machine.container("killed.service").id(), Signal.KILL);
        }
        machine.until("killed.service", state -> state.restarts() == RESTARTS && state.sub().equals("running"));
        for (var unit : List.of("fails.service", "refused.service", "nowhere.service")) {
            machine.until(unit, state -> state.restarts() >= RESTARTS && state.active().equals("failed"));
        }
        // One runs, one has failed and is kept.
        await().atMost(ContainerMachine.HOPELESS).untilAsserted(() -> assertThat(nameless()).isEqualTo(2));
        assertThat(machine.containers("killed.service")).hasSize(1);
        assertThat(machine.containers("fails.service")).hasSize(1);

        for (var unit : List.of("killed.service", "fails.service", "refused.service", "nowhere.service")) {
            machine.unload(unit);
        }

        await().atMost(ContainerMachine.HOPELESS).untilAsserted(() -> {
            assertThat(docker.listContainersCmd().withShowAll(true).exec()).isEmpty();
            assertThat(nameless()).isZero();
        });
        assertThat(volumes()).containsExactly("data");
        assertThat(networks()).isEqualTo(networks);
    }

    private long nameless() {
        return volumes().stream().filter(name -> !name.equals("data")).count();
    }

    private List<String> volumes() {
        return Optional.ofNullable(docker.listVolumesCmd().exec().getVolumes()).orElse(List.of()).stream()
                .map(InspectVolumeResponse::getName)
                .toList();
    }

    private List<String> networks() {
        return docker.listNetworksCmd().exec().stream().map(Network::getName).sorted().toList();
    }
}
