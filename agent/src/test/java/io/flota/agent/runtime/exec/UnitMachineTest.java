package io.flota.agent.runtime.exec;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.protobuf.ByteString;
import io.flota.agent.runtime.process.Signal;
import io.flota.unit.Specifiers;
import io.flota.unit.UnitFile;
import io.flota.unit.UnitFileException;
import io.flota.unit.UnitName;
import io.flota.unit.UnitProperties;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class UnitMachineTest {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
    private static final long FIRST = NOW.toEpochMilli() + 1;
    private static final long MAIN = 7;
    private static final long CONTROL = 8;
    private static final String EVERYTHING = """
            [Service]
            Restart=on-failure
            ExecCondition=/bin/c
            ExecStartPre=/bin/p
            ExecStart=/bin/m
            ExecStartPost=/bin/q
            ExecStop=/bin/s
            ExecStopPost=/bin/t
            """;

    /// What each event makes of each state, for a service that has a command for every occasion. A dot: nothing.
    private static final String MATRIX = """
            phase         start     stop         began      never main:0     main:1       ctl:0         ctl:1         emptied time          stopping
            DEAD          CONDITION .            .          .     .          .            .             .             .       .             .
            FAILED        CONDITION .            .          .     .          .            .             .             .       .             .
            AUTO_RESTART  CONDITION DEAD         .          .     .          .            .             .             .       CONDITION     .
            CONDITION     .         STOP_SIGTERM .          .     .          .            START_PRE     STOP_SIGTERM  .       STOP_SIGTERM  .
            START_PRE     .         STOP_SIGTERM .          .     .          .            START         STOP_SIGTERM  .       STOP_SIGTERM  .
            START         .         STOP_SIGTERM START_POST .     START_POST STOP_SIGTERM .             .             .       STOP_SIGTERM  .
            START_POST    .         STOP_SIGTERM .          .     .          .            RUNNING       STOP_SIGTERM  .       STOP_SIGTERM  .
            RUNNING       .         STOP         .          .     STOP       STOP_SIGTERM .             .             .       STOP          STOP_SIGTERM
            EXITED        .         STOP         .          .     .          .            .             .             .       .             .
            STOP          .         .            .          .     .          .            STOP_SIGTERM  STOP_SIGTERM  .       STOP_SIGTERM  .
            STOP_SIGTERM  .         .            .          .     .          .            .             .             .       STOP_SIGKILL  .
            STOP_SIGKILL  .         .            .          .     .          .            .             .             .       STOP_POST     .
            STOP_POST     .         .            .          .     .          .            FINAL_SIGTERM FINAL_SIGTERM .       FINAL_SIGTERM .
            FINAL_SIGTERM .         .            .          .     .          .            .             .             DEAD    FINAL_SIGKILL .
            FINAL_SIGKILL .         .            .          .     .          .            .             .             DEAD    DEAD          .
            """;

    private static final ImmutableMap<String, Event> EVENTS = ImmutableMap.<String, Event>builder()
            .put("start", new Event.Start(0))
            .put("stop", new Event.Stop(""))
            .put("began", new Event.Began(MAIN, 70, 700))
            .put("never", new Event.NeverBegan(CONTROL))
            .put("main:0", new Event.Ended(MAIN, new Exit.Code(0)))
            .put("main:1", new Event.Ended(MAIN, new Exit.Code(1)))
            .put("ctl:0", new Event.Ended(CONTROL, new Exit.Code(0)))
            .put("ctl:1", new Event.Ended(CONTROL, new Exit.Code(1)))
            .put("emptied", new Event.TreeEmptied(CONTROL))
            .put("time", new Event.TimeUp())
            .put("stopping", new Event.Stopping())
            .buildOrThrow();

    @ParameterizedTest
    @EnumSource(Phase.class)
    void everyStateKnowsWhatToMakeOfEveryEvent(Phase phase) {
        var settings = settings(EVERYTHING);
        var actual = new LinkedHashMap<String, String>();
        EVENTS.forEach((name, event) -> {
            var next = UnitMachine.next("a.service", settings, in(phase), event, NOW).life().phase();
            actual.put(name, next == phase ? "." : next.name());
        });

        assertThat(actual).isEqualTo(expected(phase));
    }

    private static Map<String, String> expected(Phase phase) {
        var rows = MATRIX.lines().map(line -> Splitter.on(' ').omitEmptyStrings().splitToList(line)).toList();
        var row = rows.stream()
                .filter(cells -> cells.getFirst().equals(phase.name()))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no row for " + phase));
        var expected = new LinkedHashMap<String, String>();
        for (int column = 1; column < row.size(); column++) {
            expected.put(rows.getFirst().get(column), row.get(column));
        }
        return expected;
    }

    @Test
    void aServiceIsUpOnceItsProcessIsThere() {
        var life = Life.loaded(NOW);
        var settings = settings("[Service]\nExecStart=/bin/m\n");

        var starting = UnitMachine.next("a.service", settings, life, new Event.Start(0), NOW);
        assertThat(starting.life().phase()).isEqualTo(Phase.START);
        assertThat(starting.life().main()).contains(Proc.planned(FIRST));
        assertThat(starting.acts().getLast()).isInstanceOf(Act.Spawn.class);
        var up = UnitMachine.next("a.service", settings, starting.life(), new Event.Began(FIRST, 70, 700), NOW);

        assertThat(up.life().phase()).isEqualTo(Phase.RUNNING);
        assertThat(up.life().main()).contains(new Proc(FIRST, 70, 700));
    }

    @Test
    void aProcessThatBeginsAfterItsUnitWasKilledIsKilledToo() {
        var settings = settings("[Service]\nExecStart=/bin/m\n");
        var starting = UnitMachine.next("a.service", settings, Life.loaded(NOW), new Event.Start(0), NOW);
        var stopping = UnitMachine.next("a.service", settings, starting.life(), new Event.Stop(""), NOW);
        var emptied = UnitMachine.next("a.service", settings, stopping.life(), new Event.TreeEmptied(FIRST), NOW);
        assertThat(emptied.life().phase()).isEqualTo(Phase.STOP_SIGTERM);

        var late = UnitMachine.next("a.service", settings, emptied.life(), new Event.Began(FIRST, 70, 700), NOW);

        assertThat(late.acts()).contains(new Act.Kill(Act.Scope.TREE, Signal.TERM), new Act.AwaitEmpty(FIRST));
    }

    @Test
    void eventsOfAnEarlierRunMeanNothing() {
        var life = in(Phase.RUNNING);

        for (var event : new Event[] {
            new Event.Ended(3, new Exit.Code(1)), new Event.Began(3, 30, 300), new Event.NeverBegan(3),
            new Event.NotSpawned(3, 203, "gone")
        }) {
            assertThat(UnitMachine.next("a.service", settings(EVERYTHING), life, event, NOW).life()).isEqualTo(life);
        }
    }

    @Test
    void aDeadlineThatWasMovedIsNotOver() {
        var life = in(Phase.START_PRE);
        var early = NOW.minus(Duration.ofSeconds(1));

        assertThat(UnitMachine.next("a.service", settings(EVERYTHING), life, new Event.TimeUp(), early).life())
                .isEqualTo(life);
    }

    @ParameterizedTest
    @EnumSource(Phase.class)
    void whatIsKeptOnDiskIsReadBackAsItWas(Phase phase) {
        var life = in(phase);
        var wish = new Wish(
                Wish.Job.RESTART, NOW, "because=of\nthis", 4, 7, Optional.of(new UnitName("b.service")), true,
                true, UnitProperties.of(Map.of("MemoryMax", "64M", "CPUQuota", "50%")));
        var durable = new RecordCodec.Durable(new UnitName("a@1.service"), life, wish);

        var back = RecordCodec.decode(RecordCodec.encode(durable));

        assertThat(back.life()).isEqualTo(life);
        assertThat(back.wish().because()).isEqualTo("because=of this");
        assertThat(back.wish().partner()).isEqualTo(wish.partner());
        assertThat(back.wish().leaving()).isTrue();
        assertThat(back.wish().properties()).isEqualTo(wish.properties());
    }

    @Test
    void ofSeveralRecordsTheLastWholeOneCounts() {
        var unit = new UnitName("a@1.service");
        var first = RecordCodec.encode(new RecordCodec.Durable(unit, in(Phase.START), Wish.none(NOW)));
        var second = RecordCodec.encode(new RecordCodec.Durable(unit, in(Phase.RUNNING), Wish.none(NOW)));

        for (int cut = 0; cut < second.length(); cut++) {
            var torn = second.substring(0, cut);
            assertThat(RecordCodec.decode(first + torn).life()).isEqualTo(in(Phase.START));
            assertThat(RecordCodec.decode(first + torn + second).life()).isEqualTo(in(Phase.RUNNING));
        }
    }

    @ParameterizedTest(name = "\"{0}\" and {1}: {2}")
    @CsvSource(textBlock = """
            '', 0, 'code=exited, status=0/SUCCESS'
            '', 143, 'code=exited, status=143'
            Terminated, 143, 'code=killed, status=15/TERM'
            Killed, 137, 'code=killed, status=9/KILL'
            '', 130, 'code=killed, status=2/INT'
            '', 141, 'code=killed, status=13/PIPE'
            'shim: 3: cannot create', 219, 'code=exited, status=219/CGROUP'
            Real-time signal 3, 165, 'code=killed, status=37/RTMIN+3'
            """)
    void aShellsWordTellsASignalFromAnExitStatus(String note, int status, String exit) {
        assertThat(RunFiles.exit(note, status)).hasToString(exit);
    }

    /// Each look at a process tells that it has begun. To many programs a second SIGTERM says: end now, whatever is lost.
    @Test
    void aServiceThatTakesItsTimeToStopIsSignalledOnce() {
        var began = new Event.Began(MAIN, 70, 700);

        var step = UnitMachine.next("a.service", settings(EVERYTHING), in(Phase.STOP_SIGTERM), began, NOW);

        assertThat(step.acts()).isEmpty();
    }

    @Test
    void aProcessThatBeginsAfterTheSignalIsSignalled() {
        var began = new Event.Began(MAIN, 70, 700);
        var stopping = UnitMachine.next(
                "a.service", settings(EVERYTHING), in(Phase.START), new Event.Stop(""), NOW).life();

        var step = UnitMachine.next("a.service", settings(EVERYTHING), stopping, began, NOW);

        assertThat(step.acts()).contains(new Act.Kill(Act.Scope.TREE, Signal.TERM));
    }

    private static Life in(Phase phase) {
        var main = switch (phase) {
            case START -> Optional.of(Proc.planned(MAIN));
            case START_POST, RUNNING, STOP, STOP_SIGTERM, STOP_SIGKILL -> Optional.of(new Proc(MAIN, 70, 700));
            case DEAD, FAILED, AUTO_RESTART, CONDITION, START_PRE, EXITED, STOP_POST, FINAL_SIGTERM, FINAL_SIGKILL ->
                Optional.<Proc>empty();
        };
        var control = switch (phase) {
            case CONDITION, START_PRE, START_POST, STOP, STOP_POST -> Optional.of(new Proc(CONTROL, 80, 800));
            case DEAD, FAILED, AUTO_RESTART, START, RUNNING, EXITED, STOP_SIGTERM, STOP_SIGKILL, FINAL_SIGTERM,
                    FINAL_SIGKILL -> Optional.<Proc>empty();
        };
        return new Life(
                phase, 0, main, control, Optional.empty(), Result.SUCCESS, false, false, false, Optional.of(NOW), NOW, NOW,
                0, ImmutableList.of(NOW), new Epoch(7, 2), CONTROL, "", "");
    }

    private static ServiceSettings settings(String text) {
        var host = new Specifiers.Host("host", "id", "boot", "6.1", "x86-64", Specifiers.Os.UNKNOWN);
        var context = new Specifiers.Context(
                new UnitName("a.service"), host, Specifiers.Account.ROOT, Specifiers.Folders.SYSTEM, "");
        try {
            return UnitSettings.of(UnitFile.parse("a.service", ByteString.copyFromUtf8(text)), context).service();
        } catch (UnitFileException e) {
            throw new AssertionError(e);
        }
    }
}
