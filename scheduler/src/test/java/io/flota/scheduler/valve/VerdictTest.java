package io.flota.scheduler.valve;

import static io.flota.scheduler.valve.VanishedTest.machines;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.flota.machine.MachineId;
import io.flota.registry.Fact.ValveFact;
import io.flota.registry.Valve;
import io.flota.scheduler.valve.Verdict.Sight;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VerdictTest {
    private static final Instant WALL = Instant.ofEpochSecond(1_000);

    /// The valve as `away/machines`, with `!` if it is released; machines as letters.
    @ParameterizedTest(name = "valve {0}, present {1}, lately {2}, missed {3}, cleared {4}, {5}: {6}")
    @CsvSource(
            emptyValue = "",
            textBlock =
                    """
            # nobody is lost, or it is known that it is no part of more
            open,   abc,  '',  '',  '',  50%, move
            open,   ab,   c,   c,   c,   50%, move
            open,   abc,  '',  f,   '',  50%, move
            # one is lost: who else is late?
            open,   ab,   c,   c,   '',  50%, ask c
            open,   abc,  de,  de,  d,   50%, ask de
            open,   a,    b,   b,   '',  50%, ask b
            # nobody is left to move to, and a single machine that died is just that
            open,   '',   a,   a,   '',  50%, move
            # too many
            open,   a,    bc,  bc,  '',  50%, close bc/3
            open,   a,    bc,  bc,  bc,  50%, close bc/3
            open,   ab,   cd,  cd,  cd,  50%, move
            open,   '',   ab,  ab,  '',  50%, close ab/2
            open,   abcd, ef,  '',  '',  10%, close ef/6
            # switched off
            open,   a,    bcd, bcd, '',  off, move
            bc/3,   a,    bc,  bc,  '',  off, forget
            # closed
            bc/3,   a,    bc,  bc,  '',  50%, hold
            bc/3,   a,    '',  bc,  '',  50%, hold
            bc/3,   '',   abc, bc,  '',  50%, close abc/3
            bcd/4,  ad,   bc,  bc,  '',  50%, open
            bc/3,   ab,   c,   c,   '',  50%, open
            bc/3,   abc,  '',  '',  '',  50%, open all
            bc/3,   ade,  bc,  bc,  '',  50%, open
            cde/5,  ab,   cde, cde, '',  50%, hold
            cde/5,  abe,  cd,  cd,  '',  50%, open
            cdef/6, abf,  cde, cde, '',  50%, open
            cdef/6, a,    bcdef, '', '', 50%, close bcdef/6
            # released: those are lost, others are counted without them
            bc/3!,  a,    bc,  bc,  '',  50%, move
            bc/3!,  a,    '',  bc,  '',  50%, move
            bc/3!,  a,    '',  '',  '',  50%, forget
            bc/3!,  abc,  '',  '',  '',  50%, forget
            bc/3!,  ade,  bc,  bc,  '',  50%, move
            bc/3!,  ad,   bce, bc,  '',  50%, ask e
            bc/3!,  a,    bcde, bc, '',  50%, close de/3
            # and count again once they were back
            bc/3!,  ab,   '',  c,   '',  50%, narrow c/3!
            bcd/4!, ab,   cd,  '',  '',  50%, narrow cd/4!
            bcd/4!, ab,   ce,  d,   '',  50%, narrow cd/4!
            b/3!,   a,    cd,  b,   '',  50%, close cd/3
            bcd/4!, a,    ce,  c,   '',  50%, narrow c/4!
            bc/3!,  ab,   d,   '',  '',  50%, forget
            """)
    void theVerdictFollowsFromTheValveAndWhoIsThere(
            String valve, String present, String lately, String missed, String cleared, String share, String words) {
        var sight = new Sight(
                machines(present), machines(lately), machines(missed), machines(cleared), _ -> false);
        var verdict = Verdict.of(valve(valve), sight, Share.parse(share), WALL);

        assertThat(words(verdict)).isEqualTo(words);
    }

    @Test
    void whoWasDrainedAndHasLeftKeepsNoValveClosed() {
        var drained = machines("b");
        var sight = new Sight(
                machines("a"), machines("c"), machines("c"), machines(""), drained::contains);

        assertThat(words(Verdict.of(valve("bc/3"), sight, Share.HALF, WALL))).isEqualTo("open");
    }

    @Test
    void whatANewerVersionWroteOfAClosedValveIsKept() {
        var unread = ByteString.copyFrom(new byte[] {(byte) 0xc0, 0x3e, 1}); // field 1000 is 1
        var closed = new Valve(WALL, machines("bc"), 3, false, unread);
        var released = new Valve(WALL, machines("bc"), 3, true, unread);
        var more = new Sight(machines("a"), machines("bcd"), machines(""), machines(""), _ -> false);
        var fewer = new Sight(machines("ab"), machines(""), machines("c"), machines(""), _ -> false);

        assertThat(Verdict.of(Optional.of(new ValveFact(closed, 5)), more, Share.HALF, WALL))
                .isEqualTo(new Verdict.Close(new Valve(WALL, machines("bcd"), 4, false, unread)));
        assertThat(Verdict.of(Optional.of(new ValveFact(released, 5)), fewer, Share.HALF, WALL))
                .isEqualTo(new Verdict.Narrow(new Valve(WALL, machines("c"), 3, true, unread)));
    }

    /// What else is lost may not be known yet.
    @Test
    void whoIsThereIsTakenOutOfARelease() {
        assertThat(Verdict.ofReturned(valve("bcd/4!").orElseThrow(), machines("ac")).map(VerdictTest::words))
                .contains("narrow bd/4!");
        assertThat(Verdict.ofReturned(valve("bc/3!").orElseThrow(), machines("abc")).map(VerdictTest::words))
                .contains("forget");
        assertThat(Verdict.ofReturned(valve("bc/3!").orElseThrow(), machines("a"))).isEmpty();
        assertThat(Verdict.ofReturned(valve("bc/3").orElseThrow(), machines("ab"))).isEmpty();
    }

    private static Optional<ValveFact> valve(String words) {
        if (words.equals("open")) {
            return Optional.empty();
        }
        var parts = words.replace("!", "").split("/");
        var valve = new Valve(
                WALL, machines(parts[0]), Integer.parseInt(parts[1]), words.endsWith("!"));
        return Optional.of(new ValveFact(valve, 5));
    }

    private static String words(Verdict verdict) {
        return switch (verdict) {
            case Verdict.Move() -> "move";
            case Verdict.Hold() -> "hold";
            case Verdict.Forget _ -> "forget";
            case Verdict.Open(_, boolean all) -> all ? "open all" : "open";
            case Verdict.Ask(var lost) -> "ask " + letters(lost);
            case Verdict.Narrow(var valve) -> {
                assertThat(valve.released()).isTrue();
                assertThat(valve.closedSince()).isEqualTo(WALL);
                yield "narrow " + letters(valve.lost()) + "/" + valve.machines() + "!";
            }
            case Verdict.Close(var valve) -> {
                assertThat(valve.released()).isFalse();
                assertThat(valve.closedSince()).isEqualTo(WALL);
                yield "close " + letters(valve.lost()) + "/" + valve.machines();
            }
        };
    }

    private static String letters(Iterable<MachineId> machines) {
        var letters = new StringBuilder();
        machines.forEach(machine -> letters.append(machine.value().charAt(0)));
        return letters.toString();
    }
}
