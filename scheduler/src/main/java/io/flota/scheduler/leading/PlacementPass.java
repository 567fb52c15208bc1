package io.flota.scheduler.leading;

import io.flota.loop.Reconciler;
import io.flota.registry.Keys;
import io.flota.scheduler.election.Election;
import io.flota.scheduler.election.Leadership;
import io.flota.scheduler.model.Model;
import io.flota.scheduler.model.View;
import io.flota.scheduler.placement.Decision;
import io.flota.scheduler.placement.Decision.Move;
import io.flota.scheduler.placement.Decision.Place;
import io.flota.scheduler.placement.Decision.Release;
import io.flota.scheduler.placement.Decision.Remove;
import io.flota.scheduler.placement.Decision.Update;
import io.flota.scheduler.placement.Decision.Wait;
import io.flota.scheduler.placement.Planner;
import io.flota.store.Store;
import io.flota.store.StoreException;
import io.flota.store.Transaction;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The leader's pass: plans on the latest view and writes the plan. Does nothing while another one leads, while the
/// view is old, or before the view contains what the last pass wrote.
public final class PlacementPass implements Reconciler {
    private static final Logger log = LoggerFactory.getLogger(PlacementPass.class);
    /// Signals wake us; this is only a second look.
    private static final Duration RESYNC = Duration.ofMinutes(1);
    /// What overtook a plan reaches the view within milliseconds.
    private static final Duration OVERTAKEN = Duration.ofMillis(20);

    private final Store store;
    private final Keys keys;
    private final Model model;
    private final Election election;
    private final InstantSource clock;
    private final Duration settle;
    private long written;
    private long lastId;
    private Instant toldToHold = Instant.MIN;

    /// @param settle how long machines get to register again after an outage before they count as lost
    public PlacementPass(
            Store store, Keys keys, Model model, Election election, InstantSource clock, Duration settle) {
        this.store = store;
        this.keys = keys;
        this.model = model;
        this.election = election;
        this.clock = clock;
        this.settle = settle;
    }

    @Override
    public Duration reconcile() throws StoreException {
        var leadership = election.leadership();
        var view = model.latest();
        if (leadership.isEmpty() || !view.isCurrent() || view.revision() < written
                || view.revision() < leadership.get().createRevision()) {
            return RESYNC;
        }
        var unsettled = unsettled(view);
        var plan = Planner.plan(view.cluster().withLossesHeld(!unsettled.isZero()));
        var batches = PlacementBatch.of(
                keys, leadership.get(), plan.changes(), () -> leadership.get().createRevision() + "-" + ++lastId);
        for (var batch : batches) {
            if (!commit(batch.transaction())) {
                log.info("a plan was overtaken revision={} decisions={}", view.revision(), batch.decisions().size());
                return OVERTAKEN;
            }
            batch.decisions().forEach(PlacementPass::tell);
        }
        if (batches.isEmpty()) {
            removeUnusedFiles(leadership.get(), view);
        }
        return unsettled.isZero() ? RESYNC : unsettled;
    }

    /// How long losses are still held. After an outage of the store or of ourselves, machines that are well may have
    /// lost their leases, and register again within moments.
    private Duration unsettled(View view) {
        var since = election.leaseLost().isAfter(view.recovered()) ? election.leaseLost() : view.recovered();
        var left = Duration.between(clock.instant(), since.plus(settle));
        if (left.isNegative() || left.isZero()) {
            return Duration.ZERO;
        }
        if (!toldToHold.equals(since)) {
            toldToHold = since;
            log.info("waits for machines to register again after={} for={}", since, settle);
        }
        return left;
    }

    private boolean commit(Transaction transaction) throws StoreException {
        var outcome = store.commit(transaction);
        if (outcome.committed()) {
            written = outcome.revision();
        }
        return outcome.committed();
    }

    private void removeUnusedFiles(Leadership leadership, View view) throws StoreException {
        for (var removal : UnusedFiles.removals(keys, leadership, view)) {
            if (!commit(removal)) {
                log.debug("unused files are in use again revision={}", view.revision());
            }
        }
    }

    private static void tell(Decision decision) {
        switch (decision) {
            case Place(var unit, var machine, var reason) ->
                log.info("placed unit={} machine={} because={}", unit.name(), machine.shortened(), reason);
            case Move(var unit, var from, var to, var reason) ->
                log.info(
                        "moved unit={} from={} machine={} because={}",
                        unit.name(),
                        from.placement().machine().shortened(),
                        to.shortened(),
                        reason);
            case Update(var unit, var placement, var reason) ->
                log.info(
                        "updated unit={} machine={} because={}",
                        unit.name(),
                        placement.placement().machine().shortened(),
                        reason);
            case Release(var placement, var reason) ->
                log.info(
                        "released unit={} machine={} because={}",
                        placement.placement().unit(),
                        placement.placement().machine().shortened(),
                        reason);
            case Remove(var placement, var reason) ->
                log.info(
                        "removed unit={} machine={} because={}",
                        placement.placement().unit(),
                        placement.placement().machine().shortened(),
                        reason);
            case Wait _ -> {} // told to whoever asks
        }
    }
}
