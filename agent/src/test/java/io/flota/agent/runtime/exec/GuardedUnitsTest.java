package io.flota.agent.runtime.exec;

import static org.assertj.core.api.Assertions.assertThat;

import io.flota.agent.runtime.UnitRuntime.UnitToLoad;
import io.flota.agent.runtime.UnitRuntime.UnitToStart;
import io.flota.agent.runtime.process.Signal;
import io.flota.agent.steps.Guard;
import io.flota.unit.Specifiers;
import io.flota.unit.UnitFileException;
import io.flota.unit.UnitName;
import io.flota.unit.UnitState;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/// What the supervisor makes of guards, moment by moment. Nothing is started from the 70th second on, all is killed at
/// the 90th.
class GuardedUnitsTest {
    private static final UnitName UNIT = new UnitName("a.service");
    private static final UnitName OTHER = new UnitName("b.service");
    private static final Instant BEGIN = Instant.parse("2026-01-01T00:00:00Z");
    private static final long BASE = 5;

    private final Supervisor supervisor = new Supervisor();
    private long run;

    GuardedUnitsTest() {
        at(0);
        load(UNIT, "[Service]\nRestart=always\nRestartSec=1\nExecStart=/bin/x\n[X-Flota]\nExclusive=true\n");
    }

    @Test
    void whatEndsOnceItsTimeIsOverIsFencedAndNotRestarted() {
        guard(70, 90);
        running();
        at(91);

        end(new Exit.Killed(Signal.KILL));

        assertThat(state().active()).isEqualTo("failed");
        assertThat(state().generation()).isZero();
        assertThat(state().message()).contains("lease");
        assertThat(supervisor.guards().get(UNIT).struck()).isTrue();
    }

    @Test
    void aGuardThatHasStruckIsNotReplacedWhileTheUnitIsUp() {
        guard(70, 90);
        running();
        at(91);

        guard(170, 190);
        end(new Exit.Killed(Signal.KILL));

        assertThat(state().active()).isEqualTo("failed");
        guard(170, 190);
        start();
        assertThat(state().active()).isEqualTo("activating");
        assertThat(supervisor.guards().get(UNIT).struck()).isFalse();
    }

    @Test
    void whatEndsBeforeIsRestartedWithTheNextEpochAsLongAsThereIsTime() {
        guard(70, 90);
        running();

        at(60);
        end(new Exit.Code(1));
        at(61);
        supervisor.passTime();
        assertThat(epoch()).isEqualTo(new Epoch(BASE, 2));

        began();
        at(69);
        end(new Exit.Code(1));
        at(70);
        supervisor.passTime();
        assertThat(state().active()).isEqualTo("failed");
        assertThat(state().generation()).isZero();
        assertThat(epoch()).isEqualTo(new Epoch(BASE, 2));
    }

    @Test
    void aStartThatWaitsUntilItIsTooLateIsRefused() {
        load(OTHER, "[Unit]\nBefore=a.service\n[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart=/bin/y\n");
        guard(70, 90);
        supervisor.start(new UnitToStart(OTHER, 1));
        start();
        assertThat(state().message()).contains("waits for " + OTHER);

        at(70);
        supervisor.happened(OTHER, new Event.Ended(runOf(OTHER), new Exit.Code(0)));
        supervisor.runJobs();

        assertThat(state().active()).isEqualTo("failed");
        assertThat(state().generation()).isZero();
    }

    @Test
    void withoutAGuardOrAnEpochItIsNotStarted() {
        start();
        assertThat(state().active()).isEqualTo("failed");

        guard(70, 90);
        supervisor.start(new UnitToStart(UNIT, 1));
        supervisor.runJobs();
        assertThat(state().active()).isEqualTo("failed");

        start();
        assertThat(state().active()).isEqualTo("activating");
    }

    @Test
    void oneThatStopsOnDisconnectIsNotStartedWithoutAGuardEither() {
        load(UNIT, "[Service]\nExecStart=/bin/x\n[X-Flota]\nOnDisconnect=stop\n");

        startOther("Wants");
        assertThat(state().active()).isEqualTo("inactive");
        start(0);
        assertThat(state().active()).isEqualTo("failed");
        assertThat(state().generation()).isZero();

        guard(70, 90);
        start(0);
        assertThat(state().active()).isEqualTo("activating");
    }

    /// Else whoever is told of changes, and stops the unit for that, never comes to rest.
    @Test
    void aStopThatWaitsForItsOrderChangesNothingWhenItIsAskedForAgain() {
        load(OTHER, "[Unit]\nRequires=a.service\nAfter=a.service\n[Service]\nExecStart=/bin/y\n");
        guard(70, 90);
        running();
        supervisor.start(new UnitToStart(OTHER, 1));
        supervisor.runJobs();
        supervisor.happened(OTHER, new Event.Began(runOf(OTHER), 7, 700));
        supervisor.stop(UNIT);
        supervisor.runJobs();
        assertThat(state().active()).isEqualTo("active");
        assertThat(supervisor.takeTasks()).isNotEmpty();

        at(1);
        supervisor.stop(UNIT);
        supervisor.runJobs();

        assertThat(supervisor.takeTasks()).isEmpty();
    }

