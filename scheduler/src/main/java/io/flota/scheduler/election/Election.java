package io.flota.scheduler.election;

import com.google.common.base.Ticker;
import io.flota.loop.Reconciler;
import io.flota.registry.Fact.Leader;
import io.flota.registry.Fact.LeaderFact;
import io.flota.registry.LeaderProof;
import io.flota.registry.Registry;
import io.flota.scheduler.model.Model;
import io.flota.scheduler.model.View;
import io.flota.store.Lease;
import io.flota.store.LeaseKeeper;
import io.flota.store.StoreException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CopyOnWriteArrayList;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Campaigns for leadership whenever nobody leads: puts the leader key under our lease if it is absent. Signalled by
/// the model, which watches that key, and by what becomes of the lease.
public final class Election implements Reconciler, LeaseKeeper.Listener {
    private static final Logger log = LoggerFactory.getLogger(Election.class);
    /// Signals wake us; this is only a second look.
    private static final Duration RESYNC = Duration.ofMinutes(1);
    private static final long NEVER = 0;

    private final Registry registry;
    private final Leader self;
    private final Model model;
    private final Ticker ticker;
    private final List<Runnable> leaseListeners = new CopyOnWriteArrayList<>();
    private final List<Runnable> leadershipListeners = new CopyOnWriteArrayList<>();
    private volatile Optional<Lease> lease = Optional.empty();
    private volatile OptionalLong leaseLost = OptionalLong.empty();
    private volatile Optional<LeaderProof> leadership = Optional.empty();
    /// When our leader key came into being; it outlives a lease that was taken for lost and is not.
    private long won = NEVER;
    /// How often the store had gone away by then.
    private long wonAfterOutages;
    /// A leader key that names us, and of which we have asked whether it is ours.
    private long disowned = NEVER;
    private Optional<Leader> followed = Optional.empty();

    public Election(Registry registry, Leader self, Model model, Ticker ticker) {
        this.registry = registry;
        this.self = self;
        this.model = model;
        this.ticker = ticker;
    }

    /// Empty unless we lead, as far as we know. Nothing to rely on beyond the moment: writes have to compare it.
    public Optional<LeaderProof> leadership() {
        return leadership;
    }

    /// A proof is void from now on. The election learns from the view that the key is gone, and campaigns anew.
    public void resigned(LeaderProof proof) {
        if (leadership.equals(Optional.of(proof))) {
            lead(Optional.empty(), "it resigned");
        }
    }

    /// When our lease was lost last, which means that the store or we were away for long: the ticker's nanoseconds;
    /// empty if never.
    public OptionalLong leaseLost() {
        return leaseLost;
    }

    /// Calls the listener when there is a lease to campaign with; it must only signal.
    public void onLease(Runnable listener) {
        leaseListeners.add(listener);
    }

    /// Calls the listener when we lead, or lead no longer; it must only signal.
    public void onLeadership(Runnable listener) {
        leadershipListeners.add(listener);
    }

    @Override
    public void held(Lease held) {
        lease = Optional.of(held);
        leaseListeners.forEach(Runnable::run);
    }

    /// Stops leading at once, ahead of any pass.
    @Override
    public void lost(Lease ended, String reason) {
        lease = Optional.empty();
        leaseLost = OptionalLong.of(ticker.read());
        lead(Optional.empty(), "the lease is lost: " + reason);
    }

    @Override
    public Duration reconcile() throws StoreException {
        var view = model.latest();
        var held = lease;
        if (held.isEmpty() || !view.isCurrent() || isBehind(view)) {
            return RESYNC;
        }
        var leader = view.cluster().leader();
        if (leader.isEmpty()) {
            lead(Optional.empty(), "the leader key is gone");
            campaign(held.get());
        } else if (leader.get().createRevision() == won) {
            lead(Optional.of(new LeaderProof(won)), "the leader key is ours");
        } else if (mayBeOurs(leader.get())) {
            campaign(held.get()); // finds out, and changes nothing
            disowned = leader.get().createRevision();
        } else {
            follow(leader.get());
        }
        return RESYNC;
    }

    /// Whether our own key is still to come into the view. A view that was read anew after an outage that began since
    /// we won has it, or it is gone.
    private boolean isBehind(View view) {
        return view.revision() < won && view.outages() == wonAfterOutages;
    }

    /// A key that names us may stem from a write whose outcome we never heard, or from a scheduler of our name before us.
    private boolean mayBeOurs(LeaderFact leader) {
        return leader.leader().schedulerId().equals(self.schedulerId()) && leader.createRevision() != disowned;
    }

    private void campaign(Lease held) throws StoreException {
        var proof = registry.lead(self, held);
        won = proof.map(LeaderProof::createRevision).orElse(NEVER);
        wonAfterOutages = model.latest().outages();
        if (lease.equals(Optional.of(held))) {
            lead(proof, "another one was first");
        }
    }

    private void follow(LeaderFact leader) {
        lead(Optional.empty(), "another one leads");
        if (!followed.equals(Optional.of(leader.leader()))) {
            followed = Optional.of(leader.leader());
            log.info("follows leader={} since={}", leader.leader().schedulerId(), leader.createRevision());
        }
    }

    private synchronized void lead(Optional<LeaderProof> now, String reason) {
        if (now.isPresent() && lease.isEmpty()) {
            return; // lost while we won
        }
        if (leadership.equals(now)) {
            return;
        }
        leadership = now;
        now.ifPresentOrElse(
                proof -> log.info("leads id={} since={}", self.schedulerId(), proof.createRevision()),
                () -> log.info("leads no longer id={} because={}", self.schedulerId(), reason));
        leadershipListeners.forEach(Runnable::run);
    }
}
