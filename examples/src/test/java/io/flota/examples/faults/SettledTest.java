package io.flota.examples.faults;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableSortedMap;
import com.google.common.collect.ImmutableSortedSet;
import com.google.protobuf.ByteString;
import io.flota.examples.faults.Witnesses.Living;
import io.flota.machine.Machine;
import io.flota.machine.MachineId;
import io.flota.machine.Resources;
import io.flota.registry.Fact;
import io.flota.registry.Valve;
import io.flota.unit.DesiredState;
import io.flota.unit.Placement;
import io.flota.unit.Unit;
import io.flota.unit.UnitName;
import io.flota.unit.UnitState;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SettledTest {
    private static final MachineId MACHINE = new MachineId("0".repeat(31) + "1");
    private static final MachineId ABSENT = new MachineId("0".repeat(31) + "2");
    private static final UnitName UNIT = new UnitName("u.service");
    private static final UnitName OTHER = new UnitName("other.service");

    private final Settled settled = new Settled(1, _ -> false, _ -> false);
    private final List<Fact> facts = new ArrayList<>();
    private final List<Living> living = new ArrayList<>();

    @BeforeEach
    void aUnitRunsWhereItIsPlaced() {
        facts.add(new Fact.MachineFact(new Machine(
                MACHINE, "m", "", "", ImmutableSortedMap.of(), new Resources(0, 0), "", "boot", "1")));
        facts.add(new Fact.FileFact("hash", ByteString.EMPTY));
        facts.add(new Fact.UnitFact(new Unit(UNIT, "hash", DesiredState.LAUNCHED, 1), 1));
        facts.add(placement(MACHINE, UNIT));
        facts.add(state(MACHINE, UNIT));
        living.add(new Living("u.service", MACHINE.value(), 1));
    }

    @Test
    void nothingIsWanting() {
        assertThat(wanting()).isEmpty();
    }

    @Test
    void aProcessThatIsNotThereIsWanting() {
        living.clear();

        assertThat(wanting()).singleElement().asString().contains("0 processes");
    }

    @Test
    void twoProcessesAreOneTooMany() {
        living.add(new Living("u.service", MACHINE.value(), 2));

        assertThat(wanting()).singleElement().asString().contains("2 processes");
    }

    @Test
    void aProcessOfAUnitThatIsNotPlacedThereIsAnOrphan() {
        living.add(new Living("other.service", MACHINE.value(), 3));

        assertThat(wanting()).singleElement().asString().contains("orphan process");
    }

    @Test
    void keysThatBelongToNothingAreOrphans() {
        facts.add(new Fact.FileFact("unused", ByteString.EMPTY));
        facts.add(placement(MACHINE, OTHER));
        facts.add(state(ABSENT, OTHER));

        assertThat(wanting()).satisfiesExactlyInAnyOrder(
                line -> assertThat(line).contains("orphan file: unused"),
                line -> assertThat(line).contains("orphan placement"),
                line -> assertThat(line).contains("orphan state"));
    }

    @Test
    void aClosedValveIsNoPeace() {
        facts.add(new Fact.ValveFact(new Valve(Instant.EPOCH, ImmutableSortedSet.of(), 1, false), 1));

        assertThat(wanting()).singleElement().asString().contains("valve");
    }

    private List<String> wanting() {
        return settled.wanting(facts, living);
    }

    private static Fact placement(MachineId machine, UnitName unit) {
        return new Fact.PlacementFact(new Placement(machine, unit, "hash", DesiredState.LAUNCHED, 1, "id", ""), 1);
    }

    private static Fact state(MachineId machine, UnitName unit) {
        return new Fact.StateFact(machine, unit, new UnitState(
                "loaded", "active", "running", "hash", "id", 1, Instant.EPOCH, "", 1, 0));
    }
}
