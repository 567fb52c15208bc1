package io.flota.agent;

import static com.google.common.collect.ImmutableList.toImmutableList;

import com.google.common.base.Ticker;
import com.google.common.collect.ImmutableSortedMap;
import com.google.common.collect.Maps;
import io.flota.agent.runtime.RuntimeUnavailableException;
import io.flota.agent.runtime.UnitRuntime;
import io.flota.agent.runtime.UnitRuntime.Standing;
import io.flota.agent.steps.Fencing;
import io.flota.agent.steps.Guard;
import io.flota.agent.steps.Placed;
import io.flota.agent.steps.Step.Stop;
import io.flota.agent.steps.Tenure;
import io.flota.loop.Reconciler;
import io.flota.unit.UnitName;
import java.time.Duration;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.function.Supplier;

/// Sees to it that units which may live only as long as the machine's lease do not outlive it: lengthens their guards
/// as the lease is renewed, and stops them in time when it is not. Whatever becomes of this process, the runtime's
/// guards stand. Asks nothing but the runtime: no slow store holds it up.
final class Fence implements Reconciler {
    /// All that matters comes with a signal; this only bounds the cost of a lost one.
    private static final Duration REST = Duration.ofSeconds(30);

    /// What is known of the agent's lease.
    interface Leases {
        /// The lease that the agent holds, registered or not; its revision does not count.
        Optional<Tenure> held();

        /// The lease that the machine is registered under.
        Optional<Tenure> registered();
    }

    private final UnitRuntime runtime;
    private final Ticker uptime;
    private final Leases leases;
    private final Supplier<Optional<Placed>> placed;
    private final BiConsumer<UnitName, String> fenced;
    private final Runnable ready;
    private volatile boolean isReady;
    /// The guards that have struck and of which that was told.
    private final TreeMap<UnitName, Guard> told = new TreeMap<>();
    /// The guards by which units were told to stop: a stop that waits for other units to stop is not told again.
    private final TreeMap<UnitName, Guard> stopping = new TreeMap<>();

    /// @param uptime since the machine's boot
    /// @param placed what is placed here, as far as is known
    /// @param fenced is told of each unit that was stopped or killed, and why
    /// @param ready called when [#isReady] may have changed
    Fence(
            UnitRuntime runtime, Ticker uptime, Leases leases, Supplier<Optional<Placed>> placed,
            BiConsumer<UnitName, String> fenced, Runnable ready) {
        this.runtime = runtime;
        this.uptime = uptime;
        this.leases = leases;
        this.placed = placed;
        this.fenced = fenced;
        this.ready = ready;
    }

    /// Whether the machine may be registered: nothing that an earlier agent left outlives this agent's lease.
    boolean isReady() {
        return isReady;
    }

    @Override
    public Duration reconcile() throws RuntimeUnavailableException {
        var now = Duration.ofNanos(uptime.read()); // before all else: what comes later may take its time
        var standing = runtime.guards();
        shorten(standing);
        if (standing.isEmpty()) {
            told.clear();
            stopping.clear();
            return REST;
        }
        var fencing = Fencing.at(now, leases.registered(), placed.get(), guards(standing), runtime.observe());
        if (!fencing.stops().isEmpty()) {
            fencing.stops().forEach(stop -> tell(stop, standing.get(stop.unit()).guard()));
            runtime.stop(fencing.stops().stream().map(Stop::unit).collect(toImmutableList()));
        }
        standing.values().forEach(this::tell);
        told.keySet().retainAll(standing.keySet());
        stopping.keySet().retainAll(standing.keySet());
        if (!fencing.guards().isEmpty()) {
            runtime.guard(fencing.guards()); // last, as it may fail on a full disk
        }
        return fencing.next().map(at -> at.minus(now)).filter(rest -> rest.compareTo(REST) < 0).orElse(REST);
    }

    private void shorten(ImmutableSortedMap<UnitName, Standing> standing) throws RuntimeUnavailableException {
        var held = leases.held();
        if (isReady || held.isEmpty()) {
            return;
        }
        var shorter = Fencing.shortened(held.get(), guards(standing));
        if (!shorter.isEmpty()) {
            runtime.guard(shorter);
        }
        isReady = true;
        ready.run();
    }

    private void tell(Stop stop, Guard guard) {
        if (!guard.equals(stopping.put(stop.unit(), guard))) {
            fenced.accept(stop.unit(), stop.because());
        }
    }

    /// Tells once of each unit that did not stop in time, or whose agent was not there to stop it.
    private void tell(Standing standing) {
        var guard = standing.guard();
        if (!standing.struck()) {
            told.remove(guard.unit());
        } else if (!guard.equals(told.put(guard.unit(), guard))) {
            fenced.accept(guard.unit(), "its time was over before it had stopped or was to start");
        }
    }

    private static ImmutableSortedMap<UnitName, Guard> guards(ImmutableSortedMap<UnitName, Standing> standing) {
        return ImmutableSortedMap.copyOf(Maps.transformValues(standing, Standing::guard));
    }
}
