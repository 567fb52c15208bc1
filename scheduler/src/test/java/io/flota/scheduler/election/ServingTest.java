package io.flota.scheduler.election;

import static org.assertj.core.api.Assertions.assertThat;

import io.flota.loop.World;
import io.flota.registry.Fact.Leader;
import io.flota.registry.Keys;
import io.flota.registry.Registry;
import io.flota.scheduler.model.Model;
import io.flota.store.Lease;
import io.flota.store.Transaction;
import io.flota.store.Transaction.Delete;
import io.flota.testing.SimStore;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ServingTest {
    private static final Keys KEYS = Keys.DEFAULT;
    private static final Leader SELF = new Leader("one", "one:4470", "one:49153");

    private final SimStore store = new SimStore();
    private final Model model = new Model(KEYS, World.REAL);
    private Optional<Lease> lease = Optional.empty();
    private final Serving serving = new Serving(new Registry(store, KEYS), SELF, model, () -> lease);

    @Test
    void nobodyIsToldOfUsBeforeWeCanAnswer() throws Exception {
        lease = Optional.of(store.grant(Duration.ofSeconds(5)));
        var _ = new Registry(store, KEYS).lead(SELF, lease.get());

        serving.reconcile();
        assertThat(store.read(KEYS.schedulers()).entries()).isEmpty();

        model.reset(store.read(KEYS.prefix()));
        serving.reconcile();
        assertThat(store.read(KEYS.schedulers()).entries()).containsOnlyKeys(KEYS.scheduler("one"));
    }

    @Test
    void whatSomebodyRemovedIsToldAnew() throws Exception {
        lease = Optional.of(store.grant(Duration.ofSeconds(5)));
        var _ = new Registry(store, KEYS).lead(SELF, lease.get());
        model.reset(store.read(KEYS.prefix()));
        serving.reconcile();

        store.commit(Transaction.of(List.of(), List.of(new Delete(KEYS.scheduler("one")))));
        serving.reconcile();

        assertThat(store.read(KEYS.schedulers()).entries()).containsOnlyKeys(KEYS.scheduler("one"));
    }
}
