package io.flota.scheduler;

import io.flota.loop.Backoff;
import io.flota.loop.Loop;
import io.flota.loop.World;
import io.flota.registry.EventLog;
import io.flota.registry.Fact.Leader;
import io.flota.registry.Keys;
import io.flota.registry.Mirror;
import io.flota.registry.Registry;
import io.flota.scheduler.election.Election;
import io.flota.scheduler.election.Serving;
import io.flota.scheduler.leading.Caution;
import io.flota.scheduler.leading.LeaderEvents;
import io.flota.scheduler.leading.PassListener;
import io.flota.scheduler.leading.PlacementPass;
import io.flota.scheduler.model.Model;
import io.flota.store.LeaseKeeper;
import io.flota.store.Store;
import io.flota.store.StoreException;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One scheduler's part in the cluster: it knows the cluster, and leads when nobody else does.
///
/// Each part is a loop of its own and wakes the next one: store -> mirror -> model -> election, placements; lease ->
/// election -> placements; lease -> serving.
public final class Replica implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Replica.class);

    /// @param leads whether it ever does
    /// @param leaderTtl how long after the leader's last sign of life another one leads
    /// @param caution with machines that are not there
    public record Settings(Keys keys, Leader self, boolean leads, Duration leaderTtl, Caution caution) {
        /// Of one that leads when nobody else does.
        public Settings(Keys keys, Leader self, Duration leaderTtl, Caution caution) {
            this(keys, self, true, leaderTtl, caution);
        }
    }

    private final LeaseKeeper keeper;
    private final Loop keeping;
    private final Loop serving;
    private final Loop campaigning;
    private final Loop placing;
    private final Mirror mirror;

    /// Works from now on, and feeds the model. The store stays the caller's.
    public Replica(Settings settings, World world, Store store, Registry registry, Model model) {
        this(settings, world, store, registry, model, PassListener.NONE);
    }

    public Replica(
            Settings settings, World world, Store store, Registry registry, Model model, PassListener listener) {
        var election = new Election(registry, settings.self(), model, world.ticker());
        var events = new LeaderEvents(new EventLog(store, world), settings.self(), model, world.clock());
        var placements = new PlacementPass(registry, model, election, events, world, settings.caution());
        placements.onPass(listener);
        keeper = new LeaseKeeper(store, settings.leaderTtl(), world.ticker(), election);
        keeping = new Loop(
                world, "lease", keeper, new Backoff(LeaseKeeper.RETRY, LeaseKeeper.RETRY, world.random()));
        serving = new Loop(world, "serving", new Serving(registry, settings.self(), model, keeper::lease));
        campaigning = new Loop(world, "election", election);
        placing = new Loop(world, "placements", placements);
        model.onChange(campaigning::signal);
        model.onChange(placing::signal);
        election.onLease(serving::signal);
        election.onLease(campaigning::signal);
        election.onLeadership(placing::signal);
        keeping.start();
        serving.start();
        if (settings.leads()) {
            campaigning.start();
            placing.start();
        }
        var allButEvents = settings.keys().allButEvents();
        mirror = new Mirror(
                world, store, settings.keys().prefix(), () -> store.read(allButEvents, Integer.MAX_VALUE), model);
    }

    /// Resigns, so that another scheduler leads at once.
    @Override
    public void close() {
        placing.close();
        campaigning.close();
        serving.close();
        keeping.close();
        try {
            keeper.release();
        } catch (StoreException e) {
            log.warn("could not resign, another one leads once the lease has ended because={}", e.getMessage());
        }
        mirror.close();
    }
}
