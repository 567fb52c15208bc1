package io.flota.scheduler.election;

import io.flota.loop.Reconciler;
import io.flota.registry.Fact.Leader;
import io.flota.registry.Registry;
import io.flota.store.Lease;
import io.flota.store.StoreException;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;

/// Tells under our lease where we serve, whether we lead or not: agents ask us while nobody leads. Signalled when there
/// is a lease.
public final class Serving implements Reconciler {
    /// Signals wake us; this is only a second look.
    private static final Duration RESYNC = Duration.ofMinutes(1);

    private final Registry registry;
    private final Leader self;
    private final Supplier<Optional<Lease>> lease;
    private Optional<Lease> told = Optional.empty();

    /// @param lease ours, while it is held
    public Serving(Registry registry, Leader self, Supplier<Optional<Lease>> lease) {
        this.registry = registry;
        this.self = self;
        this.lease = lease;
    }

    @Override
    public Duration reconcile() throws StoreException {
        var held = lease.get();
        if (held.isPresent() && !held.equals(told)) {
            registry.serve(self, held.get());
            told = held;
        }
        return RESYNC;
    }
}
