package io.flota.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flota.testing.ForwardingStore;
import io.flota.testing.SimClock;
import io.flota.testing.SimConnection;
import io.flota.testing.SimStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class LeaseKeeperTest {
    private static final Duration TTL = Duration.ofSeconds(6);

    private final SimStore store = new SimStore();
    private final SimConnection connection = store.connect();
    private final SimClock clock = new SimClock();
    private final List<String> told = new ArrayList<>();
    private final LeaseKeeper keeper = new LeaseKeeper(connection, TTL, clock, new LeaseKeeper.Listener() {
        @Override
        public void held(Lease lease) {
            told.add("held " + lease.id());
        }

        @Override
        public void lost(Lease lease, String reason) {
            told.add("lost " + lease.id() + ": " + reason);
        }
    });

    @Test
    void aLeaseIsRenewedThreeTimesInItsLife() throws StoreException {
        assertThat(keeper.lease()).isEmpty();
        assertThat(keeper.remaining()).isZero();

        for (int i = 0; i < 10; i++) {
            assertThat(keeper.reconcile()).isEqualTo(Duration.ofSeconds(2));
            assertThat(keeper.remaining()).isEqualTo(TTL);
            pass(Duration.ofSeconds(2));
        }

        assertThat(told).containsExactly("held 101");
        assertThat(keeper.lease()).contains(new Lease(101, TTL));
        assertThat(keeper.remaining()).isEqualTo(Duration.ofSeconds(4));
    }

    /// Whoever has to be over before the lease is counts from here: the store may have counted from that moment on.
    @Test
    void theLifeOfALeaseCountsFromBeforeTheQuestionWasSent() throws StoreException {
        var slow = new LeaseKeeper(new SlowStore(), TTL, clock, new LeaseKeeper.Listener() {
            @Override
            public void held(Lease lease) {}

            @Override
            public void lost(Lease lease, String reason) {}

            @Override
            public void kept(LeaseKeeper.Kept kept) {
                told.add("sent " + Duration.ofNanos(kept.sentNanos()) + " for " + kept.life());
            }
        });

        slow.reconcile();
        slow.reconcile();

        assertThat(told).containsExactly("sent PT0S for PT6S", "sent PT1S for PT6S");
    }

    /// Takes a second for each answer.
    private final class SlowStore extends ForwardingStore {
        SlowStore() {
            super(connection);
        }

        @Override
        public Lease grant(Duration ttl) throws StoreException {
            var granted = super.grant(ttl);
            pass(Duration.ofSeconds(1));
            return granted;
        }

        @Override
        public Duration keepAlive(Lease lease) throws StoreException {
            var life = super.keepAlive(lease);
            pass(Duration.ofSeconds(1));
            return life;
        }
    }

    @Test
    void aLeaseThatEndedInTheStoreIsReplacedAtOnce() throws StoreException {
        keeper.reconcile();
        store.revoke(keeper.lease().orElseThrow());

        keeper.reconcile();

        assertThat(told).containsExactly("held 101", "lost 101: it has ended in the store", "held 102");
    }

    @Test
    void aLeaseIsLostOnlyWhenItsTimeIsOver() throws StoreException {
        keeper.reconcile();
        connection.cut();

        pass(Duration.ofMillis(5_999));
        fails();
        assertThat(told).containsExactly("held 101");
        assertThat(keeper.remaining()).isEqualTo(Duration.ofMillis(1));

        pass(Duration.ofMillis(1));
        fails();
        fails();
        assertThat(told).hasSize(2);
        assertThat(told.get(1)).startsWith("lost 101: it could not be renewed within 6 s: ");
        assertThat(keeper.lease()).isEmpty();
        assertThat(keeper.remaining()).isZero();
    }

    @Test
    void whoDoesNotHearAnswersLetsALostLeaseEnd() throws StoreException {
        var deaf = new DeafStore();
        var unheard = new LeaseKeeper(deaf, TTL, clock, new LeaseKeeper.Listener() {
            @Override
            public void held(Lease lease) {
                told.add("held");
            }

            @Override
            public void lost(Lease lease, String reason) {
                told.add("lost");
            }
        });
        unheard.reconcile();
        deaf.isDeaf = true;

        for (int i = 0; i < 10; i++) {
            pass(Duration.ofSeconds(2));
            assertThatThrownBy(unheard::reconcile).isInstanceOf(StoreException.class);
        }

        assertThat(told).containsExactly("held", "lost");
        assertThat(deaf.renewals).isEqualTo(3); // at 2, 4 and 6 seconds: then the lease counts as lost
    }

    /// Is asked, and cannot be heard.
    private final class DeafStore extends ForwardingStore {
        private boolean isDeaf;
        private int renewals;

        DeafStore() {
            super(connection);
        }

        @Override
        public Duration keepAlive(Lease lease) throws StoreException {
            renewals++;
            return heard(super.keepAlive(lease));
        }

        @Override
        public LeaseLife life(long leaseId) throws StoreException {
            return heard(super.life(leaseId));
        }

        private <T> T heard(T answer) throws StoreException {
            if (isDeaf) {
                throw new StoreException("no answer");
            }
            return answer;
        }
    }

    @Test
    void afterAnOutageTheSameLeaseIsHeldAgainIfTheStoreKeptIt() throws StoreException {
        keeper.reconcile();
        store.goAway("kill -9");
        pass(Duration.ofSeconds(20));
        fails();
        store.comeBack();

        keeper.reconcile();

        assertThat(told).hasSize(3).last().isEqualTo("held 101");
        assertThat(keeper.remaining()).isEqualTo(TTL);
    }

    @Test
    void afterACutThatTheLeaseDidNotOutliveANewOneIsHeld() throws StoreException {
        keeper.reconcile();
        connection.cut();
        pass(Duration.ofSeconds(7));
        fails();
        connection.mend();

        keeper.reconcile();

        assertThat(told).hasSize(3).last().isEqualTo("held 102");
    }

    @Test
    void aReleasedLeaseIsGone() throws StoreException {
        keeper.reconcile();
        var lease = keeper.lease().orElseThrow();

        keeper.release();

        assertThat(store.keepAlive(lease)).isZero();
        assertThat(keeper.lease()).isEmpty();
    }

    private void pass(Duration time) {
        clock.pass(time);
        store.pass(time);
    }

    private void fails() {
        assertThatThrownBy(keeper::reconcile).isInstanceOf(StoreException.class);
    }
}
