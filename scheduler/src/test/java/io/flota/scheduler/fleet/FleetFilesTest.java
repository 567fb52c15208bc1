package io.flota.scheduler.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.flota.registry.Fact.FileFact;
import io.flota.registry.Fact.UnitFact;
import io.flota.scheduler.cluster.Change.Written;
import io.flota.scheduler.cluster.Cluster;
import io.flota.unit.DesiredState;
import io.flota.unit.Unit;
import io.flota.unit.UnitName;
import java.util.List;
import org.junit.jupiter.api.Test;

class FleetFilesTest {
    private static final UnitName WEB = new UnitName("web.service");
    private static final String HASH = "f".repeat(64);

    @Test
    void aFileThatFleetWouldHaveRefusedHasItsOptionsWhoeverAsksFirst() {
        var oldLineEnds = ByteString.copyFromUtf8("[Service]\rExecStart=/bin/true\r");
        assertThat(FleetFile.read(oldLineEnds)).isEmpty();
        var cluster = Cluster.EMPTY.with(5, List.of(
                new Written(new FileFact(HASH, oldLineEnds)),
                new Written(new UnitFact(new Unit(WEB, HASH, DesiredState.LOADED, 1), 1))));
        var files = new FleetFiles();

        var hash = files.hash(cluster, HASH);

        var file = files.of(cluster, cluster.units().get(WEB)).orElseThrow();
        assertThat(file.options()).containsExactly(new UnitOption("Service", "ExecStart", "/bin/true"));
        assertThat(hash).contains(file.hash());
    }
}
