package io.flota.scheduler.leading;

import com.google.common.collect.ImmutableList;
import io.flota.machine.MachineId;
import io.flota.registry.EventLog;
import io.flota.registry.Fact.EventFact;
import io.flota.registry.Fact.Leader;
import io.flota.registry.Fact.LeaderFact;
import io.flota.registry.Happening;
import io.flota.registry.Happening.Kind;
import io.flota.registry.LeaderProof;
import io.flota.registry.PlacementChange;
import io.flota.registry.ValveChange;
import io.flota.scheduler.model.Model;
import io.flota.scheduler.placement.Decision;
import io.flota.store.Lease;
import io.flota.unit.Placement;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Optional;

/// What the leader tells: its decisions, with the changes that they are; machines that vanish and come back; that it
/// leads; and what becomes of the valve. Events never hold up a decision: if there is no lease for them, it is made
/// without.
///
/// For the leader's thread, but for what it hears from the model.
public final class LeaderEvents {
    private final EventLog log;
    private final String self;
    private final Model model;
    private final InstantSource clock;
    private final Presence machines;
    private Optional<Lease> lease = Optional.empty();
    private Optional<Leader> before = Optional.empty();
    private long toldToLead;

    public LeaderEvents(EventLog log, Leader self, Model model, InstantSource clock) {
        this.log = log;
        this.self = self.schedulerId();
        this.model = model;
        this.clock = clock;
        this.machines = new Presence(this.self);
        model.onEvent(event -> machines.told(event.happening()));
    }

    /// Some events that are about to be written.
    final class Batch {
        private final Optional<Lease> lease = LeaderEvents.this.lease;
        private final ArrayList<EventLog.Draft> drafts = new ArrayList<>();

        /// A change as it is written together with its event.
        PlacementChange tell(Decision decision, PlacementChange change) {
            return draft(happening(decision, change.placed().map(Placement::id).orElse("")))
                    .<PlacementChange>map(event -> new PlacementChange.Told(event, lease.orElseThrow(), change))
                    .orElse(change);
        }

        /// A change of the valve's event, to be written with it.
        Optional<ValveChange.Told> tell(Kind kind, String reason) {
            var happening = new Happening(clock.instant(), kind, Optional.empty(), Optional.empty(), reason, self, "");
            return draft(happening).map(event -> new ValveChange.Told(event, lease.orElseThrow()));
        }

        private Optional<EventFact> draft(Happening happening) {
            if (lease.isEmpty()) {
                return Optional.empty();
            }
            var draft = log.draft(happening);
            drafts.add(draft);
            return draft.event();
        }

        ImmutableList<EventFact> events() {
            return drafts.stream().flatMap(draft -> draft.event().stream()).collect(ImmutableList.toImmutableList());
        }

        Optional<Lease> lease() {
            return lease;
        }

        /// All of it is written.
        void done() {
            drafts.forEach(log::done);
            drafts.forEach(draft -> machines.told(draft.happening()));
        }

        /// It is not, and the lease may be why.
        void failed() {
            lease.ifPresent(_ -> log.doubtLease());
        }
    }

    /// Sees to a lease for the next events. May wait for the store.
    void prepare() {
        lease = log.lease();
    }

    Batch batch() {
        return new Batch();
    }

    /// Follows the view, whoever leads.
    void see() {
        var cluster = model.latest().cluster();
        if (model.latest().isFilled()) {
            machines.see(cluster);
        }
        cluster.leader()
                .filter(leader -> !leader.leader().schedulerId().equals(self))
                .map(LeaderFact::leader)
                .ifPresent(leader -> before = Optional.of(leader));
    }

    /// What there is to tell beside decisions.
    ///
    /// @param settled whether a machine that is absent counts as lost
    Batch news(LeaderProof leadership, boolean settled) {
        var batch = batch();
        if (batch.lease().isEmpty()) {
            return batch;
        }
        if (toldToLead != leadership.createRevision()) {
            batch.draft(leads());
        }
        if (settled) {
            machines.news(clock.instant()).forEach(batch::draft);
        }
        batch.drafts.addAll(log.due());
        return batch;
    }

    /// The news are written.
    void done(Batch news, LeaderProof leadership) {
        news.done();
        if (news.lease().isPresent()) {
            toldToLead = leadership.createRevision();
        }
    }

    /// How long until there is something to tell that waits for time alone.
    Optional<Duration> untilDue() {
        return log.untilDue();
    }

    private Happening leads() {
        String reason = "scheduler " + self + " leads"
                + before.map(leader -> ", and " + leader.schedulerId() + " no longer").orElse("");
        return new Happening(
                clock.instant(), Kind.LEADER_CHANGED, Optional.empty(), Optional.empty(), reason, self, "");
    }

    /// @param placementId of the placement that the decision makes or changes
    private Happening happening(Decision decision, String placementId) {
        return switch (decision) {
            case Decision.Place(_, var machine, var reason) ->
                happening(Kind.PLACED, decision, machine, reason, placementId);
            case Decision.Move(_, var from, var to, var reason) ->
                happening(Kind.MOVED, decision, to,
                        "from " + from.placement().machine().shortened() + ": " + reason, placementId);
            case Decision.Update(_, var placed, var reason) ->
                happening(Kind.UPDATED, decision, placed.placement().machine(), reason, placementId);
            case Decision.Release(var placed, var reason) ->
                happening(Kind.RELEASED, decision, placed.placement().machine(), reason, placementId);
            case Decision.GiveUp(_, var placed, _, _, var reason) ->
                happening(Kind.RELEASED, decision, placed.placement().machine(), reason, placementId);
            case Decision.Remove(var placed, var reason) ->
                happening(Kind.REMOVED, decision, placed.placement().machine(), reason,
                        placed.placement().id());
            case Decision.Dismiss(_, var machine, _, var reason) ->
                happening(Kind.RELEASED, decision, machine, reason, placementId);
            case Decision.Wait _ -> throw new IllegalStateException("changes nothing: " + decision);
        };
    }

    private Happening happening(Kind kind, Decision decision, MachineId machine, String reason, String placementId) {
        return new Happening(
                clock.instant(), kind, Optional.of(decision.name()), Optional.of(machine), reason, self, placementId);
    }
}
