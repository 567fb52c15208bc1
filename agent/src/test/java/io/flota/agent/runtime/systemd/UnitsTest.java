package io.flota.agent.runtime.systemd;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableMap;
import com.google.protobuf.ByteString;
import io.flota.agent.runtime.UnitRuntime.UnitToStart;
import io.flota.agent.runtime.systemd.Entry.Bond;
import io.flota.agent.runtime.systemd.Wish.Job;
import io.flota.agent.steps.Guard;
import io.flota.unit.UnitName;
import io.flota.unit.UnitState;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// What is asked for crosses what systemd does, in orders that a real one takes only once in a while.
class UnitsTest {
    private static final UnitName A = new UnitName("a.service");
    private static final Duration NOW = Duration.ofSeconds(1000);
    private static final Instant WALL = Instant.parse("2026-01-01T00:00:00Z");
    /// The unit's first and second run.
    private static final long FIRST = 100_000_000;

    private static final long SECOND = 200_000_000;

    private final Units units = new Units(_ -> Optional.empty());

    @Test
    void aUnitIsNotDownWhileSystemdIsAskedToStartIt() {
        load(Bond.FREE);
        start(1);
        var start = onlyStart();
        assertThat(units.asking(start)).isTrue();

        units.release(A);

        tidy();
        assertThat(shown()).isEqualTo("deactivating/waiting 0");
        units.taken(A, "/job/1");
        assertThat(shown()).isEqualTo("deactivating/waiting 0");
        sendStop("/job/2");
        units.ended("/job/1", A, "canceled");
        assertThat(shown()).isEqualTo("deactivating/waiting 0");
        units.ended("/job/2", A, "done");
        assertThat(shown()).isEqualTo("inactive/dead 0");
    }

    @Test
    void aUnitIsNotDownWhileItIsNotKnownWhatBecameOfItsStart() {
        load(Bond.FREE);
        start(1);
        sendStart("/job/1");
        units.disconnected();

        units.stop(A);

        assertThat(shown()).isEqualTo("deactivating/waiting 0");
        resync("active", FIRST, Optional.empty());
        assertThat(shown()).isEqualTo("deactivating/waiting 0");
        sendStop("/job/2");
    }

    @Test
    void aUnitIsNotDownWhileSystemdIsAboutToStartItForWhateverReason() {
        load(Bond.FREE);
        resync("inactive", 0, Optional.of(new Jobs.Listed("/job/anothers", Job.START)));

        units.stop(A);

        assertThat(shown()).isEqualTo("deactivating/waiting 0");
        sendStop("/job/1");
    }

    @Test
    void aStartThatIsNotWantedAnyMoreIsNotAskedFor() {
        load(Bond.FREE);
        start(1);
        var start = onlyStart();
        units.stop(A);

        assertThat(units.asking(start)).isFalse();

        units.failed(start, "not started: for whatever reason");
        units.strike(start, "not started: for whatever reason");
        assertThat(state().message()).isEmpty();
        sendStop("/job/1");
    }

    @Test
    void aUnitThatSystemdRefusesToStopIsNotDownAndIsToldAgain() {
        runs();
        units.stop(A);
        assertThat(units.asking(onlyStop())).isTrue();

        units.refusedStop(A, "polkit is away");

        assertThat(shown()).isEqualTo("deactivating/waiting 0");
        assertThat(state().message()).isEqualTo("systemd does not stop it: polkit is away");
        assertThat(state().mainPid()).isEqualTo(17);
        assertThat(units.work().stops()).isEmpty();
        assertThat(units.putsOff()).isTrue();
        units.askAgain();
        sendStop("/job/2");
        see("inactive", FIRST);
        units.ended("/job/2", A, "done");
        assertThat(shown()).isEqualTo("inactive/dead 0");
        assertThat(state().message()).isEmpty();
    }

    @Test
    void aStopThatSomebodyCancelsIsAskedForAgain() {
        runs();
        units.stop(A);
        sendStop("/job/1");

        units.ended("/job/1", A, "canceled");

        units.askAgain();
        sendStop("/job/2");
    }

