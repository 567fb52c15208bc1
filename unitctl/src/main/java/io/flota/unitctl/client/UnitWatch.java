package io.flota.unitctl.client;

import io.flota.api.v1.ListUnitsReply;
import io.flota.api.v1.ListUnitsRequest;
import java.time.Duration;
import java.util.Optional;

/// Watches units across the loss of a scheduler: the next one that answers goes on with it. Each view is whole, so
/// none that is missed does harm.
public final class UnitWatch implements AutoCloseable {
    /// Schedulers that start anew, or elect a leader, are back by then.
    private static final Duration GIVE_UP = Duration.ofSeconds(30);
    /// Long enough not to press a scheduler that starts, short enough not to be felt.
    private static final Duration PAUSE = Duration.ofMillis(250);

    private final ClusterClient cluster;
    private final ListUnitsRequest request;
    private Optional<Replies<ListUnitsReply>> replies = Optional.empty();
    private Optional<Long> lostAt = Optional.empty();

    public UnitWatch(ClusterClient cluster, ListUnitsRequest request) {
        this.cluster = cluster;
        this.request = request;
    }

    /// The next view of the units if one comes in time.
    ///
    /// @throws ClusterException if no scheduler has answered for long
    public Optional<ListUnitsReply> next(Duration patience) throws ClusterException, InterruptedException {
        try {
            if (replies.isEmpty()) {
                replies = Optional.of(cluster.watchUnits(request));
            }
            var open = replies.get();
            if (!open.ready(patience)) {
                return Optional.empty();
            }
            var view = open.next();
            if (view.isEmpty()) {
                close(); // a scheduler that goes ends its streams; the next call asks another
            } else {
                lostAt = Optional.empty();
            }
            return view;
        } catch (RefusedException refused) {
            if (!refused.isOutage()) {
                throw refused;
            }
            endure(refused);
        } catch (UnreachableException | BrokenCallException lost) {
            endure(lost);
        }
        return Optional.empty();
    }

    /// Asks for a whole view again, after a breath.
    public void startOver() throws InterruptedException {
        close();
        Thread.sleep(PAUSE);
    }

    private void endure(ClusterException lost) throws ClusterException, InterruptedException {
        close();
        long now = System.nanoTime();
        long since = lostAt.orElse(now);
        lostAt = Optional.of(since);
        if (now - since > GIVE_UP.toNanos()) {
            throw lost;
        }
        Thread.sleep(PAUSE);
    }

    @Override
    public void close() {
        replies.ifPresent(Replies::close);
        replies = Optional.empty();
    }
}
