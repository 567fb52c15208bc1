package io.flota.agent.runtime.docker;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.flota.agent.runtime.process.UnitKey;
import io.flota.unit.UnitFile;
import io.flota.unit.UnitFile.Setting;
import io.flota.unit.UnitName;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class ContainerServiceTest {
    private static final UnitName WEB = new UnitName("web@1.service");

    private static UnitFile file(String text) throws Exception {
        return UnitFile.parse("web@1.service", ByteString.copyFromUtf8(text));
    }

    private static UnitFile service(String text) throws Exception {
        return ContainerService.of(WEB, file(text), Settings.read(text).container(), Path.of("/run/fl ota/50%"));
    }

    private static List<String> values(UnitFile file, String key) {
        return file.all("Service", key).stream().map(Setting::value).toList();
    }

    @Test
    void itsProgramAsksTheAgent() throws Exception {
        var key = UnitKey.of(WEB);

        var service = service("[Container]\nImage=web\n");

        assertThat(values(service, "ExecStart"))
                .containsExactly("+/bin/sh \"/run/fl ota/50%%/ask\" \"/run/fl ota/50%%/asks\" " + key + " run");
        assertThat(values(service, "Type")).containsExactly("simple");
        assertThat(values(service, "ExecStartPost")).singleElement().asString().endsWith(key + " ready");
        assertThat(values(service, "ExecStop")).singleElement().asString().endsWith(key + " stop");
        assertThat(values(service, "TimeoutStartSec")).containsExactly("infinity");
        assertThat(values(service, "TimeoutStopSec")).containsExactly("90");
    }

    @Test
    void eachLineStaysInItsPlaceAndWhatTheUnitSaysHolds() throws Exception {
        var text = "[Unit]\nAfter=db.container \\\n  cache.container\n[Container]\nImage=web\nStopTimeout=200\n"
                + "[Service]\nExecStartPost=/bin/echo \\\n  up\nRestart=always\nTimeoutStartSec=7\n";

        var service = service(text);

        assertThat(service.last("Unit", "After").orElseThrow().split(" +")).containsExactly("db.service", "cache.service");
        assertThat(values(service, "ExecStartPost")).hasSize(2).last().asString().matches("/bin/echo +up");
        assertThat(service.all("Service", "Restart").getFirst().line()).isEqualTo(10);
        assertThat(values(service, "TimeoutStartSec")).containsExactly("7");
        assertThat(values(service, "TimeoutStopSec")).containsExactly("230");
        assertThat(service.all("X-Container", "Image")).isNotEmpty();
        assertThat(ContainerService.isContainer(service)).isFalse();
    }

    @Test
    void aOneshotIsUpOnceItHasEnded() throws Exception {
        var service = service("[Container]\nImage=web\n[Service]\nType=oneshot\n");

        assertThat(service.last("Service", "Type")).contains("oneshot");
        assertThat(values(service, "ExecStartPost")).isEmpty();
    }

    @Test
    void whatWouldTakeTheContainersCommandsAwayIsRefused() throws Exception {
        assertThat(ContainerService.problems(WEB, file("[Container]\nImage=web\n[Service]\nExecStop=\n")))
                .singleElement().asString().contains("web@1.service:4: an empty ExecStop=");
    }
}