    @Test
    void aStartThatFollowsAStopIsMadeThoughTheStopWasUnderWay() {
        runs();
        units.stop(A);
        var stop = onlyStop();
        assertThat(units.asking(stop)).isTrue();
        start(1);
        units.taken(A, "/job/stop");

        var start = onlyStart();
        see("inactive", FIRST);
        units.ended("/job/stop", A, "done");

        assertThat(units.work().starts()).extracting(Entry::name).containsExactly(A);
        assertThat(start.isRestart()).isTrue();
        sendStart("/job/start");
        units.ended("/job/start", A, "done");
        assertThat(units.work().starts()).isEmpty();
    }

    @Test
    void anotherGenerationHasARunOfItsOwnThoughTheOneBeforeWasJustBeingStarted() {
        load(Bond.FREE);
        start(1);
        assertThat(units.asking(onlyStart())).isTrue();

        start(2);

        units.taken(A, "/job/1");
        see("active", FIRST);
        units.ended("/job/1", A, "done");
        assertThat(onlyStart().isRestart()).isTrue();
        assertThat(shown()).isEqualTo("deactivating/waiting 2");
        resync("active", FIRST, Optional.empty());
        assertThat(onlyStart().isRestart()).isTrue();
        sendStart("/job/2");
        see("active", SECOND);
        units.ended("/job/2", A, "done");
        assertThat(shown()).isEqualTo("active/running 2");
    }

    @Test
    void aStopThatWasNotSentIsSentByTheNextAgentThoughAStartIsUnderWay() {
        runs();
        units.stop(A);
        units.disconnected();
        resync("activating", FIRST, Optional.of(new Jobs.Listed("/job/start", Job.START)));

        units.ended("/job/start", A, "done");

        sendStop("/job/stop");
    }

    @Test
    void aStartThatWasNotSentIsSentByTheNextAgentThoughAStopIsUnderWay() {
        runs();
        start(2);
        units.disconnected();
        resync("deactivating", FIRST, Optional.of(new Jobs.Listed("/job/stop", Job.STOP)));

        units.ended("/job/stop", A, "done");

        sendStart("/job/start");
    }

    @Test
    void aStartThatWasNotSentIsSentByTheNextAgentThoughTheRunBeforeHasFailed() {
        runs();
        see("failed", FIRST);
        start(2);
        units.disconnected();

        resync("failed", FIRST, Optional.empty());

        sendStart("/job/start");
    }

    @Test
    void aStartThatSystemdHasMadeMeanwhileIsNotMadeTwice() {
        runs();
        start(2);
        sendStart("/job/start");
        units.disconnected();

        resync("failed", SECOND, Optional.empty());

        assertThat(units.work().starts()).isEmpty();
        assertThat(shown()).isEqualTo("failed/running 2");
    }

    @Test
    void aUnitThatIsToStayDownIsNotDownBeforeThatIsOnDisk() {
        load(Bond.FREE);

        units.release(A);
        sendStop("/job/1");
        units.ended("/job/1", A, "done");

        assertThat(shown()).isEqualTo("deactivating/waiting 0");
        units.work().unbarred().forEach(units::barred);
        assertThat(shown()).isEqualTo("inactive/dead 0");
    }

    /// Another unit may have it started just then.
    @Test
    void aUnitThatIsToLeaveIsDownOnlyOnceSystemdWasAsked() {
        runs();
        see("inactive", FIRST);

        units.release(A);

        tidy();
        assertThat(shown()).isEqualTo("deactivating/waiting 0");
        sendStop("/job/1");
        units.ended("/job/1", A, "done");
        assertThat(shown()).isEqualTo("inactive/dead 0");
    }

    @Test
    void whatMayHaveUnitsStartedIsWrittenAnewByTheNextAgent() {
        load(Bond.FREE);
        units.release(A);
        sendStop("/job/1");
        units.ended("/job/1", A, "done");
        var next = new Units(_ -> Optional.empty());

        next.adopt(units.entries().getFirst());

        assertThat(next.work().unbarred()).extracting(Entry::name).containsExactly(A);
        assertThat(next.states().get(A).active()).isEqualTo("deactivating");
    }

