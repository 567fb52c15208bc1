package io.flota.store;

import com.google.common.base.Ticker;
import io.flota.loop.Reconciler;
import java.time.Duration;
import java.util.Optional;

/// Keeps one lease alive, and gets another one when it is lost.
///
/// Run it by a loop of its own that rests [#RETRY] after a failure. A lease counts as lost when the store says so, or
/// when the time that the store last promised is over, counted from when that was asked for. In the second case the
/// store may still hold it (etcd lengthens leases when it starts): it is asked for before a new one is.
public final class LeaseKeeper implements Reconciler {
    public static final Duration RETRY = Duration.ofMillis(200);
    /// Leaves two more attempts, should the first one hang.
    private static final int RENEWALS_PER_LIFE = 3;

    /// Called by the thread that reconciles; must not block.
    public interface Listener {
        /// From now on this lease is kept. Put (again) what has to live under it: it may be a new one, or the same one
        /// after it had been reported as lost.
        void held(Lease lease);

        /// The store has answered: the lease lives longer than it was known to. Called after [#held] too.
        default void kept(Kept kept) {}

        /// The lease has ended, or has to be taken as ended.
        void lost(Lease lease, String reason);
    }

    /// What the store said last of the lease.
    ///
    /// @param sentNanos when that was asked, by the keeper's ticker: it was still alive then, or is so since
    /// @param life how long it lives from then on, at least
    public record Kept(Lease lease, long sentNanos, Duration life) {}

    private final Store store;
    private final Duration ttl;
    private final Ticker ticker;
    private final Listener listener;
    private volatile Optional<Kept> kept = Optional.empty();
    private volatile boolean held;

    public LeaseKeeper(Store store, Duration ttl, Ticker ticker, Listener listener) {
        this.store = store;
        this.ttl = ttl;
        this.ticker = ticker;
        this.listener = listener;
    }

    /// The lease to write under; empty while none is held.
    public Optional<Lease> lease() {
        return held ? kept.map(Kept::lease) : Optional.empty();
    }

    /// What the store said last of the lease, be it long ago; empty once the store has said that it ended.
    public Optional<Kept> kept() {
        return kept;
    }

    /// How long the lease lives for certain, even if the store is never reached again; zero while none is held.
    public Duration remaining() {
        long left = held ? kept.map(this::left).orElse(0L) : 0;
        return left > 0 ? Duration.ofNanos(left) : Duration.ZERO;
    }

    @Override
    public Duration reconcile() throws StoreException {
        long asked = ticker.read();
        try {
            if (kept.isEmpty() || !renew(kept.get().lease(), asked)) {
                asked = ticker.read();
                var granted = store.grant(ttl);
                hold(granted, granted.ttl(), asked);
            }
        } catch (StoreException e) {
            if (held && remaining().isZero()) {
                lose("it could not be renewed within " + lastHeld().ttl().toSeconds() + " s: "
                        + e.getMessage());
            }
            throw e;
        }
        var rest = lastHeld().ttl().dividedBy(RENEWALS_PER_LIFE).minusNanos(ticker.read() - asked);
        return rest.isNegative() ? Duration.ZERO : rest;
    }

    /// Holds a new lease of another length from now on; what has to live under it is to be put anew. The old one is left
    /// to end by itself. To be called after the loop has ended.
    public void exchange(Duration length) throws StoreException {
        long asked = ticker.read();
        var granted = store.grant(length);
        held = false;
        hold(granted, granted.ttl(), asked);
    }

    /// Ends the lease at once, with all that lives under it. To be called after the loop has ended.
    public void release() throws StoreException {
        if (kept.isPresent()) {
            held = false;
            store.revoke(lastHeld());
            kept = Optional.empty();
        }
    }

    private boolean renew(Lease current, long asked) throws StoreException {
        if (!held) {
            // Only who hears answers renews what he has given up: else a machine that is heard and does not hear would
            // stay registered for as long as its questions arrive.
            var _ = store.life(current.id());
        }
        var life = store.keepAlive(current);
        if (life.isZero()) {
            if (held) {
                lose("it has ended in the store");
            }
            kept = Optional.empty();
            return false;
        }
        hold(current, life, asked);
        return true;
    }

    private void hold(Lease lease, Duration life, long asked) {
        var now = new Kept(lease, asked, life);
        kept = Optional.of(now);
        if (!held) {
            held = true;
            listener.held(lease);
        }
        listener.kept(now);
    }

    private void lose(String reason) {
        held = false;
        listener.lost(lastHeld(), reason);
    }

    private Lease lastHeld() {
        return kept.orElseThrow().lease();
    }

    private long left(Kept last) {
        return last.sentNanos() + last.life().toNanos() - ticker.read();
    }
}
