package io.flota.scheduler.election;

import io.flota.loop.Reconciler;
import io.flota.registry.Fact.Leader;
import io.flota.registry.Registry;
import io.flota.scheduler.model.Model;
import io.flota.store.Lease;
import io.flota.store.StoreException;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;

/// Tells under our lease where we serve, whether we lead or not: agents ask us while nobody leads. Signalled when there
/// is a lease.
public final class Serving implements Reconciler {
    /// Signals wake us; this is for a key that others removed, or that was lost with etcd's last moments.
    private static final Duration RESYNC = Duration.ofMinutes(1);
    /// Until we can answer.
    private static final Duration FILLING = Duration.ofMillis(200);

    private final Registry registry;
    private final Leader self;
    private final Model model;
    private final Supplier<Optional<Lease>> lease;

    /// @param lease ours, while it is held
    public Serving(Registry registry, Leader self, Model model, Supplier<Optional<Lease>> lease) {
        this.registry = registry;
        this.self = self;
        this.model = model;
        this.lease = lease;
    }

    @Override
    public Duration reconcile() throws StoreException {
        if (!model.latest().isFilled()) {
            return FILLING;
        }
        var held = lease.get();
        if (held.isPresent()) {
            registry.serve(self, held.get());
        }
        return RESYNC;
    }
}
