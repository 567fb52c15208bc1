package io.flota.agent.runtime.docker;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.github.dockerjava.api.command.CreateContainerResponse;
import com.github.dockerjava.core.DockerClientConfig;
import com.github.dockerjava.core.command.CreateContainerCmdImpl;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import io.flota.unit.UnitFileException;
import io.flota.unit.UnitName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ContainerPlanTest {
    static final ContainerLabels LABELS =
            new ContainerLabels("c1", "m1", new UnitName("web@1.service"), "f00", "p1", "r1");

    static Stream<Sample> samples() {
        return Sample.ALL.stream().filter(sample -> sample.isDockers() && !sample.key().equals("ContainerName"));
    }

    @ParameterizedTest
    @MethodSource("samples")
    void everyKeyIsSentToDocker(Sample template, @TempDir Path folder) throws UnitFileException, IOException {
        writeFiles(folder);
        var sample = template.in(folder);
        var settings = Settings.of(sample.lines().split("\n"));

        var sent = sent(settings, MachineFiles.read(settings));

        assertThat(sent.at(sample.pointerToCreate()).toString()).contains(
                sample.shown());
    }

    static void writeFiles(Path folder) throws IOException {
        Files.writeString(folder.resolve("env"), "FROM='a file'\nGREETING=early\n");
        Files.writeString(folder.resolve("seccomp.json"), "{\"defaultAction\": \"SCMP_ACT_ALLOW\"}");
    }

    @Test
    void theContainerCarriesWhatItIsFor() throws UnitFileException {
        var sent = sent(Settings.of("Label=colour=blue"), MachineFiles.NONE);

        assertThat(sent.at("/Labels").toString())
                .contains("\"colour\":\"blue\"", "\"io.flota.cluster\":\"c1\"", "\"io.flota.machine\":\"m1\"",
                        "\"io.flota.unit\":\"web@1.service\"", "\"io.flota.file\":\"f00\"",
                        "\"io.flota.placement\":\"p1\"", "\"io.flota.run\":\"r1\"");
        assertThat(ContainerLabels.read(LABELS.toMap())).contains(LABELS);
        assertThat(ContainerLabels.read(ImmutableMap.of("io.flota.cluster", "c1"))).isEmpty();
    }

    @Test
    void whatIsNotAskedForIsLeftToTheImageAndTheDaemon() throws UnitFileException {
        var sent = sent(Settings.of(), MachineFiles.NONE);

        for (var field : List.of("Cmd", "Entrypoint", "User", "WorkingDir", "Healthcheck", "StopSignal", "Hostname")) {
            assertThat(sent.path(field).isMissingNode() || sent.path(field).isNull()).as(field).isTrue();
        }
        assertThat(sent.at("/HostConfig/LogConfig").path("Type").isTextual()).isFalse();
    }

    @Test
    void anEmptyEntrypointTakesAwayTheImages() throws UnitFileException {
        assertThat(sent(Settings.of("Entrypoint="), MachineFiles.NONE).path("Entrypoint").toString())
                .isEqualTo("[\"\"]");
    }

    @Test
    void aPublishedPortIsAlsoExposed() throws UnitFileException {
        var sent = sent(Settings.of("PublishPort=8080:80/udp"), MachineFiles.NONE);

        assertThat(sent.path("ExposedPorts").toString()).isEqualTo("{\"80/udp\":{}}");
    }

    @Test
    void theLowerLimitOfBothSectionsHolds() throws UnitFileException {
        var settings = Settings.read("""
                [Container]
                Image=web
                Memory=128m
                PidsLimit=10
                [Service]
                MemoryMax=64M
                TasksMax=20
                CPUQuota=50%
                """);

        var sent = sent(settings.container(), MachineFiles.NONE).path("HostConfig");

        assertThat(settings.ignored()).isEmpty();
        assertThat(sent.path("Memory").asLong()).isEqualTo(64 << 20);
        assertThat(sent.path("MemorySwap").asLong()).isEqualTo(-1);
        assertThat(sent.path("PidsLimit").asLong()).isEqualTo(10);
        assertThat(sent.path("CpuPeriod").asLong()).isEqualTo(100_000);
        assertThat(sent.path("CpuQuota").asLong()).isEqualTo(50_000);
        assertThat(sent.path("NanoCpus").asLong()).isZero();
    }

    @Test
    void furtherNetworksWaitUntilItIsThere() throws UnitFileException {
        var plan = new ContainerPlan(
                Settings.of("Network=front:alias=www", "Network=back:ip=10.0.0.9"), LABELS, MachineFiles.NONE);

        assertThat(plan.furtherNetworks())
                .singleElement()
                .satisfies(network -> {
                    assertThat(network.name()).isEqualTo("back");
                    assertThat(network.ip()).contains("10.0.0.9");
                });
        assertThat(sent(plan).at("/NetworkingConfig/EndpointsConfig").toString())
                .contains("front")
                .doesNotContain("back");
    }

    @Test
    void whatTheUnitSaysWinsOverItsEnvironmentFile() throws UnitFileException {
        var files = new MachineFiles(ImmutableMap.of("A", "file", "B", "file"), Optional.empty(), ImmutableSet.of());

        assertThat(sent(Settings.of("Environment=A=unit"), files).path("Env").toString())
                .isEqualTo("[\"A=unit\",\"B=file\"]");
    }

    private static JsonNode sent(ContainerSettings settings, MachineFiles files) {
        return sent(new ContainerPlan(settings, LABELS, files));
    }

    private static JsonNode sent(ContainerPlan plan) {
        var sent = new AtomicReference<JsonNode>();
        var command = new CreateContainerCmdImpl(
                filled -> {
                    sent.set(DockerClientConfig.getDefaultObjectMapper().valueToTree(filled));
                    return new CreateContainerResponse();
                },
                null, "");
        plan.onto(command).exec();
        return sent.get();
    }
}
