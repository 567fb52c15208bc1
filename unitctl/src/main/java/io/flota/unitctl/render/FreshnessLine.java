package io.flota.unitctl.render;

import io.flota.api.v1.Freshness;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/// The warning that comes with an old answer.
public final class FreshnessLine {
    private FreshnessLine() {}

    /// Empty if the answer is current.
    public static Optional<String> render(Freshness freshness, Instant now) {
        if (freshness.getStaleSinceMillis() == 0) {
            return Optional.empty();
        }
        var since = Instant.ofEpochMilli(freshness.getStaleSinceMillis());
        String because = freshness.getStaleReason().isEmpty() ? "" : ": " + freshness.getStaleReason();
        return Optional.of("warning: as of " + Times.span(Duration.between(since, now))
                + " ago; since then the scheduler cannot reach etcd" + because);
    }
}
