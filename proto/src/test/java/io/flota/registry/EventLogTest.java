package io.flota.registry;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.base.Ticker;
import io.flota.loop.World;
import io.flota.machine.MachineId;
import io.flota.registry.Happening.Kind;
import io.flota.store.StoreException;
import io.flota.testing.SimClock;
import io.flota.testing.SimStore;
import io.flota.unit.UnitName;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class EventLogTest {
    private static final MachineId HERE = new MachineId("a".repeat(32));

    private final SimStore store = new SimStore();
    private final SimClock clock = new SimClock();
    private final World world = new World() {
        @Override
        public Ticker ticker() {
            return clock;
        }

        @Override
        public InstantSource clock() {
            return clock;
        }
    };
    private final EventLog log = new EventLog(store, world);

    private Happening happening(String unit, String reason) {
        return new Happening(
                clock.instant(), Kind.STARTED, Optional.of(new UnitName(unit)), Optional.of(HERE), reason, "test", "");
    }

    /// Told, or counted as left out.
    private boolean tell(String unit, String reason) {
        var draft = log.draft(happening(unit, reason));
        log.done(draft);
        return draft.event().isPresent();
    }

    @Test
    void idsSortByTimeAndAreNeverTheSameThoughTheClockIsSetBack() {
        clock.pass(Duration.ofDays(20_000));
        var ids = new ArrayList<String>();
        for (int i = 0; i < 100; i++) {
            ids.add(log.draft(happening("web.service", "")).event().orElseThrow().id());
            clock.pass(i == 50 ? Duration.ofHours(-1) : Duration.ofMillis(i % 3));
        }
        ids.add(new EventLog(store, world).draft(happening("web.service", "")).event().orElseThrow().id());

        assertThat(ids.subList(0, 100)).isSorted();
        assertThat(ids).doesNotHaveDuplicates();
    }

    @Test
    void aUnitThatFlapsIsToldTenTimesThenOnceAMinuteWithTheNumberOfTheRest() {
        for (int i = 1; i <= 100; i++) {
            assertThat(tell("web.service", "start " + i)).isEqualTo(i <= 10);
        }
        assertThat(tell("other.service", "")).as("another unit").isTrue();
        assertThat(log.due()).isEmpty();
        assertThat(log.untilDue()).contains(Duration.ofMinutes(1));

        clock.pass(Duration.ofMinutes(1));
        var due = log.due();

        assertThat(due).hasSize(1);
        assertThat(due.getFirst().happening().reason()).isEqualTo("start 100 (89 more in the minute before are left out)");
        due.forEach(log::done);
        assertThat(log.due()).isEmpty();
        assertThat(tell("web.service", "later")).isTrue();
    }

    @Test
    void eachMinuteIsCountedForItself() {
        for (int minute = 0; minute < 3; minute++) {
            for (int i = 1; i <= 10; i++) {
                assertThat(tell("web.service", "start " + i)).isTrue();
            }
            clock.pass(Duration.ofMinutes(1));
        }
    }

    @Test
    void whatWasDraftedAndNotWrittenDoesNotCount() {
        for (int i = 0; i < 100; i++) {
            assertThat(log.draft(happening("web.service", "")).event()).isPresent();
        }
    }

    @Test
    void eventsOfAnotherHourLiveUnderAnotherLeaseOfADay() throws StoreException {
        var first = log.lease().orElseThrow();
        clock.pass(Duration.ofMinutes(59));
        assertThat(log.lease()).contains(first);

        clock.pass(Duration.ofMinutes(1));
        var second = log.lease().orElseThrow();

        assertThat(second.id()).isNotEqualTo(first.id());
        assertThat(second.ttl()).isEqualTo(Duration.ofDays(1));
    }

    @Test
    void withoutAStoreThereIsNoLeaseAndTheLastOneServesOn() {
        store.goAway("cut");
        assertThat(log.lease()).isEmpty();

        store.comeBack();
        clock.pass(Duration.ofSeconds(1));
        var lease = log.lease();
        assertThat(lease).isPresent();
        store.goAway("cut");
        clock.pass(Duration.ofHours(2));

        assertThat(log.lease()).isEqualTo(lease);
    }

    @Test
    void aLeaseThatIsDoubtedIsReplacedOnlyIfItHasEnded() throws StoreException {
        var lease = log.lease();
        log.doubtLease();
        assertThat(log.lease()).isEqualTo(lease);

        store.revoke(lease.orElseThrow());
        log.doubtLease();

        assertThat(log.lease()).isPresent().isNotEqualTo(lease);
    }
}
