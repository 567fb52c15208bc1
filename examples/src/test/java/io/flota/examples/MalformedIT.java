package io.flota.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.ByteString;
import io.flota.api.v1.ApplyRequest;
import io.flota.api.v1.DesiredState;
import io.flota.api.v1.UnitIntent;
import io.flota.testing.MalformedUnitFiles;
import io.flota.testing.MalformedUnitFiles.MalformedUnitFile;
import io.flota.testing.Seeds;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.nio.file.Files;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// What chance brings forth is refused with a line that says what and where, and the cluster stays as it is.
class MalformedIT {
    private static final int FILES = 200;

    @RegisterExtension
    static final LocalCluster CLUSTER = LocalCluster.with("--machines", "1");

    private Api api;

    @BeforeEach
    void aUnitRuns() {
        api = new Api(CLUSTER.endpoint());
        Units.write(CLUSTER.folder(), "good.service");
        CLUSTER.unitctl("start", "good").ok();
    }

    @AfterEach
    void disconnect() {
        api.close();
    }

    @Test
    void malformedFilesAreRefusedByUnitctl() throws Exception {
        var files = MalformedUnitFiles.generate(Seeds.seed(), FILES);
        var before = api.units();
        for (var file : files) {
            Files.write(CLUSTER.folder().resolve(file.name().full()), file.bytes().toByteArray());
        }

        var refused = CLUSTER.unitctl(Units.arguments(
                "start", files.stream().map(file -> file.name().full()).toArray(String[]::new)));

        assertThat(refused.exitCode()).isEqualTo(1);
        assertThat(refused.out()).isEmpty();
        assertThat(files).allSatisfy(file -> assertThat(refused.err().lines())
                .anyMatch(line -> line.matches(".*" + file.name() + ":\\d+: .*") && line.contains(file.refusal())));
        assertThat(api.units()).isEqualTo(before);
    }

    @Test
    void malformedFilesAreRefusedByTheApiOneByOne() {
        var before = api.units();

        assertThat(MalformedUnitFiles.generate(Seeds.seed() + 1, FILES)).allSatisfy(file -> {
            var refusal = refused(request(file));
            assertThat(refusal.getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
            assertThat(refusal.getDescription()).containsPattern(file.name() + ":\\d+: ").contains(file.refusal());
        });
        assertThat(api.units()).isEqualTo(before);
    }

    @Test
    void oneBadUnitInARequestKeepsTheGoodOnesOut() {
        var before = api.units();
        var bad = request(MalformedUnitFiles.generate(Seeds.seed() + 2, 1).getFirst());
        var good = UnitIntent.newBuilder()
                .setName("other.service")
                .setFile(ByteString.copyFromUtf8("[Service]\nExecStart=/bin/sleep infinity\n"))
                .setDesired(DesiredState.DESIRED_STATE_LAUNCHED);

        assertThat(refused(bad.toBuilder().addUnits(0, good).build()).getCode())
                .isEqualTo(Status.Code.INVALID_ARGUMENT);
        assertThat(api.units()).isEqualTo(before);
    }

    @Test
    void namesThatAreNoneAreRefused() {
        var before = api.units();

        assertThat(List.of("", "x", "x.", "x.nonsense", "@.service", "a b.service", "ä.service", "x".repeat(300) + ".service"))
                .allSatisfy(name -> assertThat(refused(ApplyRequest.newBuilder()
                                        .addUnits(UnitIntent.newBuilder().setName(name))
                                        .build())
                                .getCode())
                        .isEqualTo(Status.Code.INVALID_ARGUMENT));
        assertThat(api.units()).isEqualTo(before);
    }

    private static ApplyRequest request(MalformedUnitFile file) {
        return ApplyRequest.newBuilder()
                .addUnits(UnitIntent.newBuilder()
                        .setName(file.name().full())
                        .setSource(file.name().full())
                        .setFile(file.bytes())
                        .setDesired(DesiredState.DESIRED_STATE_LAUNCHED))
                .build();
    }

    private Status refused(ApplyRequest request) {
        return catchThrowableOfType(StatusRuntimeException.class, () -> api.stub().apply(request)).getStatus();
    }
}
