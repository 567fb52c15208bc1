package io.flota.scheduler.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.flota.machine.MachineId;
import io.flota.registry.Fact.PlacementFact;
import io.flota.registry.Fact.StateFact;
import io.flota.registry.Fact.UnitFact;
import io.flota.scheduler.cluster.Change;
import io.flota.scheduler.cluster.Change.Written;
import io.flota.scheduler.cluster.Cluster;
import io.flota.unit.DesiredState;
import io.flota.unit.Placement;
import io.flota.unit.Unit;
import io.flota.unit.UnitName;
import io.flota.unit.UnitProperties;
import io.flota.unit.UnitState;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CurrentStateTest {
    private static final UnitName WEB = new UnitName("web.service");
    private static final MachineId MACHINE = new MachineId("a".repeat(32));
    private static final String FILE = "f".repeat(64);

    /// @param target of its placement; - for none
    /// @param active what its machine says of it; - for nothing
    /// @param answers whether that is about this placement and this generation
    @ParameterizedTest(name = "wanted {0}, placed {1}, reported {2}/{3}, {4}: {5}, listed {6}")
    @CsvSource(textBlock = """
            LAUNCHED, -,        -,            -,            true,  INACTIVE, INACTIVE
            LAUNCHED, LAUNCHED, -,            -,            true,  INACTIVE, INACTIVE
            LAUNCHED, LAUNCHED, active,       running,      true,  LAUNCHED, LAUNCHED
            LAUNCHED, LAUNCHED, active,       running,      false, LOADED,   LAUNCHED
            LAUNCHED, LAUNCHED, activating,   start-pre,    true,  LOADED,   LAUNCHED
            LAUNCHED, LAUNCHED, activating,   auto-restart, true,  LAUNCHED, LAUNCHED
            LAUNCHED, LAUNCHED, failed,       failed,       true,  LAUNCHED, LAUNCHED
            LAUNCHED, LAUNCHED, inactive,     dead,         true,  LAUNCHED, LAUNCHED
            LOADED,   LAUNCHED, activating,   start-pre,    true,  LAUNCHED, LAUNCHED
            LOADED,   LOADED,   activating,   start-pre,    true,  LAUNCHED, LAUNCHED
            LOADED,   LOADED,   inactive,     dead,         true,  LOADED,   LOADED
            LOADED,   LOADED,   failed,       failed,       true,  LOADED,   LOADED
            LOADED,   LOADED,   deactivating, stop-sigterm, true,  LAUNCHED, LAUNCHED
            LOADED,   LOADED,   active,       running,      false, LAUNCHED, LAUNCHED
            INACTIVE, INACTIVE, deactivating, stop-sigterm, true,  LAUNCHED, LAUNCHED
            INACTIVE, INACTIVE, inactive,     dead,         true,  INACTIVE, INACTIVE
            INACTIVE, -,        active,       running,      true,  LAUNCHED, LAUNCHED
            INACTIVE, -,        inactive,     dead,         true,  INACTIVE, INACTIVE
            LAUNCHED, INACTIVE, failed,       failed,       true,  LAUNCHED, LAUNCHED
            """)
    void itIsTrueInFleetsWords(
            DesiredState desired, String target, String active, String sub, boolean answers, DesiredState expected,
            DesiredState listed) {
        var unit = new Unit(WEB, FILE, desired, 3);
        var changes = new ArrayList<Change>(List.of(new Written(new UnitFact(unit, 1))));
        if (!target.equals("-")) {
            changes.add(new Written(new PlacementFact(
                    new Placement(MACHINE, WEB, FILE, DesiredState.valueOf(target), 3, "p", "", false, UnitProperties.NONE,
                            ByteString.EMPTY),
                    2)));
        }
        if (!active.equals("-")) {
            changes.add(new Written(new StateFact(MACHINE, WEB, new UnitState(
                    "loaded", active, sub, FILE, "p", answers ? 3 : 2, Instant.EPOCH, "", 0, 0))));
        }
        var cluster = Cluster.EMPTY.with(5, changes);

        var state = CurrentState.of(cluster, cluster.units().get(WEB));

        assertThat(state.state()).isEqualTo(expected);
        assertThat(state.listed()).isEqualTo(listed);
        assertThat(state.machine().isPresent())
                .isEqualTo(!target.equals("-") || expected == DesiredState.LAUNCHED);
    }
}
