package io.flota.scheduler.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableSortedMap;
import com.google.protobuf.ByteString;
import io.flota.api.v1.JournalLine;
import io.flota.api.v1.JournalReply;
import io.flota.api.v1.JournalRequest;
import io.flota.machine.Machine;
import io.flota.machine.MachineId;
import io.flota.machine.Resources;
import io.flota.registry.Fact.FileFact;
import io.flota.registry.Fact.MachineFact;
import io.flota.registry.Fact.PlacementFact;
import io.flota.registry.Fact.UnitFact;
import io.flota.scheduler.api.JournalTails.Opening;
import io.flota.scheduler.cluster.Change;
import io.flota.scheduler.cluster.Change.Written;
import io.flota.scheduler.cluster.Cluster;
import io.flota.unit.DesiredState;
import io.flota.unit.Placement;
import io.flota.unit.Unit;
import io.flota.unit.UnitName;
import io.grpc.Status;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class JournalTailsTest {
    private static final String A = "a".repeat(32);
    private static final String B = "b".repeat(32);
    private static final long BEGUN = 1_000_000;
    private static final Status GONE = Status.UNAVAILABLE.withDescription("connection refused");

    private final JournalTails tails = tails(JournalRequest.newBuilder().addPatterns("web@*"));
    private long now;

    private static JournalTails tails(JournalRequest.Builder request) {
        try {
            var whole = request.setLines(10).setFollow(true).build();
            return new JournalTails(JournalSelection.of(whole), whole, BEGUN);
        } catch (RefusedException e) {
            throw new IllegalStateException(e);
        }
    }

    /// @param machines ids of those that are there
    /// @param placed `unit machine`
    private static Cluster cluster(List<String> machines, String... placed) {
        var changes = new ArrayList<Change>();
        changes.add(new Written(new FileFact("f", ByteString.copyFromUtf8("[Service]\nExecStart=/bin/true\n"))));
        machines.forEach(id -> changes.add(new Written(new MachineFact(new Machine(
                new MachineId(id), "host", "", "", ImmutableSortedMap.of(), new Resources(0, 0), id.charAt(0) + ":4472",
                "boot", "test")))));
        for (var each : placed) {
            var unit = new UnitName(each.split(" ")[0]);
            var machine = new MachineId(each.split(" ")[1]);
            changes.add(new Written(new UnitFact(new Unit(unit, "f", DesiredState.LAUNCHED, 1), 3)));
            changes.add(new Written(new PlacementFact(
                    new Placement(machine, unit, "f", DesiredState.LAUNCHED, 1, "p", "test"), 4)));
        }
        return Cluster.EMPTY.with(5, changes);
    }

    private static JournalReply lines(long... micros) {
        var reply = JournalReply.newBuilder();
        for (long time : micros) {
            reply.addLines(JournalLine.newBuilder().setTimeMicros(time));
        }
        return reply.build();
    }

    /// Reads what was written before, and opens what comes.
    private Opening live(Cluster cluster, long... micros) {
        var past = tails.due(cluster, now).getFirst();
        tails.read(past.source(), lines(micros), now);
        tails.ended(past.source(), Status.OK, now);
        return tails.due(cluster, now).getFirst();
    }

    @Test
    void firstWhatWasWrittenBeforeIsReadAndThenAllAfterTheLastLine() {
        var cluster = cluster(List.of(A), "web@1.service " + A, "other.service " + A);

        var past = tails.due(cluster, now);
        assertThat(past).singleElement().satisfies(it -> {
            assertThat(it.source().unit().full()).isEqualTo("web@1.service");
            assertThat(it.address()).isEqualTo("a:4472");
            assertThat(it.request().getFollow()).isFalse();
            assertThat(it.request().getLines()).isEqualTo(10);
        });
        assertThat(tails.isCaughtUp(now)).isFalse();
        tails.read(past.getFirst().source(), lines(5, 7), now);
        tails.ended(past.getFirst().source(), Status.OK, now);

        assertThat(tails.isCaughtUp(now)).isTrue();
        assertThat(tails.due(cluster, now)).singleElement().satisfies(it -> {
            assertThat(it.request().getFollow()).isTrue();
            assertThat(it.request().getLines()).isNegative();
            assertThat(it.request().getSinceMicros()).isEqualTo(8);
        });
        assertThat(tails.due(cluster, now)).isEmpty();
    }

    @Test
    void aUnitThatComesToAnotherMachineIsFollowedThereFromNowOn() {
        live(cluster(List.of(A, B), "web@1.service " + A), 5);

        var there = tails.due(cluster(List.of(A, B), "web@1.service " + B, "web@2.service " + A), now);

        assertThat(there).extracting(it -> it.source().unit() + " " + it.address())
                .containsExactly("web@1.service b:4472", "web@2.service a:4472");
        assertThat(there).allSatisfy(it -> {
            assertThat(it.request().getFollow()).isTrue();
            assertThat(it.request().getLines()).isNegative();
            assertThat(it.request().getSinceMicros()).isEqualTo(BEGUN);
        });
    }

    @Test
    void aLostMachineIsToldOnceAndTriedAgainAfterAPauseThatGrows() {
        var cluster = cluster(List.of(A), "web@1.service " + A);
        var open = live(cluster, 5);

        tails.ended(open.source(), GONE, now);
        assertThat(tails.takeNotices()).containsExactly(
                "machine aaaaaaaa cannot be reached (connection refused): its units are followed where they run next");
        assertThat(tails.due(cluster, now)).isEmpty();
        assertThat(tails.isWaiting()).isTrue();
        now += Duration.ofMillis(250).toNanos();
        var again = tails.due(cluster, now).getFirst();
        assertThat(again.request().getSinceMicros()).isEqualTo(6);

        tails.ended(again.source(), GONE, now);
        now += Duration.ofMillis(250).toNanos();
        assertThat(tails.due(cluster, now)).isEmpty();
        now += Duration.ofMillis(250).toNanos();
        assertThat(tails.due(cluster, now)).hasSize(1);
        tails.read(again.source(), lines(9), now);

        assertThat(tails.takeNotices()).containsExactly("machine aaaaaaaa is followed again");
    }

    @Test
    void aMachineThatVanishesWithoutAWordIsToldOnceForAllOfItsUnits() {
        var before = cluster(List.of(A, B), "web@1.service " + A, "web@2.service " + A);
        var past = tails.due(before, now);

        var openings = tails.due(cluster(List.of(B), "web@1.service " + B, "web@2.service " + B), now);
        assertThat(tails.isCaughtUp(now)).as("nobody waits for what it wrote").isTrue();
        past.forEach(it -> tails.ended(it.source(), GONE, now));

        assertThat(openings).extracting(Opening::address).containsExactly("b:4472", "b:4472");
        assertThat(tails.takeNotices())
                .containsExactly("machine aaaaaaaa is away: its units are followed where they run next");
        assertThat(tails.isCaughtUp(now)).isTrue();
    }

    @Test
    void aMachineThatHangsHoldsUpTheOthersForASmallWhileAfterTheirLastWord() {
        var past = tails.due(cluster(List.of(A, B), "web@1.service " + A, "web@2.service " + B), now);
        now += Duration.ofSeconds(2).toNanos();
        tails.read(past.getFirst().source(), lines(5), now);
        now += Duration.ofSeconds(2).toNanos();
        tails.ended(past.getFirst().source(), Status.OK, now);

        now += Duration.ofMillis(2999).toNanos();
        assertThat(tails.isCaughtUp(now)).isFalse();
        now += Duration.ofMillis(1).toNanos();
        assertThat(tails.isCaughtUp(now)).isTrue();
    }

    @Test
    void whatAMachineCouldNotTellAtFirstIsToldOnceItCan() {
        var cluster = cluster(List.of(A), "web@1.service " + A);
        tails.ended(tails.due(cluster, now).getFirst().source(), GONE, now);
        assertThat(tails.isCaughtUp(now)).isTrue();

        now += Duration.ofSeconds(1).toNanos();
        var again = tails.due(cluster, now).getFirst().request();

        assertThat(again.getFollow()).isTrue();
        assertThat(again.getLines()).isEqualTo(10);
    }

    @Test
    void aUnitThatIsNotThereYetIsLookedForWithoutAWord() {
        var cluster = cluster(List.of(A), "web@1.service " + A);
        tails.ended(tails.due(cluster, now).getFirst().source(), Status.NOT_FOUND, now);

        assertThat(tails.takeNotices()).isEmpty();
        assertThat(tails.due(cluster, now + Duration.ofMillis(250).toNanos())).hasSize(1);
    }

    @Test
    void itIsOverOnceUnitsThatWereAskedForByNameAreDestroyedAndNotBefore() {
        var one = tails(JournalRequest.newBuilder().setUnit("web@1.service"));
        var open = one.due(cluster(List.of(A), "web@1.service " + A), now).getFirst();
        var gone = cluster(List.of(A));

        assertThat(one.isOver(gone)).as("the machine has something to tell").isFalse();
        one.ended(open.source(), Status.OK, now);
        assertThat(one.isOver(gone)).isTrue();
        assertThat(tails.isOver(gone)).as("others may come that match the pattern").isFalse();
    }
}
