package io.flota.agent;

import com.google.common.base.Ticker;
import com.google.common.net.HostAndPort;
import io.flota.agent.api.AgentListener;
import io.flota.agent.api.JournalService;
import io.flota.agent.report.Reporter;
import io.flota.agent.runtime.UnitRuntime;
import io.flota.loop.Backoff;
import io.flota.loop.Loop;
import io.flota.machine.Machine;
import io.flota.registry.Codec;
import io.flota.registry.Mirror;
import io.flota.store.Lease;
import io.flota.store.LeaseKeeper;
import io.flota.store.Store;
import io.flota.store.StoreException;
import java.io.IOException;
import java.time.Duration;
import java.util.SplittableRandom;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One agent at work: its machine registered, its units as they are placed, their states told.
///
/// Each part is a loop of its own and wakes the next one: lease -> registration -> reports; placements or the runtime
/// -> units -> reports.
final class Agent implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Agent.class);
    private static final Duration FIRST_RETRY = Duration.ofMillis(100);
    /// An operator who starts etcd again should not wait for us.
    private static final Duration LAST_RETRY = Duration.ofSeconds(1);

    private final AgentListener listener;
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
    /// @throws IOException if the listener's address cannot be had
    Agent(AgentConfig config, Store store, UnitRuntime runtime) throws IOException {
        listener = new AgentListener(config.listen(), config.tls(), new JournalService(config.machineId(), runtime));
        var keys = config.keys();
        var view = new PlacementsView(new Codec(keys), this::unitsMayDiffer);
        keeper = new LeaseKeeper(store, config.ttl(), Ticker.systemTicker(), new Keeping());
        var registration =
                new Registration(store, keys, machine(config, listener.port()), keeper::lease, this::reportsMayDiffer);
        reporter = new Reporter(store, keys, config.machineId(), registration::lease);
        units = new PlacedUnits(view::latest, runtime, new PlacedFiles(store, keys), states -> {
            if (reporter.report(states)) {
                reportsMayDiffer();
            }
        });
        keeping = new Loop("lease", keeper, backoff(LeaseKeeper.RETRY, LeaseKeeper.RETRY));
        registering = new Loop("registration", registration, backoff(FIRST_RETRY, LAST_RETRY));
        reporting = new Loop("reports", reporter, backoff(FIRST_RETRY, LAST_RETRY));
        running = new Loop("units", units, backoff(FIRST_RETRY, LAST_RETRY));
        runtime.onChange(this::unitsMayDiffer);
        keeping.start();
        registering.start();
        reporting.start();
        running.start();
        placements = new Mirror(store, keys.placements(config.machineId()), view);
    }

    /// Where the listener listens.
    int port() {
        return listener.port();
    }

    /// Stops all units, says so, and leaves the cluster at once, so that the units are started elsewhere at once.
    ///
    /// @return false if some would not stop in time: the machine then stays in the cluster until its lease ends
    boolean handOver(Duration limit) throws InterruptedException {
        units.leave();
        running.signal();
        var staying = units.awaitLeft(limit);
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

    /// Ends the agent and nothing else: units run on, and the machine counts as alive until its lease ends.
    @Override
    public void close() {
        placements.close();
        running.close();
        reporting.close();
        registering.close();
        keeping.close();
        listener.close();
    }

    private static Machine machine(AgentConfig config, int port) {
        var address = config.advertise().orElse(config.listen());
        String host = address.host().equals("0.0.0.0") || address.host().equals("::")
                ? config.privateIp()
                : address.host();
        boolean listened = config.advertise().isEmpty() || address.port() == 0;
        return new Machine(
                config.machineId(),
                config.hostname(),
                config.publicIp(),
                config.privateIp(),
                config.metadata(),
                config.resources(),
                HostAndPort.fromParts(host, listened ? port : address.port()).toString(),
                config.bootId(),
                Version.OF_THIS_AGENT);
    }

    private static Backoff backoff(Duration first, Duration most) {
        return new Backoff(first, most, new SplittableRandom());
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
