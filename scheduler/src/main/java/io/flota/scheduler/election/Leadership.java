package io.flota.scheduler.election;

import io.flota.registry.Keys;
import io.flota.store.Transaction.Condition;
import io.flota.store.Transaction.SameLife;

/// The proof of leading: the leader key as it came into being for us. Once it is gone, nobody has this proof again.
public record Leadership(long createRevision) {
    /// What every write of the leader must compare, so that a deposed leader's is refused.
    public Condition holds(Keys keys) {
        return new SameLife(keys.leader(), createRevision);
    }
}
