package io.flota.agent.runtime.systemd;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.flota.agent.runtime.systemd.Entry.Bond;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Hosts that cannot end each unit in time refuse those that have to be, and what a host's systemd has forgotten is
/// forgotten here.
class HostTest {
    @TempDir
    private Path folder;

    @ParameterizedTest(name = "{0} asks a condition before a start: {1}")
    @CsvSource({"252.39-1~deb12u1, true", "v255, true", "243, true", "242-3, false", "unknown, false"})
    void onlyALateEnoughSystemdAsksBeforeAStart(String version, boolean asks) {
        assertThat(new Host(version, "1").problem().isEmpty()).isEqualTo(asks);
    }

    @Test
    void withoutCgroupKillNothingCanBeKilledInTime() throws Exception {
        Files.createDirectory(folder.resolve("init.scope"));
        assertThat(ControlGroups.at(folder).problem().orElse("")).contains("cgroup.kill", "5.14");

        Files.createFile(folder.resolve("init.scope/cgroup.kill"));

        assertThat(ControlGroups.at(folder).problem()).isEmpty();
        assertThat(new ControlGroups(Optional.empty(), false).problem().orElse("")).contains("not mounted");
    }

    @ParameterizedTest
    @CsvSource({"EXCLUSIVE, error", "BOUND, error", "FREE, ''"})
    void unitsThatCannotBeKilledInTimeAreRefused(Bond bond, String load) {
        var file = new Composed(ByteString.EMPTY, bond, false, Optional.empty());

        var refused = file.on(Optional.of("needs what is not there")).broken();

        assertThat(refused.map(Entry.Broken::load).orElse("")).isEqualTo(load);
        assertThat(file.on(Optional.empty())).isEqualTo(file);
    }

    @Test
    void whatIsOfAnotherLifeOfSystemdIsForgotten() throws Exception {
        var state = folder.resolve("state");
        var bus = new Bus(folder.resolve("run/systemd/private"), true, true);
        var settings = new SystemdSettings(state, "0", "", "", bus);
        var first = new StateFiles(settings);
        assertThat(first.open("1000")).isFalse();
        Files.createFile(state.resolve("units/a.service"));

        assertThat(new StateFiles(settings).open("1000")).isFalse();
        assertThat(state.resolve("units/a.service")).exists();
        var later = new StateFiles(settings);

        assertThat(later.open("2000")).isTrue();
        assertThat(state.resolve("units/a.service")).doesNotExist();
        assertThat(later.isOf("2000")).isTrue();
        assertThat(first.isOf("2000")).isFalse();
    }
}