    /// systemd says that a unit has failed before it says that `Restart=` brings it back.
    @Test
    void aUnitThatFailsJustWhenItIsToStopIsStopped() {
        runs();
        units.stop(A);

        see("failed", FIRST);
        see("activating", FIRST);

        sendStop("/job/1");
    }

    @Test
    void aUnitThatIsStruckJustWhenItIsToStopIsStopped() {
        exclusiveRuns();
        units.stop(A);

        units.changed(path(), properties("failed", FIRST), NOW.plusSeconds(60), WALL);

        sendStop("/job/1");
    }

    @Test
    void aUnitThatIsStruckHasNoEpochAnyMore() {
        exclusiveRuns();
        tidy();

        units.changed(path(), properties("failed", FIRST), NOW.plusSeconds(60), WALL);

        var entry = units.entries().getFirst();
        assertThat(units.guards().get(A).struck()).isTrue();
        assertThat(entry.wish().epochBase()).isZero();
        assertThat(units.work().unbarred()).containsExactly(entry);
    }

    /// What comes up before that is one that the host has had under this name.
    @Test
    void aUnitComesUpAsAskedForOnlyOnceSystemdWasAsked() {
        load(Bond.FREE);
        start(1);

        assertThat(units.risen(path(), properties("active", FIRST))).contains(A);

        assertThat(units.asking(onlyStart())).isTrue();
        assertThat(units.risen(path(), properties("active", FIRST))).isEmpty();
    }

    private void load(Bond bond) {
        units.load(A, "hash", new Composed(ByteString.EMPTY, bond, false, Optional.empty()), WALL);
        tidy();
    }

    /// As the worker does, what concerns files.
    private void tidy() {
        var work = units.work();
        work.loads().forEach(units::wasLoaded);
        work.unsaved().forEach(units::saved);
        work.unbarred().forEach(units::barred);
    }

    private void start(long generation) {
        units.start(new UnitToStart(A, generation), NOW);
    }

    private void runs() {
        load(Bond.FREE);
        start(1);
        comesUp();
    }

    private void exclusiveRuns() {
        load(Bond.EXCLUSIVE);
        units.guard(List.of(new Guard(A, true, Duration.ZERO, NOW.plusSeconds(30), NOW.plusSeconds(40))), NOW);
        units.start(new UnitToStart(A, 1, 5), NOW);
        comesUp();
    }

    private void comesUp() {
        sendStart("/job/first");
        see("active", FIRST);
        units.ended("/job/first", A, "done");
        tidy();
        assertThat(shown()).isEqualTo("active/running 1");
    }

    private Entry onlyStart() {
        assertThat(units.work().starts()).hasSize(1);
        return units.work().starts().getFirst();
    }

    private Entry onlyStop() {
        assertThat(units.work().stops()).hasSize(1);
        return units.work().stops().getFirst();
    }

    private void sendStart(String job) {
        assertThat(units.asking(onlyStart())).isTrue();
        units.taken(A, job);
    }

    private void sendStop(String job) {
        assertThat(units.asking(onlyStop())).isTrue();
        units.taken(A, job);
    }

    private static String path() {
        return Systemd.path(A.full());
    }

    private void see(String active, long run) {
        units.changed(path(), properties(active, run), NOW, WALL);
    }

    private void resync(String active, long run, Optional<Jobs.Listed> job) {
        units.resync(A, properties(active, run), job, NOW, WALL);
    }

    private static ImmutableMap<String, Object> properties(String active, long run) {
        return ImmutableMap.of(
                "ActiveState", active, "SubState", active.equals("inactive") ? "dead" : "running",
                "InactiveExitTimestampMonotonic", run, "MainPID", 17);
    }

    private UnitState state() {
        return units.states().get(A);
    }

    /// `active/sub generation`.
    private String shown() {
        return state().active() + "/" + state().sub() + " " + state().generation();
    }
}
