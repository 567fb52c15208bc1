package io.flota.agent;

import com.google.common.collect.ImmutableSortedMap;
import io.flota.agent.announce.Announcer;
import io.flota.agent.announce.Drains;
import io.flota.agent.announce.Holds;
import io.flota.agent.announce.Sidecars;
import io.flota.agent.announce.Withdrawals;
import io.flota.agent.render.Renders;
import io.flota.agent.render.Restarts;
import io.flota.agent.report.Registered;
import io.flota.agent.report.Reporter;
import io.flota.agent.report.UnitEvents;
import io.flota.agent.runtime.UnitRuntime;
import io.flota.agent.steps.Tenure;
import io.flota.loop.Backoff;
import io.flota.loop.Loop;
import io.flota.loop.World;
import io.flota.machine.Machine;
import io.flota.registry.Codec;
import io.flota.registry.EventLog;
import io.flota.registry.Happening.Kind;
import io.flota.registry.Keys;
import io.flota.registry.Mirror;
import io.flota.store.Lease;
import io.flota.store.LeaseKeeper;
import io.flota.store.Store;
import io.flota.store.StoreException;
import io.flota.unit.Offer;
import io.flota.unit.Specifiers;
import io.flota.unit.UnitName;
import io.flota.unit.UnitState;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One machine's part in the cluster: registered, its units as they are placed, their states told.
///
/// Each part is a loop of its own and wakes the next one: lease -> registration -> reports; placements or the runtime
/// -> units -> reports, endpoints; lease, placements or the runtime -> fence; placements -> rendered files -> units.
public final class Node implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Node.class);

    /// @param ttl how long the machine counts as alive once it is no longer heard
    /// @param specifiers what they stand for on this machine
    public record Settings(
            Keys keys, Machine machine, Duration ttl, Function<UnitName, Specifiers.Context> specifiers) {}

    /// How long a machine counts as alive whose agent is being replaced.
    private static final Duration ABSENCE = Duration.ofSeconds(30);

    private final World world;
    private final LeaseKeeper keeper;
    private final Registration registration;
    private final Fence fence;
    private final UnitEvents events;
    private final Reporter reporter;
    private final Announcer announcer;
    private final Sidecars sidecars;
    private final PlacedUnits units;
    private final Renders renders;
    private final Loop keeping;
    private final Loop registering;
    private final Loop reporting;
    private final Loop announcing;
    private final Loop running;
    private final Loop rendering;
    private final Loop fencing;
    private final Mirror placements;

    /// Works from now on. Store and runtime stay the caller's.
    ///
    /// @param answers whether an agent answers at an address; it would have our machine id
    public Node(Settings settings, World world, Store store, UnitRuntime runtime, Predicate<String> answers) {
        this(settings, world, store, runtime, ImmutableSortedMap::of, answers, _ -> {});
    }

    /// @param offers of the units that are loaded
    /// @param reported is told of all states whenever they are looked at; must not block
    public Node(
            Settings settings,
            World world,
            Store store,
            UnitRuntime runtime,
            Supplier<ImmutableSortedMap<UnitName, Offer>> offers,
            Predicate<String> answers,
            Consumer<ImmutableSortedMap<UnitName, UnitState>> reported) {
        this.world = world;
        var keys = settings.keys();
        var id = settings.machine().id();
        var view = new PlacementsView(new Codec(keys), this::placementsMayDiffer);
        keeper = new LeaseKeeper(store, settings.ttl(), world.uptime(), new Keeping());
        events = new UnitEvents(new EventLog(store, world), id, world.clock());
        fence = new Fence(runtime, world.uptime(), new Known(), view::latest, this::fenced, this::mayRegister);
        registration = new Registration(
                store, keys, settings.machine(), this::registrable, answers, this::hasRegistered);
        reporter = new Reporter(store, keys, id, registration::reportable, this::doubts, events, world.ticker());
        var files = new PlacedFiles(store, keys);
        var restarts = new Restarts();
        renders = new Renders(
                new LaunchedFiles(view::latest, files), settings.machine(), settings.specifiers(), world, store, keys, runtime, restarts,
                this::unitsMayDiffer);
        var terms = new Terms(this::tenure, world.uptime(), renders::missing, restarts);
        var drains = new Drains();
        var holds = new Holds();
        announcer = new Announcer(
                new Announcer.Surroundings(
                        store, keys, settings.machine(), registration::reportable, this::doubts, view::latest, offers,
                        this::unitsMayDiffer, world.clock(), world.ticker()),
                drains, holds);
        sidecars = new Sidecars(world, store, keys, id, announcer, holds, offers, this::endpointsMayDiffer);
        var withdrawals = new Withdrawals(drains, offers, world.ticker(), this::endpointsMayDiffer);
        units = new PlacedUnits(view::latest, runtime, files, terms, withdrawals, states -> {
            var remarked = renders.remarked(states);
            reported.accept(remarked);
            if (reporter.report(remarked)) {
                reportsMayDiffer();
            }
            if (announcer.see(states)) {
                endpointsMayDiffer();
            }
        });
        units.onStep(events::because);
        keeping = new Loop(
                world, "lease", keeper, new Backoff(LeaseKeeper.RETRY, LeaseKeeper.RETRY, world.random()));
        registering = new Loop(world, "registration", registration);
        reporting = new Loop(world, "reports", reporter);
        announcing = new Loop(world, "endpoints", announcer);
        running = new Loop(world, "units", units);
        rendering = new Loop(world, "rendered files", renders);
        fencing = new Loop(world, "fence", fence);
        placements = new Mirror(world, store, keys.placements(id), view);
        runtime.onChange(this::unitsDiffer);
        keeping.start();
        registering.start();
        reporting.start();
        announcing.start();
        running.start();
        rendering.start();
        fencing.start();
    }

    /// What others on this machine may ask for.
    public Sidecars sidecars() {
        return sidecars;
    }

    /// How long the machine counts as alive for certain; zero while it has no lease.
    public Duration leaseRemaining() {
        return keeper.remaining();
    }

    /// Says from now on that the machine is this: the same one, of which something else is to be known.
    public void become(Machine machine) {
        registration.become(machine);
        registering.signal();
    }

    /// Stops all units, says so, and leaves the cluster at once, so that the units are started elsewhere at once.
    ///
    /// @return false if some would not stop in time: the machine then stays in the cluster until its lease ends
    public boolean handOver(Duration limit) throws InterruptedException {
        units.leave(limit.dividedBy(2));
        running.signal();
        var staying = units.awaitLeft(world, limit);
        close();
        if (staying.isPresent()) {
            LOG.error("ends although not all units have stopped in time, which run on units={} limit={}",
                    staying.get(), limit);
            return false;
        }
        try {
            reporter.flush();
            keeper.release();
            LOG.info("has left the cluster");
        } catch (StoreException e) {
            LOG.warn("all units are stopped, but the cluster learns of it only when the lease ends because={}",
                    e.getMessage());
        }
        return true;
    }

    /// Ends the agent's work for another one that goes on with it: units run on, and the machine counts as alive for
    /// [#ABSENCE], as the other one may be slow to start. What may live only as long as the lease lives no longer for
    /// that. If the store does not answer, the machine counts as alive until its lease ends, as after [#close].
    public void giveWay() {
        close(); // before the lease is another one, for which nobody is to be guarded or started
        try {
            keeper.exchange(ABSENCE);
            var _ = registration.reconcile(); // registers
            var _ = registration.reconcile(); // reads that back
            reporter.flush();
            announcer.carryOver();
            LOG.info("the machine counts as alive without an agent for={}", keeper.remaining());
        } catch (StoreException e) {
            LOG.warn("the machine counts as alive only until its lease ends remaining={} because={}",
                    keeper.remaining(), e.getMessage());
        }
    }

    /// Ends the agent's work and nothing else: units run on, and the machine counts as alive until its lease ends.
    @Override
    public void close() {
        placements.close();
        sidecars.close();
        rendering.close();
        renders.close();
        running.close();
        fencing.close();
        announcing.close();
        reporting.close();
        registering.close();
        keeping.close();
    }

    private void placementsMayDiffer() {
        rendering.signal();
        unitsMayDiffer();
        endpointsMayDiffer();
    }

    private void unitsDiffer() {
        unitsMayDiffer();
        renders.signalUnits();
    }

    private void unitsMayDiffer() {
        running.signal();
        fencing.signal();
    }

    private void endpointsMayDiffer() {
        announcing.signal();
    }

    private void mayRegister() {
        registering.signal();
    }

    /// What was placed here before may be placed elsewhere by now; the view says so only once it is as new as this.
    private void hasRegistered() {
        placements.refresh();
        fencing.signal();
        reportsMayDiffer();
        endpointsMayDiffer();
    }

    private Optional<Lease> registrable() {
        return fence.isReady() ? keeper.lease() : Optional.empty();
    }

    private Optional<Tenure> tenure() {
        return registration.registered().flatMap(found -> keeper.kept()
                .filter(kept -> kept.lease().equals(found.lease()))
                .map(kept -> tenure(kept, found.revision())));
    }

    private static Tenure tenure(LeaseKeeper.Kept kept, long registered) {
        return new Tenure(Duration.ofNanos(kept.sentNanos()), kept.life(), registered);
    }

    private void fenced(UnitName unit, String because) {
        LOG.warn("fenced unit={} because={}", unit, because);
        events.tell(Kind.FENCED, unit, because);
        reportsMayDiffer();
    }

    private final class Known implements Fence.Leases {
        @Override
        public Optional<Tenure> held() {
            return keeper.kept().map(kept -> tenure(kept, 0));
        }

        @Override
        public Optional<Tenure> registered() {
            return tenure();
        }
    }

    private void doubts(Registered base) {
        registration.doubt(base);
        registering.signal();
    }

    private void reportsMayDiffer() {
        reporting.signal();
    }

    private final class Keeping implements LeaseKeeper.Listener {
        @Override
        public void held(Lease lease) {
            registering.signal();
            reporting.signal();
            announcing.signal();
        }

        @Override
        public void kept(LeaseKeeper.Kept kept) {
            fencing.signal();
            if (units.isWithholding()) {
                running.signal();
            }
        }

        @Override
        public void lost(Lease lease, String reason) {
            LOG.warn("the machine may count as lost by now, and its units may be started elsewhere because={}", reason);
        }
    }
}
