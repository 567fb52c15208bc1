package io.flota.agent;

import io.flota.agent.report.Reporter;
import io.flota.agent.report.UnitEvents;
import io.flota.agent.runtime.UnitRuntime;
import io.flota.loop.Backoff;
import io.flota.loop.Loop;
import io.flota.loop.World;
import io.flota.machine.Machine;
import io.flota.registry.Codec;
import io.flota.registry.EventLog;
import io.flota.registry.Keys;
import io.flota.registry.Mirror;
import io.flota.store.Lease;
import io.flota.store.LeaseKeeper;
import io.flota.store.Store;
import io.flota.store.StoreException;
import java.time.Duration;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One machine's part in the cluster: registered, its units as they are placed, their states told.
///
/// Each part is a loop of its own and wakes the next one: lease -> registration -> reports; placements or the runtime
/// -> units -> reports.
public final class Node implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Node.class);

    /// @param ttl how long the machine counts as alive once it is no longer heard
    public record Settings(Keys keys, Machine machine, Duration ttl) {}

    private final World world;
    private final LeaseKeeper keeper;
    private final Reporter reporter;
    private final PlacedUnits units;
    private final Loop keeping;
    private final Loop registering;
    private final Loop reporting;
    private final Loop running;
    private final Mirror placements;

    /// Works from now on. Store and runtime stay the caller's.
    ///
    /// @param answers whether an agent answers at an address; it would have our machine id
    public Node(Settings settings, World world, Store store, UnitRuntime runtime, Predicate<String> answers) {
        this.world = world;
        var keys = settings.keys();
        var id = settings.machine().id();
        var view = new PlacementsView(new Codec(keys), this::unitsMayDiffer);
        keeper = new LeaseKeeper(store, settings.ttl(), world.ticker(), new Keeping());
        var registration =
                new Registration(store, keys, settings.machine(), keeper::lease, answers, this::reportsMayDiffer);
        var events = new UnitEvents(new EventLog(store, world), id, world.clock());
        reporter = new Reporter(store, keys, id, registration::lease, events, world.ticker());
        units = new PlacedUnits(view::latest, runtime, new PlacedFiles(store, keys), states -> {
            if (reporter.report(states)) {
                reportsMayDiffer();
            }
        });
        units.onStep(events::because);
        keeping = new Loop(
                world, "lease", keeper, new Backoff(LeaseKeeper.RETRY, LeaseKeeper.RETRY, world.random()));
        registering = new Loop(world, "registration", registration);
        reporting = new Loop(world, "reports", reporter);
        running = new Loop(world, "units", units);
        runtime.onChange(this::unitsMayDiffer);
        keeping.start();
        registering.start();
        reporting.start();
        running.start();
        placements = new Mirror(world, store, keys.placements(id), view);
    }

    /// Stops all units, says so, and leaves the cluster at once, so that the units are started elsewhere at once.
    ///
    /// @return false if some would not stop in time: the machine then stays in the cluster until its lease ends
    public boolean handOver(Duration limit) throws InterruptedException {
        units.leave();
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

    /// Ends the agent's work and nothing else: units run on, and the machine counts as alive until its lease ends.
    @Override
    public void close() {
        placements.close();
        running.close();
        reporting.close();
        registering.close();
        keeping.close();
    }

    private void unitsMayDiffer() {
        running.signal();
    }

    private void reportsMayDiffer() {
        reporting.signal();
    }

    private final class Keeping implements LeaseKeeper.Listener {
        @Override
        public void held(Lease lease) {
            registering.signal();
            reporting.signal();
        }

        @Override
        public void lost(Lease lease, String reason) {
            LOG.warn("the machine may count as lost by now, and its units may be started elsewhere because={}", reason);
        }
    }
}
