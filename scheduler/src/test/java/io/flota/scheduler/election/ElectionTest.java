package io.flota.scheduler.election;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flota.loop.World;
import io.flota.registry.Fact.Leader;
import io.flota.registry.Keys;
import io.flota.registry.Registry;
import io.flota.scheduler.model.Model;
import io.flota.store.StoreException;
import io.flota.testing.SimStore;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class ElectionTest {
    private static final Keys KEYS = Keys.DEFAULT;
    private static final Leader SELF = new Leader("one", "one:4470");

    private final SimStore store = new SimStore();
    private final Registry registry = new Registry(store, KEYS);
    private final Model model = new Model(KEYS, World.REAL);
    private final Election election = new Election(registry, SELF, model, World.REAL.ticker());

    @Test
    void whoNeverHeardThatItWonFindsOutAndLeads() throws Exception {
        election.held(store.grant(Duration.ofSeconds(5)));
        see();
        store.loseNextAnswer();
        assertThatThrownBy(election::reconcile).isInstanceOf(StoreException.class);
        see();

        election.reconcile();

        assertThat(election.leadership()).isPresent();
    }

    @Test
    void theKeyOfASchedulerOfTheSameNameBeforeUsIsNotOurs() throws Exception {
        var before = store.grant(Duration.ofSeconds(5));
        assertThat(registry.lead(SELF, before)).isPresent();
        election.held(store.grant(Duration.ofSeconds(5)));
        see();

        election.reconcile();
        assertThat(election.leadership()).isEmpty();

        store.revoke(before);
        see();
        election.reconcile();
        assertThat(election.leadership()).isPresent();
    }

    private void see() throws StoreException {
        model.reset(store.read(KEYS.prefix()));
    }
}
