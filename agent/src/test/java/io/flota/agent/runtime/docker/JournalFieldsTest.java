package io.flota.agent.runtime.docker;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableMap;
import io.flota.agent.runtime.docker.ContainerSettings.Logging;
import io.flota.unit.UnitName;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class JournalFieldsTest {
    private static final UnitName WEB = new UnitName("web@1.service");
    private static final String LABELS = "io.flota.cluster,io.flota.machine,io.flota.unit";

    @Test
    void linesAreKnownByTheLabelsOfTheirContainer() {
        assertThat(JournalFields.of("c1", "m1", WEB)).containsExactlyEntriesOf(ImmutableMap.of(
                "IO_FLOTA_CLUSTER", "c1", "IO_FLOTA_MACHINE", "m1", "IO_FLOTA_UNIT", "web@1.service"));
    }

    @Test
    void dockerIsToldToWriteThemWithTheUnitsOwn() {
        var own = new Logging(Optional.of("journald"), ImmutableMap.of("tag", "mine", "labels", "site"));

        assertThat(JournalFields.with(new Logging(Optional.empty(), ImmutableMap.of()), Optional.of("journald"), WEB))
                .isEqualTo(new Logging(Optional.of("journald"), ImmutableMap.of("tag", "web@1", "labels", LABELS)));
        assertThat(JournalFields.with(own, Optional.empty(), WEB).options())
                .isEqualTo(ImmutableMap.of("tag", "mine", "labels", "site," + LABELS));
    }

    @Test
    void whatGoesElsewhereIsLeftAsItIs() {
        var none = new Logging(Optional.of("none"), ImmutableMap.of());
        var dockers = new Logging(Optional.empty(), ImmutableMap.of("max-size", "1m"));

        assertThat(JournalFields.with(none, Optional.of("journald"), WEB)).isEqualTo(none);
        assertThat(JournalFields.with(dockers, Optional.empty(), WEB)).isEqualTo(dockers);
    }
}
