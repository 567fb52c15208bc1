package io.flota.registry;

import com.google.common.base.Ticker;
import com.google.common.collect.ImmutableList;
import io.flota.loop.World;
import io.flota.registry.Fact.EventFact;
import io.flota.store.Lease;
import io.flota.store.Store;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;

/// What one process tells in `events/`: it gives each happening its id, finds the lease that events live under, and
/// holds back what would be a flood. Who tells writes the event in the transaction that makes it true.
///
/// Ids sort by time, and are never given twice. A clock that is set back holds them where they are until it has
/// caught up.
public final class EventLog {
    /// A happening on its way into the store.
    ///
    /// @param event what is to be written; empty if too much was told of the same unit or machine lately
    /// @param held whether it stands for others that were left out
    public record Draft(Happening happening, Optional<EventFact> event, boolean held) {}

    /// What is due and could not be written is not tried again sooner.
    private static final Duration SECOND_LOOK = Duration.ofSeconds(1);

    private final Ticker ticker;
    private final InstantSource clock;
    private final String writer;
    private final EventLease lease;
    private final EventLimit limit = new EventLimit();
    private long lastMillis;
    private long count;

    public EventLog(Store store, World world) {
        this.ticker = world.ticker();
        this.clock = world.clock();
        this.writer = "%08x".formatted(world.random().nextInt());
        this.lease = new EventLease(store, world.ticker());
    }

    /// What a happening would be written as. Nothing is counted until [#done].
    public synchronized Draft draft(Happening happening) {
        boolean admitted = limit.admits(happening, ticker.read());
        return new Draft(happening, admitted ? Optional.of(event(happening)) : Optional.empty(), false);
    }

    /// It has happened: what has an event is told, what has none is counted as left out.
    public synchronized void done(Draft draft) {
        if (draft.held()) {
            limit.release(draft.happening(), ticker.read());
        } else if (draft.event().isPresent()) {
            limit.tell(draft.happening(), ticker.read());
        } else {
            limit.hold(draft.happening(), ticker.read());
        }
    }

    /// What was left out and is to be told by now: of each unit and machine the last, with the number of the others.
    public synchronized ImmutableList<Draft> due() {
        return limit.due(ticker.read()).stream()
                .map(happening -> new Draft(happening, Optional.of(event(happening)), true))
                .collect(ImmutableList.toImmutableList());
    }

    /// How long until it is worth looking for what is [#due]; empty if nothing is left out.
    public synchronized Optional<Duration> untilDue() {
        return limit.untilDue(ticker.read()).map(left -> left.compareTo(SECOND_LOOK) < 0 ? SECOND_LOOK : left);
    }

    /// The lease to write events under; empty if none can be had: whoever writes goes on without events. It may ask the
    /// store, but asks none that does not answer again and again. To be called by one thread at a time.
    public Optional<Lease> lease() {
        return lease.current();
    }

    /// A write under that lease has failed. It may have ended.
    public void doubtLease() {
        lease.doubt();
    }

    private EventFact event(Happening happening) {
        lastMillis = Math.max(lastMillis, clock.millis());
        return new EventFact(id(lastMillis, writer, ++count), happening);
    }

    /// @param writer tells those apart who write at the same time
    /// @param count tells apart what one of them writes at the same time
    static String id(long millis, String writer, long count) {
        return "%013d-%s-%08d".formatted(millis, writer, count);
    }
}
