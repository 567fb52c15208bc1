package io.flota.registry;

import com.google.common.collect.ImmutableList;
import io.flota.registry.Fact.EventFact;
import io.flota.store.Entry;
import io.flota.store.KeyRange;
import io.flota.store.Snapshot;
import io.flota.store.Store;
import io.flota.store.StoreException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Predicate;

/// Reads `events/` a page at a time, since there may be very many.
public final class EventReader {
    /// Some hundred kilobytes.
    private static final int PAGE = 1000;
    /// Of ids, and with it of the first stretch of time that is looked at for the last events. Each is twice as long
    /// as the one before it.
    private static final Duration FIRST_STRETCH = Duration.ofMinutes(5);
    /// Of events. The stretch that would be longer than this takes all that is left.
    private static final Duration LIFE = Duration.ofDays(1);

    /// Takes events a page at a time.
    @FunctionalInterface
    public interface Sink<E extends Exception> {
        void take(ImmutableList<EventFact> page) throws E;
    }

    /// @param revision of the store when the newest of them were read. What was written later is not among them.
    public record Events(long revision, ImmutableList<EventFact> events) {}

    private final Store store;
    private final Keys keys;
    private final Codec codec;
    private final InstantSource clock;
    private final int page;

    public EventReader(Store store, Keys keys, InstantSource clock) {
        this(store, keys, clock, PAGE);
    }

    EventReader(Store store, Keys keys, InstantSource clock, int page) {
        this.store = store;
        this.keys = keys;
        this.codec = new Codec(keys);
        this.clock = clock;
        this.page = page;
    }

    /// The last events that somebody wants, in the order of their ids.
    ///
    /// @param most how many; they are held in memory
    public Events last(int most, Predicate<Happening> wanted) throws StoreException {
        var found = new ArrayDeque<EventFact>();
        var asOf = OptionalLong.empty();
        long until = Long.MAX_VALUE;
        long stretch = FIRST_STRETCH.toMillis();
        long from = clock.millis() - stretch;
        do {
            var some = new ArrayDeque<EventFact>();
            int missing = most - found.size();
            asOf = OptionalLong.of(scan(range(from, until), 0, asOf, wanted, page -> page.forEach(event -> {
                some.addLast(event);
                if (some.size() > missing) {
                    some.removeFirst();
                }
            })));
            some.descendingIterator().forEachRemaining(found::addFirst);
            until = from;
            stretch *= 2;
            from = stretch > LIFE.toMillis() ? 0 : from - stretch;
        } while (until > 0 && found.size() < most);
        return new Events(asOf.getAsLong(), ImmutableList.copyOf(found));
    }

    /// Hands on whatever somebody wants of what was first written after a revision, in the order of the ids.
    ///
    /// @return the revision up to which it was looked for
    public <E extends Exception> long since(long revision, Predicate<Happening> wanted, Sink<E> sink)
            throws StoreException, E {
        return scan(KeyRange.of(keys.events()), revision, OptionalLong.empty(), wanted, sink);
    }

    /// The event that an entry is, unless it cannot be read or has been written before: who could not know whether it
    /// was, writes it again under the same id.
    public Optional<EventFact> first(Entry entry) {
        return entry.createRevision() == entry.modRevision() ? event(entry) : Optional.empty();
    }

    private Optional<EventFact> event(Entry entry) {
        return codec.decode(entry).flatMap(fact -> fact instanceof EventFact event ? Optional.of(event) : Optional.empty());
    }

    /// @param asOf the last revision that counts; empty: that of the first page
    /// @return that revision
    private <E extends Exception> long scan(
            KeyRange range, long after, OptionalLong asOf, Predicate<Happening> wanted, Sink<E> sink)
            throws StoreException, E {
        var until = asOf;
        for (var rest = Optional.of(range); rest.isPresent(); ) {
            var snapshot = store.read(List.of(rest.get()), page);
            long last = until.orElse(snapshot.revision());
            until = OptionalLong.of(last);
            sink.take(snapshot.entries().values().stream()
                    .filter(entry -> entry.createRevision() > after && entry.createRevision() <= last)
                    .flatMap(entry -> event(entry).stream())
                    .filter(event -> wanted.test(event.happening()))
                    .collect(ImmutableList.toImmutableList()));
            rest = after(snapshot, range.to());
        }
        return until.getAsLong();
    }

    private Optional<KeyRange> after(Snapshot snapshot, String to) {
        return snapshot.entries().size() < page
                ? Optional.empty()
                : Optional.of(new KeyRange(snapshot.entries().lastKey() + "\0", to));
    }

    private KeyRange range(long fromMillis, long untilMillis) {
        String to = untilMillis == Long.MAX_VALUE
                ? KeyRange.beyond(keys.events())
                : keys.event("%013d".formatted(untilMillis));
        return new KeyRange(keys.event("%013d".formatted(Math.max(0, fromMillis))), to);
    }
}
