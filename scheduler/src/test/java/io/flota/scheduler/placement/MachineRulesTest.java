package io.flota.scheduler.placement;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MachineRulesTest {
    @ParameterizedTest(name = "MachineID={0}: {1}")
    @CsvSource(textBlock = """
            b0000000000000000000000000000000, place x on b
            b0000000, place x on b
            b000000, wait x
            b00000000, wait x
            B0000000, wait x
            '', wait x
            d0000000, wait x
            """)
    void machineIdIsTheFullIdOrItsFirstEightDigits(String id, String decision) {
        var given = new Scenario().machines("a", "b", "c").unit("x", "MachineID=" + id);

        assertThat(given.plan()).containsExactly(decision);
    }

    @ParameterizedTest(name = "{0}: {1}")
    @CsvSource(textBlock = """
            role=web, place x on b
            role=db, place x on c
            role=cache, wait x
            role=web zone=2, wait x
            role=web zone=1, place x on b
            role=db role=web, place x on b
            role=cache role=db, place x on c
            role=web role=db zone=2, place x on c
            zone=1 zone=2, place x on b
            """)
    void metadataOfOneKeyIsOrAndOfDifferentKeysIsAnd(String metadata, String decision) {
        var given = new Scenario()
                .machine("a")
                .machine("b", "role=web", "zone=1")
                .machine("c", "role=db", "zone=2")
                .unit("x", "MachineMetadata=" + String.join("\nMachineMetadata=", metadata.split(" ")));

        assertThat(given.plan()).containsExactly(decision);
    }

    @Test
    void specifiersInMetadataNameAMachineForEachInstance() {
        var given = new Scenario()
                .machine("a", "hostname=one")
                .machine("b", "hostname=two")
                .unit("x@two", "MachineMetadata=hostname=%i")
                .unit("x@one", "MachineMetadata=hostname=%i")
                .unit("x@invalid", "MachineMetadata=hostname=%i");

        assertThat(given.plan()).containsExactly("wait x@invalid", "place x@one on a", "place x@two on b");
    }

    @Test
    void aUnitMovesWhenItsMachineDoesNotFitAnyMore() {
        var given = new Scenario()
                .machine("a", "role=web")
                .machine("b", "role=web")
                .unit("x", "MachineMetadata=role=web")
                .runs("x", "a");

        given.machine("a", "role=db");

        assertThat(given.plan()).containsExactly("release x on a");
        assertThat(given.settle().where("x")).isEqualTo("b");
    }

    @Test
    void aUnitThatFitsNowhereAnyMoreIsStoppedAndWaits() {
        var given = new Scenario()
                .machine("a", "role=web")
                .machine("b", "role=db")
                .unit("x", "MachineMetadata=role=web")
                .runs("x", "a");

        given.machine("a").settle();

        assertThat(given.where("x")).isEmpty();
        assertThat(given.refusals("x"))
                .containsExactly(
                        "a: metadata role=web wanted, the machine has no role",
                        "b: metadata role=web wanted, the machine has role=db");
    }

    @Test
    void aWaitingUnitIsPlacedAsSoonAsAMachineFits() {
        var given = new Scenario().machines("a", "b").unit("x", "MachineMetadata=role=web");
        assertThat(given.plan()).containsExactly("wait x");

        given.machine("b", "role=web");

        assertThat(given.plan()).containsExactly("place x on b");
    }

    @Test
    void aNewFileThatPinsTheUnitElsewhereMovesIt() {
        var given = new Scenario().machines("a", "b").unit("x").runs("x", "a");

        given.unit("x", "MachineID=b0000000");

        assertThat(given.plan()).containsExactly("release x on a");
        assertThat(given.settle().where("x")).isEqualTo("b");
    }
}
