package io.flota.registry;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableList;
import io.flota.registry.Fact.EventFact;
import io.flota.registry.Happening.Kind;
import io.flota.store.KeyRange;
import io.flota.store.Snapshot;
import io.flota.store.Store;
import io.flota.store.StoreException;
import io.flota.store.Transaction;
import io.flota.testing.ForwardingStore;
import io.flota.testing.SimClock;
import io.flota.testing.SimStore;
import io.flota.unit.UnitName;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class EventReaderTest {
    private static final Keys KEYS = Keys.DEFAULT;

    /// Somebody writes an event between any two reads.
    private static final class BusyStore extends ForwardingStore {
        private final SimStore store;
        private int reads;

        BusyStore(SimStore store) {
            super(store);
            this.store = store;
        }

        @Override
        public Snapshot read(List<KeyRange> ranges, int most) throws StoreException {
            var snapshot = store.read(ranges, most);
            write(store, 1_000_000L + reads++, "late.service");
            return snapshot;
        }
    }

    private final SimStore store = new SimStore();
    private final SimClock clock = new SimClock();
    private final EventReader reader = new EventReader(store, KEYS, clock, 7);

    private static void write(Store store, long millis, String unit) throws StoreException {
        var happening = new Happening(
                Instant.ofEpochMilli(millis), Kind.STARTED, Optional.of(new UnitName(unit)), Optional.empty(), "", "", "");
        store.commit(Transaction.of(List.of(), List.of(
                new Codec(KEYS).encode(EventLog.id(millis, "w", 1), happening, 0))));
    }

    /// A hundred events of the last ten hours, each of another unit.
    private void aDay() throws StoreException {
        clock.pass(Duration.ofDays(1));
        long now = clock.millis();
        for (int i = 0; i < 100; i++) {
            write(store, now - Duration.ofMinutes(6L * (99 - i)).toMillis(), "web@" + i + ".service");
        }
    }

    private static List<String> units(EventReader.Events events) {
        return events.events().stream()
                .map(EventFact::happening)
                .map(happening -> happening.unit().orElseThrow().full())
                .toList();
    }

    private static EventReader.Events since(EventReader reader, long revision) throws StoreException {
        var events = ImmutableList.<EventFact>builder();
        long until = reader.<RuntimeException>since(revision, _ -> true, events::addAll);
        return new EventReader.Events(until, events.build());
    }

    private static List<String> web(IntStream numbers) {
        return numbers.mapToObj(i -> "web@" + i + ".service").toList();
    }

    @Test
    void theLastEventsComeInTheirOrder() throws StoreException {
        aDay();

        for (int most : List.of(0, 1, 13, 99, 100, 1000)) {
            assertThat(units(reader.last(most, _ -> true)))
                    .as("%d", most)
                    .isEqualTo(web(IntStream.range(Math.max(0, 100 - most), 100)));
        }
    }

    @Test
    void whatIsAskedForIsFoundHoweverLongAgo() throws StoreException {
        aDay();

        var events = reader.last(2, event -> event.unit().orElseThrow().full().matches("web@[1357]\\.service"));

        assertThat(units(events)).containsExactly("web@5.service", "web@7.service");
    }

    @Test
    void aClockThatIsAheadHidesNoEvent() throws StoreException {
        aDay();
        write(store, clock.millis() + Duration.ofDays(3).toMillis(), "ahead.service");

        assertThat(units(reader.last(1, _ -> true))).containsExactly("ahead.service");
    }

    @Test
    void whatIsWrittenMeanwhileIsNotReadAndComesAfterItsRevision() throws StoreException {
        aDay();
        long before = store.read(KEYS.events()).revision();
        var busy = new EventReader(new BusyStore(store), KEYS, clock, 7);

        var all = since(busy, 0);
        var last = busy.last(1000, event -> event.unit().orElseThrow().full().startsWith("web"));
        var missed = since(reader, before);

        assertThat(all.revision()).isEqualTo(before);
        assertThat(units(all)).hasSize(100).doesNotContain("late.service");
        assertThat(units(last)).hasSize(100);
        assertThat(units(missed)).isNotEmpty().containsOnly("late.service");
    }
}
