package io.flota.unitctl.client;

import io.flota.api.v1.ListEndpointsReply;
import io.flota.api.v1.ListEndpointsRequest;
import io.flota.api.v1.ListUnitsReply;
import io.flota.api.v1.ListUnitsRequest;
import io.flota.api.v1.UsageReply;
import io.flota.api.v1.UsageRequest;
import java.time.Duration;
import java.util.Optional;

/// Watches units, what they use, or endpoints, across the loss of a scheduler: the next one that answers goes on with it.
/// Each view is whole, so none that is missed does harm.
public final class Watch<R> implements AutoCloseable {
    private interface Opening<R> {
        Replies<R> open() throws ClusterException;
    }

    /// A scheduler that is stopped or cut off keeps its streams open, so after this somebody is asked anew.
    private static final Duration SILENCE = Duration.ofSeconds(5);

    private final ClusterClient cluster;
    private final Opening<R> opening;
    private final Duration silence;
    private Optional<Replies<R>> replies = Optional.empty();
    private final Absence absence = new Absence();
    private long heardAt;
    /// Whether anything came on this stream.
    private boolean answered;

    private Watch(ClusterClient cluster, Opening<R> opening, Duration silence) {
        this.cluster = cluster;
        this.opening = opening;
        this.silence = silence;
    }

    public static Watch<ListUnitsReply> units(ClusterClient cluster, ListUnitsRequest request) {
        return units(cluster, request, SILENCE);
    }

    static Watch<ListUnitsReply> units(ClusterClient cluster, ListUnitsRequest request, Duration silence) {
        return new Watch<>(cluster, () -> cluster.watchUnits(request), silence);
    }

    public static Watch<ListEndpointsReply> endpoints(ClusterClient cluster, ListEndpointsRequest request) {
        return new Watch<>(cluster, () -> cluster.watchEndpoints(request), SILENCE);
    }

    /// Here, a scheduler speaks at each interval.
    public static Watch<UsageReply> usage(ClusterClient cluster, UsageRequest request) {
        var silence = SILENCE.plusMillis(request.getIntervalMillis());
        return new Watch<>(cluster, () -> cluster.usage(request), silence);
    }

    /// The next view if one comes in time.
    ///
    /// @throws ClusterException if no scheduler has answered for long
    public Optional<R> next(Duration patience) throws ClusterException, InterruptedException {
        try {
            if (replies.isEmpty()) {
                replies = Optional.of(opening.open());
                heardAt = System.nanoTime();
                answered = false;
            }
            var open = replies.get();
            if (!open.ready(patience)) {
                leaveIfSilent(open);
                return Optional.empty();
            }
            var view = open.next();
            if (view.isEmpty()) {
                close(); // a scheduler that goes ends its streams; the next call asks another
            } else {
                absence.end();
                heardAt = System.nanoTime();
                answered = true;
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
        Thread.sleep(Absence.PAUSE);
    }

    /// Each stream begins with all there is: a scheduler that does not say that is lost, and one that did may have
    /// nothing new to say.
    private void leaveIfSilent(Replies<R> open) throws BrokenCallException {
        if (System.nanoTime() - heardAt < silence.toNanos()) {
            return;
        }
        cluster.preferAnother();
        if (!answered) {
            throw open.silent();
        }
        close();
    }

    private void endure(ClusterException lost) throws ClusterException, InterruptedException {
        close();
        absence.endure(lost);
    }

    @Override
    public void close() {
        replies.ifPresent(Replies::close);
        replies = Optional.empty();
    }
}
