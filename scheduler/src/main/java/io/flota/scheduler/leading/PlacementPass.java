package io.flota.scheduler.leading;

import com.google.common.base.Ticker;
import com.google.common.collect.Lists;
import io.flota.loop.Backoff;
import io.flota.loop.Reconciler;
import io.flota.loop.World;
import io.flota.registry.LeaderProof;
import io.flota.registry.PlacementChange;
import io.flota.registry.Registry;
import io.flota.scheduler.cluster.Cluster;
import io.flota.scheduler.cluster.Losses;
import io.flota.scheduler.election.Election;
import io.flota.scheduler.model.Model;
import io.flota.scheduler.model.View;
import io.flota.scheduler.placement.Decision;
import io.flota.scheduler.placement.Plan;
import io.flota.scheduler.placement.Planner;
import io.flota.scheduler.valve.SafetyValve;
import io.flota.scheduler.valve.SafetyValve.Answer;
import io.flota.store.Outcome;
import io.flota.store.StoreException;
import java.time.Duration;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import java.util.stream.Stream;
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
    /// What overtakes plan after plan is none that the view will show, such as a placement that cannot be read.
    private static final Duration OVERTAKEN_AGAIN = Duration.ofSeconds(1);

    /// Lest a clock that stands still keep us busy.
    private static final Duration SHORTEST = Duration.ofMillis(1);

    /// Of five conditions and as many writes each at most, so that they are one transaction with the leader's.
    private static final int DECISIONS_PER_WRITE = 25;

    private final Registry registry;
    private final Model model;
    private final Election election;
    private final LeaderEvents events;
    private final InstantSource clock;
    private final Duration settle;
    private final LostMachines lost;
    private final RecoveredUnits recovered;
    private final FileSweep files;
    private final SafetyValve valve;
    private final Ticker ticker;
    private PassListener listener = PassListener.NONE;
    /// Only one leads, so chance has nobody to keep apart.
    private final Backoff overtaken = new Backoff(OVERTAKEN, OVERTAKEN_AGAIN, new SplittableRandom(0));
    private long written;
    /// How often the store had gone away by then.
    private long writtenAfterOutages;
    private long lastId;
    private OptionalLong toldToHold = OptionalLong.empty();
    /// Under which a write may still be on its way to the store.
    private Optional<LeaderProof> doubtful = Optional.empty();

    public PlacementPass(
            Registry registry, Model model, Election election, LeaderEvents events, World world, Caution caution) {
        this.registry = registry;
        this.model = model;
        this.election = election;
        this.events = events;
        this.clock = world.clock();
        this.files = new FileSweep(registry, world.ticker());
        this.settle = caution.settle();
        this.ticker = world.ticker();
        this.recovered = new RecoveredUnits(world.ticker());
        this.lost = new LostMachines(world.ticker(), caution.exclusiveWait());
        this.valve = new SafetyValve(registry, caution.valve(), caution.settle(), world);
    }

    /// Sets who hears of plans and decisions. To be called before the first pass.
    public void onPass(PassListener onlyOne) {
        listener = onlyOne;
    }

    @Override
    public Duration reconcile() throws StoreException {
        events.see();
        dispelDoubt();
        var leadership = election.leadership();
        if (leadership.isPresent()) {
            events.prepare();
        }
        var view = model.latest(); // from here to the write nothing is waited for
        if (view.isCurrent()) {
            valve.look(view.cluster());
        }
        if (leadership.isEmpty() || !view.isCurrent() || isBehind(view, leadership.get())) {
            return RESYNC;
        }
        var unsettled = unsettled(view);
        if (tellsNews(leadership.get(), unsettled.isZero())) {
            return Duration.ZERO; // the view may be another one by now
        }
        lost.look(leadership.get(), view.cluster());
        var untilFenced = lost.untilNext(); // asked first: what is fenced in between is seen by the next pass
        var answer = unsettled.isZero()
                ? valve.ask(view.cluster(), change -> write(leadership.get(), change))
                : valve.seeReturned(view.cluster(), change -> write(leadership.get(), change))
                        .orElse(Answer.until(unsettled));
        if (answer.tookTime()) {
            return answer.again().orElse(Duration.ZERO); // the view may be another one by now
        }
        var now = clock.instant().truncatedTo(ChronoUnit.MILLIS); // as failures are kept
        var cluster = view.cluster()
                .with(new Losses(answer.holds(), lost.fenced()))
                .with(recovered.look(leadership.get(), view.cluster()))
                .at(now);
        var plan = plan(cluster);
        var placements = new Placements(() -> leadership.get().createRevision() + "-" + ++lastId, cluster);
        for (var decisions : Lists.partition(plan.changes(), DECISIONS_PER_WRITE)) {
            if (!commit(leadership.get(), placements, decisions)) {
                var rest = overtaken.next();
                log.info("a plan was overtaken revision={} decisions={} again={}", view.revision(), decisions.size(), rest);
                return rest;
            }
        }
        if (!forget(leadership.get(), plan.forgotten())) {
            return overtaken.next();
        }
        overtaken.reset();
        files.sweep(leadership.get(), view.cluster());
        return Stream.of(
                        Optional.of(RESYNC), untilFenced, events.untilDue(), answer.again(), untilAnother(plan))
                .flatMap(Optional::stream)
                .min(Duration::compareTo)
                .orElseThrow();
    }

    private Plan plan(Cluster cluster) {
        long began = ticker.read();
        var plan = Planner.plan(cluster);
        listener.planned(plan, Duration.ofNanos(ticker.read() - began));
        return plan;
    }

    /// Until time alone makes another plan.
    private Optional<Duration> untilAnother(Plan plan) {
        return plan.next()
                .map(next -> Duration.between(clock.instant(), next))
                .map(rest -> rest.compareTo(SHORTEST) > 0 ? rest : SHORTEST);
    }

    private boolean forget(LeaderProof leadership, List<PlacementChange> forgotten) throws StoreException {
        for (var some : Lists.partition(forgotten, DECISIONS_PER_WRITE)) {
            if (!write(leadership, events.batch(), () -> registry.commitPlacements(leadership, some))) {
                return false;
            }
        }
        return true;
    }

    /// Whether something that we must know is still to come into the view: what was written before we led, and what we
    /// wrote. The election campaigns on a view without a leader, so the former is missing only if somebody led for a
    /// moment in between. A view that was read anew after an outage that began since our last write has it all, even at
    /// a lower revision: etcd was restored then.
    private boolean isBehind(View view, LeaderProof leadership) {
        return view.revision() < leadership.createRevision()
                || view.revision() < written && view.outages() == writtenAfterOutages;
    }

    private boolean commit(LeaderProof leadership, Placements placements, List<Decision> decisions)
            throws StoreException {
        var told = events.batch();
        var changes = decisions.stream()
                .flatMap(decision -> placements.change(decision)
                        .map(change -> told.tell(decision, change))
                        .stream())
                .toList();
        boolean committed = write(leadership, told, () -> registry.commitPlacements(leadership, changes));
        if (committed) {
            told.done();
            listener.written(decisions);
            decisions.forEach(decision -> log.info(
                    "unit={} {} because={}", decision.name(), Placements.words(decision), decision.reason()));
        }
        return committed;
    }

    /// Tells what is to be told beside decisions, if there is anything.
    private boolean tellsNews(LeaderProof leadership, boolean settled) throws StoreException {
        var news = events.news(leadership, settled);
        boolean written = !news.events().isEmpty()
                && write(leadership, news, () -> registry.tell(leadership, news.events(), news.lease().orElseThrow()));
        if (written || news.events().isEmpty()) {
            events.done(news, leadership);
        }
        return written;
    }

    private boolean write(LeaderProof leadership, SafetyValve.Change change) throws StoreException {
        var told = events.batch();
        var event = change.kind().flatMap(kind -> told.tell(kind, change.reason()));
        boolean written =
                write(leadership, told, () -> registry.commitValve(leadership, change.change(), event));
        if (written) {
            told.done();
        }
        return written;
    }

    @FunctionalInterface
    private interface Writing {
        Outcome write() throws StoreException;
    }

    private boolean write(LeaderProof leadership, LeaderEvents.Batch told, Writing writing) throws StoreException {
        try {
            var outcome = writing.write();
            if (outcome.committed()) {
                written = outcome.revision();
                writtenAfterOutages = model.latest().outages();
            }
            return outcome.committed();
        } catch (StoreException e) {
            told.failed();
            if (e.outcomeUnknown()) {
                doubtful = Optional.of(leadership);
            }
            throw e;
        }
    }

    /// A write whose outcome we never heard may land at any time later, and a plan made meanwhile could place its units
    /// a second time. So we resign and campaign anew: the proof that the write shows is void then.
    private void dispelDoubt() throws StoreException {
        if (doubtful.isPresent()) {
            log.info("resigns, to be sure of what was written since={}", doubtful.get().createRevision());
            registry.resign(doubtful.get());
            election.resigned(doubtful.get());
            doubtful = Optional.empty();
        }
    }

    /// How long losses are still held. After an outage of the store or of ourselves, machines that are well may have
    /// lost their leases, and register again within moments.
    private Duration unsettled(View view) {
        long now = ticker.read();
        long passed = now - view.recoveredNanos();
        if (election.leaseLost().isPresent()) {
            passed = Math.min(passed, now - election.leaseLost().getAsLong());
        }
        var left = settle.minusNanos(passed);
        if (!left.isPositive()) {
            return Duration.ZERO;
        }
        var since = OptionalLong.of(now - passed);
        if (!toldToHold.equals(since)) {
            toldToHold = since;
            log.info("waits for machines to register again for={}", left);
        }
        return left;
    }
}
