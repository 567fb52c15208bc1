package io.flota.scheduler.api;

import io.flota.scheduler.model.View;
import io.flota.store.StoreException;
import io.grpc.Status.Code;
import java.time.temporal.ChronoUnit;

/// What an operator reads while etcd is away.
public final class Outage {
    private Outage() {}

    /// @throws RefusedException if nothing is known of the cluster yet
    public static View readable(View view) throws RefusedException {
        if (!view.isFilled()) {
            throw new RefusedException(
                    Code.UNAVAILABLE, away(view) + "; this scheduler knows nothing of the cluster yet");
        }
        return view;
    }

    /// @throws RefusedException if etcd is away as far as is known
    public static View writable(View view) throws RefusedException {
        if (!view.isCurrent()) {
            throw new RefusedException(
                    Code.UNAVAILABLE, away(view) + "; units run on, but nothing can be changed until it is back");
        }
        return view;
    }

    /// A call is written in several steps, and even of one the outcome may not be known.
    static RefusedException during(StoreException e) {
        return new RefusedException(
                Code.UNAVAILABLE, e.getMessage() + "; how much of it was done is not known: repeat the command");
    }

    private static String away(View view) {
        return view.stale()
                .map(stale -> "etcd cannot be reached since " + stale.since().truncatedTo(ChronoUnit.SECONDS) + ": "
                        + stale.reason())
                .orElse("etcd has not been read yet");
    }
}
