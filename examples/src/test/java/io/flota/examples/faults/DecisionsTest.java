package io.flota.examples.faults;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableSortedMap;
import io.flota.examples.faults.Registrar.Change;
import io.flota.machine.Machine;
import io.flota.machine.MachineId;
import io.flota.machine.Resources;
import io.flota.registry.Fact;
import io.flota.registry.Key;
import io.flota.unit.DesiredState;
import io.flota.unit.Placement;
import io.flota.unit.Unit;
import io.flota.unit.UnitName;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class DecisionsTest {
    private static final MachineId MACHINE = new MachineId("0".repeat(31) + "1");
    private static final UnitName UNIT = new UnitName("u.service");

    private final List<Change> history = new ArrayList<>();

    @BeforeEach
    void aUnitIsPlacedWhereItIsWanted() {
        machine(true);
        unit(Optional.of(DesiredState.LAUNCHED));
        placement(Optional.of("here"));
    }

    @Test
    void aPlacementThatIsTakenAwayForNothingIsFound() {
        placement(Optional.empty());

        assertThat(groundless()).singleElement().asString().contains("revision 4").contains("u.service");
    }

    @Test
    void anotherPlacementInItsPlaceForNothingIsFound() {
        placement(Optional.of("other"));

        assertThat(groundless()).hasSize(1);
    }

    @Test
    void aLostMachineIsAReason() {
        machine(false);
        placement(Optional.empty());

        assertThat(groundless()).isEmpty();
    }

    @Test
    void aMachineThatWasLostAndIsBackIsAReason() {
        machine(false);
        machine(true);
        placement(Optional.empty());

        assertThat(groundless()).isEmpty();
    }

    @Test
    void aLossBeforeThePlacementIsNone() {
        machine(false);
        machine(true);
        placement(Optional.empty());
        placement(Optional.of("again"));
        placement(Optional.empty());

        assertThat(groundless()).hasSize(1);
    }

    @Test
    void anOperatorsCommandIsAReason() {
        unit(Optional.empty());
        placement(Optional.empty());

        assertThat(groundless()).isEmpty();
    }

    private List<String> groundless() {
        return Decisions.groundless(history, Map.of());
    }

    private void machine(boolean there) {
        var machine = new Machine(
                MACHINE, "m", "", "", ImmutableSortedMap.of(), new Resources(0, 0), "", "boot", "1");
        add(new Key.MachineKey(MACHINE), there ? Optional.of(new Fact.MachineFact(machine)) : Optional.empty());
    }

    private void unit(Optional<DesiredState> desired) {
        add(new Key.UnitKey(UNIT), desired.map(state -> new Fact.UnitFact(new Unit(UNIT, "hash", state, 1), 0)));
    }

    private void placement(Optional<String> id) {
        add(new Key.PlacementKey(MACHINE, UNIT), id.map(placement -> new Fact.PlacementFact(
                new Placement(MACHINE, UNIT, "hash", DesiredState.LAUNCHED, 1, placement, ""), 0)));
    }

    private void add(Key key, Optional<Fact> fact) {
        history.add(new Change(history.size() + 1, 0, key, fact));
    }
}
