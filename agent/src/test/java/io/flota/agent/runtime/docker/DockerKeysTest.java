package io.flota.agent.runtime.docker;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.github.dockerjava.api.model.Network.Ipam;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Every key that is honoured, as Docker shows it of a container that runs.
class DockerKeysTest {
    @RegisterExtension
    static final OwnDocker DOCKER = new OwnDocker();

    @BeforeAll
    static void makeNetwork() throws IOException {
        try (var docker = LocalImage.client(DOCKER.socket())) {
            docker.createNetworkCmd()
                    .withName(Sample.NETWORK)
                    .withEnableIpv6(true)
                    .withIpam(new Ipam().withConfig(
                            new Ipam.Config().withSubnet("10.77.0.0/24"), new Ipam.Config().withSubnet("fd77::/64")))
                    .exec();
        }
    }

    static Stream<Sample> samples() {
        return Sample.ALL.stream().filter(Sample::isDockers);
    }

    @ParameterizedTest
    @MethodSource("samples")
    void takesEffect(Sample template, @TempDir Path folder) throws Exception {
        ContainerPlanTest.writeFiles(folder);
        var sample = template.in(folder);
        var image = sample.key().equals("Image") ? "" : "Image=web\n";
        var settings = Settings.read("[Container]\n" + image + sample.lines() + "\n").container();
        var containers = DOCKER.engine().containers();

        var id = containers.create(
                new ContainerPlan(settings, ContainerPlanTest.LABELS, MachineFiles.read(settings)));
        try {
            containers.start(id);

            assertThat(inspect(id).at(sample.pointer()).toString()).contains(sample.shown());
        } finally {
            containers.remove(id);
        }
    }

    /// All that Docker says, and not only what the library knows of.
    private static JsonNode inspect(String id) throws IOException {
        var address = UnixDomainSocketAddress.of(Path.of(DOCKER.socket().getPath()));
        try (var socket = SocketChannel.open(address)) {
            var request = "GET /containers/" + id + "/json HTTP/1.0\r\nHost: docker\r\n\r\n";
            socket.write(ByteBuffer.wrap(request.getBytes(StandardCharsets.UTF_8)));
            var answer = new String(Channels.newInputStream(socket).readAllBytes(), StandardCharsets.UTF_8);
            return new ObjectMapper().readTree(answer.substring(answer.indexOf("\r\n\r\n")));
        }
    }
}
