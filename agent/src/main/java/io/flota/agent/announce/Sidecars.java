package io.flota.agent.announce;

import com.google.common.base.Stopwatch;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSortedMap;
import io.flota.agent.announce.RefusedException.Cause;
import io.flota.loop.World;
import io.flota.machine.MachineId;
import io.flota.registry.Codec;
import io.flota.registry.Fact.EndpointFact;
import io.flota.registry.Keys;
import io.flota.registry.Mirror;
import io.flota.store.Entry;
import io.flota.store.KeyRange;
import io.flota.store.Store;
import io.flota.store.StoreException;
import io.flota.unit.Endpoint;
import io.flota.unit.Offer;
import io.flota.unit.UnitName;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/// What others on this machine may ask of its agent: to hold endpoints under its lease, and which there are.
public final class Sidecars implements AutoCloseable {
    /// More than a write takes that the store answers at all.
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final World world;
    private final Store store;
    private final Keys keys;
    private final Codec codec;
    private final MachineId here;
    private final Announcer announcer;
    private final Holds holds;
    private final Supplier<ImmutableSortedMap<UnitName, Offer>> offers;
    private final Runnable changed;
    private final ReentrantLock taking = new ReentrantLock();
    private Optional<Mirror> mirror = Optional.empty();
    private final EndpointsView view;

    /// @param offers of the units that are loaded
    /// @param changed called when other endpoints are held
    public Sidecars(
            World world, Store store, Keys keys, MachineId here, Announcer announcer, Holds holds,
            Supplier<ImmutableSortedMap<UnitName, Offer>> offers, Runnable changed) {
        this.world = world;
        this.store = store;
        this.keys = keys;
        this.codec = new Codec(keys);
        this.here = here;
        this.announcer = announcer;
        this.holds = holds;
        this.offers = offers;
        this.changed = changed;
        this.view = new EndpointsView(codec);
    }

    /// Holds an endpoint until its time is over, it is released, or its unit is down if that is one of this machine.
    /// Asking again, as a sidecar has to, makes it longer.
    ///
    /// @return once the store has it
    public Endpoint hold(EndpointName name, int port, ImmutableSortedMap<String, String> attributes, Duration ttl)
            throws RefusedException, InterruptedException {
        check(name);
        var hold = taken(name, port, attributes, ttl);
        changed.run();
        return awaitHeld(hold);
    }

    /// One after the other: of two that ask for one name at once the second goes on with the epoch of the first.
    private Hold taken(EndpointName name, int port, ImmutableSortedMap<String, String> attributes, Duration ttl)
            throws RefusedException {
        taking.lock();
        try {
            var before = holds.get(name);
            var now = world.clock().instant().truncatedTo(ChronoUnit.MILLIS);
            var hold = new Hold(
                    name, port, attributes, ttl, Duration.ofNanos(world.ticker().read()).plus(ttl), before.isPresent() ? before.get().epoch() : epoch(name),
                    before.map(Hold::since).orElse(now));
            holds.put(hold);
            return hold;
        } finally {
            taking.unlock();
        }
    }

    private void check(EndpointName name) throws RefusedException {
        var offer = Optional.ofNullable(offers.get().get(name.unit()));
        boolean own = offer.stream().flatMap(it -> it.announcements().stream())
                .anyMatch(announcement -> announcement.service().equals(name.service()));
        if (own) {
            throw new RefusedException(Cause.CONFLICT,
                    name.unit() + " announces " + name.service() + " by its unit file. Remove Announce= there, or this");
        }
        var state = announcer.seen().map(states -> states.get(name.unit())).filter(it -> !Wanted.isStarted(it));
        if (state.isPresent()) {
            throw new RefusedException(Cause.CONFLICT,
                    name.unit() + " is not up here but " + state.get().active() + ". Announce it once it is active");
        }
    }

    /// Later than all that was announced under the name before.
    private long epoch(EndpointName name) throws RefusedException {
        try {
            var key = keys.endpoint(name.service(), name.unit());
            var present = store.read(List.of(new KeyRange(key, key + '\0')), 1);
            var other = Optional.ofNullable(present.entries().get(key)).flatMap(this::ofAnotherMachine);
            if (other.isPresent() && !isUp(name.unit())) {
                throw new RefusedException(Cause.CONFLICT, "machine " + other.get().machine() + " announces it, and "
                        + name.unit() + " is not up here. It can be announced here once that one is gone");
            }
            return Epochs.first(present.revision());
        } catch (StoreException e) {
            throw new RefusedException(Cause.AWAY, "nothing can be announced at present: " + e.getMessage());
        }
    }

    private Optional<Endpoint> ofAnotherMachine(Entry entry) {
        return codec.decode(entry)
                .flatMap(fact -> fact instanceof EndpointFact(var found, _) ? Optional.of(found) : Optional.empty())
                .filter(found -> !found.machine().equals(here));
    }

    private boolean isUp(UnitName unit) {
        return announcer.seen().map(states -> states.get(unit)).filter(Wanted::isStarted).isPresent();
    }

    private Endpoint awaitHeld(Hold hold) throws RefusedException, InterruptedException {
        var passes = new Semaphore(0);
        announcer.tellPasses(passes);
        try {
            var waited = Stopwatch.createStarted(world.ticker());
            while (true) {
                var standing = Optional.ofNullable(announcer.standing().get(hold.name())).filter(it -> shows(it, hold));
                if (standing.isPresent()) {
                    return standing.get();
                }
                var other = Optional.ofNullable(announcer.outdone().get(hold.name()));
                if (other.isPresent()) {
                    throw new RefusedException(Cause.CONFLICT, "a later start of " + hold.name().unit() + ", on machine "
                            + other.get().machine() + ", is announced. It is announced here once that one is gone");
                }
                var rest = PATIENCE.minus(waited.elapsed());
                if (!rest.isPositive()) {
                    throw new RefusedException(Cause.AWAY, "etcd has not taken it within " + PATIENCE.toSeconds()
                            + " s. It is held, and announced once this machine is registered and its unit is up");
                }
                var _ = world.acquire(passes, rest);
            }
        } finally {
            announcer.tellNoMore(passes);
        }
    }

    private static boolean shows(Endpoint standing, Hold hold) {
        return standing.port() == hold.port() && standing.attributes().equals(hold.attributes())
                && standing.epoch() == hold.epoch();
    }

    /// @return false if it was not held
    public boolean release(EndpointName name) {
        boolean held = holds.remove(name);
        changed.run();
        return held;
    }

    /// All endpoints of the cluster, or those of one service. They are followed from the first time that somebody asks.
    public ImmutableList<Endpoint> all(Optional<String> service) throws RefusedException, InterruptedException {
        follow();
        if (!view.known().await(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
            throw new RefusedException(Cause.AWAY, "etcd cannot be reached. Ask again");
        }
        return view.latest().stream()
                .filter(endpoint -> service.isEmpty() || service.get().equals(endpoint.service()))
                .collect(ImmutableList.toImmutableList());
    }

    private synchronized void follow() {
        if (mirror.isEmpty()) {
            mirror = Optional.of(new Mirror(world, store, keys.endpoints(), view));
        }
    }

    @Override
    public synchronized void close() {
        mirror.ifPresent(Mirror::close);
    }
}