    @Test
    void itFailsWhenItsEpochsAreUsedUp() {
        guard(70, 90);
        var all = new Epoch(BASE, 999_999);

        assertThat(all.isUsedUp()).isFalse();
        assertThat(all.number()).isEqualTo(5_999_999);
        assertThat(all.next(BASE).isUsedUp()).isTrue();
        assertThat(all.next(BASE + 1)).isEqualTo(new Epoch(BASE + 1, 1));
        assertThat(new Epoch(BASE + 1, 1).number()).isGreaterThan(all.number());
    }

    @Test
    void whatIsLoadedWithAnotherFileHasNoGuardAnyMore() {
        guard(70, 90);
        load(UNIT, "[Service]\nExecStart=/bin/x\n");

        assertThat(supervisor.guards()).isEmpty();
    }

    /// Its time is not over, but it may have been given to another machine since.
    @Test
    void whatWasStoppedIsNotStartedForAnotherUnitsSake() {
        guard(70, 90);
        running();
        supervisor.stop(UNIT);
        supervisor.runJobs();
        end(new Exit.Killed(Signal.TERM));
        assertThat(state().active()).isEqualTo("inactive");

        startOther("Wants");
        assertThat(state().active()).isEqualTo("inactive");

        start();
        assertThat(state().active()).isEqualTo("activating");
        assertThat(epoch()).isEqualTo(new Epoch(BASE, 2));
    }

    @Test
    void aUnitThatLeavesIsStartedForAnotherUnitsSakeOnlyOnceItIsBack() {
        load(UNIT, "[Service]\nExecStart=/bin/x\n");
        start(0);
        began();
        supervisor.release(UNIT);
        supervisor.runJobs();
        end(new Exit.Killed(Signal.TERM));

        startOther("Wants");
        assertThat(state().active()).isEqualTo("inactive");

        supervisor.stop(OTHER);
        load(UNIT, "[Service]\nExecStart=/bin/x\n");
        startOther("Wants");
        assertThat(state().active()).isEqualTo("activating");
    }

    private void startOther(String relation) {
        load(OTHER, "[Unit]\n" + relation + "=a.service\n[Service]\nExecStart=/bin/y\n");
        supervisor.start(new UnitToStart(OTHER, 1));
        supervisor.runJobs();
    }

    private void load(UnitName unit, String text) {
        var host = new Specifiers.Host("host", "id", "boot", "6.1", "x86-64", Specifiers.Os.UNKNOWN);
        var context = new Specifiers.Context(unit, host, Specifiers.Account.ROOT, Specifiers.Folders.SYSTEM, "");
        var file = Units.file(text);
        try {
            supervisor.load(new UnitToLoad(unit, file), new Entry.Loaded.Readable(UnitSettings.of(file, context)));
        } catch (UnitFileException e) {
            throw new AssertionError(e);
        }
    }

    private void guard(long startsUntil, long strikes) {
        var guard = new Guard(
                UNIT, true, Duration.ZERO, Duration.ofSeconds(startsUntil), Duration.ofSeconds(strikes));
        supervisor.guard(List.of(new Term(guard, BEGIN.plusSeconds(startsUntil), BEGIN.plusSeconds(strikes))));
    }

    private void start() {
        start(BASE);
    }

    private void start(long epochBase) {
        supervisor.start(new UnitToStart(UNIT, 1, epochBase));
        supervisor.runJobs();
    }

    private void running() {
        start();
        began();
        assertThat(state().active()).isEqualTo("active");
    }

    private void began() {
        run = runOf(UNIT);
        supervisor.happened(UNIT, new Event.Began(run, 70 + run, 700));
    }

    /// The main process ends, and nothing is left.
    private void end(Exit exit) {
        supervisor.happened(UNIT, new Event.Ended(run, exit));
        for (int i = 0; i < 3; i++) {
            supervisor.happened(UNIT, new Event.TreeEmptied(entry(UNIT).life().runs()));
        }
    }

    private long runOf(UnitName unit) {
        return entry(unit).life().runs();
    }

    private Epoch epoch() {
        return entry(UNIT).life().epoch();
    }

    private UnitState state() {
        return supervisor.states().get(UNIT);
    }

    private Entry entry(UnitName unit) {
        return supervisor.entries().stream()
                .filter(entry -> entry.name().equals(unit))
                .findFirst()
                .orElseThrow();
    }

    private void at(long second) {
        supervisor.at(BEGIN.plusSeconds(second));
    }
}
