package io.flota.scheduler.placement;

import static org.assertj.core.api.Assertions.assertThat;

import io.flota.unit.DesiredState;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// fleet's own cases: the table of its engine, and the scheduling part of its functional suite.
class FleetTest {
    /// One unit, `x`, that wants metadata role=web. `b` always fits; `a`, where the unit is placed, may not.
    @ParameterizedTest(name = "desired {0}, placed {1}, there {2}, fits {3}: {4}")
    @CsvSource(textBlock = """
            inactive, false, true,  true,  ''
            inactive, true,  true,  true,  remove x on a
            inactive, true,  true,  false, remove x on a
            inactive, true,  false, true,  remove x on a
            loaded,   false, true,  true,  place x on a
            loaded,   false, true,  false, place x on b
            loaded,   true,  true,  true,  ''
            loaded,   true,  true,  false, release x on a
            loaded,   true,  false, true,  move x from a to b
            launched, false, true,  true,  place x on a
            launched, false, true,  false, place x on b
            launched, true,  true,  true,  ''
            launched, true,  true,  false, release x on a
            launched, true,  false, true,  move x from a to b
            launched, false, false, true,  place x on b
            """)
    void theEnginesTable(String desired, boolean placed, boolean there, boolean fits, String decision) {
        var given = new Scenario().machine("a", fits ? "role=web" : "role=db").machine("b", "role=web");
        var text = "[X-Fleet]\nMachineMetadata=role=web\n";
        given.unit("x", desired.equals("loaded") ? DesiredState.LOADED : DesiredState.LAUNCHED, text);
        if (placed) {
            given.runs("x", "a");
        }
        if (desired.equals("inactive")) {
            given.stop("x");
        }
        if (!there) {
            given.lose("a");
        }

        assertThat(given.plan()).isEqualTo(decision.isEmpty() ? List.of() : List.of(decision));
    }

    @Test
    void dynamicClusterNewMemberUnitMigration() {
        var given = new Scenario().machines("a", "b", "c", "d");
        Stream.of("1", "2", "3").forEach(i -> given.unit("conflict@" + i, "Conflicts=conflict@*"));
        given.settle();
        assertThat(places(given, "conflict@1", "conflict@2", "conflict@3")).isEqualTo("a b c");

        given.lose("b").settle();

        assertThat(places(given, "conflict@1", "conflict@2", "conflict@3")).isEqualTo("a d c");
    }

    @Test
    void dynamicClusterMemberReboot() {
        var given = new Scenario().machines("a", "b", "c");
        Stream.of("1", "2", "3").forEach(i -> given.unit("conflict@" + i, "Conflicts=conflict@*"));
        given.settle();

        given.lose("b").settle().machine("b").settle();

        assertThat(places(given, "conflict@1", "conflict@2", "conflict@3")).isEqualTo("a b c");
    }

    @Test
    void scheduleMachineOf() {
        var given = new Scenario().machines("a", "b", "c");
        for (var i : List.of("1", "2", "3")) {
            given.unit("ping@" + i).unit("pong@" + i, "MachineOf=ping@%i.service");
        }
        given.settle();
        assertThat(places(given, "ping@1", "ping@2", "ping@3")).isEqualTo("a b c");
        assertThat(places(given, "pong@1", "pong@2", "pong@3")).isEqualTo("a b c");

        given.lose("a").settle();

        assertThat(given.where("ping@1")).isEqualTo("b");
        assertThat(given.where("pong@1")).isEqualTo("b");
    }

    @Test
    void scheduleMultipleConflicts() {
        var given = new Scenario().machines("a", "b", "c");
        Stream.of("0", "1", "2", "3", "4")
                .forEach(i -> given.unit("multiple@" + i, "Conflicts=nobody.service multiple@[0-2]*", "Conflicts=multiple@*"));

        given.settle();

        assertThat(places(given, "multiple@0", "multiple@1", "multiple@2", "multiple@3", "multiple@4"))
                .isEqualTo("a b c  ");
    }

    @Test
    void scheduleReplace() {
        var given = new Scenario().machines("a", "b").unit("r0").unit("r1").unit("r2", "MachineOf=r1.service");
        given.settle();
        assertThat(places(given, "r0", "r1", "r2")).isEqualTo("a b b");

        given.unit("kick0", "Replaces=r0.service").settle();

        assertThat(places(given, "kick0", "r0", "r1", "r2")).isEqualTo("a b b b");
    }

    @Test
    void scheduleCircularReplace() {
        var given = new Scenario()
                .machines("a", "b")
                .unit("c0", "Replaces=c1.service")
                .unit("c1", "Replaces=c0.service");

        assertThat(places(given.settle(), "c0", "c1")).isEqualTo("a b");
    }

    @Test
    void scheduleConditionMachineId() {
        var given = new Scenario().machines("a", "b", "c");
        for (var id : List.of("c", "a", "b")) {
            given.unit("on-" + id, "X-ConditionMachineID=" + Scenario.machineId(id));
        }

        assertThat(places(given.settle(), "on-a", "on-b", "on-c")).isEqualTo("a b c");
    }

    @Test
    void scheduleGlobalUnits() {
        var given = new Scenario().machines("a", "b", "c").unit("hello").unit("goodbye").unit("g", "Global=true");

        assertThat(places(given.settle(), "goodbye", "hello", "g")).isEqualTo("a b abc");
    }

    private static String places(Scenario given, String... units) {
        return String.join(" ", Stream.of(units).map(given::where).toList());
    }
}
