package io.flota.scheduler.cluster;

import io.flota.registry.Fact;
import io.flota.registry.Key;

/// One key of the registry that was written or is gone.
public sealed interface Change {
    record Written(Fact fact) implements Change {}

    record Removed(Key key) implements Change {}
}
