package io.flota.agent.announce;

import com.google.common.base.Stopwatch;
import com.google.common.base.Ticker;
import com.google.common.collect.ImmutableSortedMap;
import com.google.common.collect.ImmutableSortedSet;
import com.google.common.collect.Iterables;
import com.google.common.collect.Maps;
import com.google.common.collect.Sets;
import io.flota.agent.report.Registered;
import io.flota.agent.steps.Placed;
import io.flota.loop.Reconciler;
import io.flota.machine.Machine;
import io.flota.registry.Codec;
import io.flota.registry.Fact.EndpointFact;
import io.flota.registry.Keys;
import io.flota.store.Entry;
import io.flota.store.KeyRange;
import io.flota.store.Store;
import io.flota.store.StoreException;
import io.flota.store.Transaction;
import io.flota.store.Transaction.Absent;
import io.flota.store.Transaction.Condition;
import io.flota.store.Transaction.Delete;
import io.flota.store.Transaction.Unchanged;
import io.flota.store.Transaction.Write;
import io.flota.unit.Endpoint;
import io.flota.unit.Offer;
import io.flota.unit.UnitName;
import io.flota.unit.UnitState;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Brings the endpoint keys of this machine to what is [Wanted], under the machine's lease; all of it anew under a new
/// lease. Nothing is written over that has a higher epoch, and nothing deleted that is not ours; both are compared in the
/// transaction, and so is this machine's key: what comes late is void.
public final class Announcer implements Reconciler {
    private static final Logger LOG = LoggerFactory.getLogger(Announcer.class);
    private static final Duration REST = Duration.ofMinutes(1);
    /// How soon a key that another start holds is looked at again: nothing tells of its end.
    private static final Duration RETRY = Duration.ofSeconds(1);
    /// How often it is looked whether somebody else has removed or replaced what is announced.
    private static final Duration LOOK = Duration.ofMinutes(1);
    /// With the machine's key among the conditions.
    private static final int BATCH = Transaction.MAX_OPERATIONS - 1;

    /// What the announcer is told of, and where.
    ///
    /// @param registration how this machine is registered at present
    /// @param doubt called when a write may come late: none is made until the registration is another one
    /// @param placed what is placed here, as far as is known
    /// @param offers of the units that are loaded
    /// @param drained called when a drain goes on
    public record Surroundings(
            Store store, Keys keys, Machine machine, Supplier<Optional<Registered>> registration,
            Consumer<Registered> doubt, Supplier<Optional<Placed>> placed,
            Supplier<ImmutableSortedMap<UnitName, Offer>> offers, Runnable drained, InstantSource clock,
            Ticker ticker) {}

    private final Surroundings at;
    private final Codec codec;
    private final Drains drains;
    private final Holds holds;
    private final Epochs epochs = new Epochs();
    /// Empty until they were looked at: nobody takes "not seen yet" for "not up".
    private volatile Optional<ImmutableSortedMap<UnitName, UnitState>> states = Optional.empty();

    private final Stopwatch sinceLook;
    private long publishedUnder;
    /// What the store has of this machine, as far as is known.
    private final TreeMap<EndpointName, Endpoint> published = new TreeMap<>();
    /// Endpoints whose key may or may not be as we wrote it last.
    private final TreeSet<EndpointName> uncertain = new TreeSet<>();
    /// The same, for other threads.
    private volatile ImmutableSortedMap<EndpointName, Endpoint> standing = ImmutableSortedMap.of();
    /// Endpoints of which a later start is announced.
    private volatile ImmutableSortedMap<EndpointName, Endpoint> outdone = ImmutableSortedMap.of();
    private final CopyOnWriteArrayList<Semaphore> waiting = new CopyOnWriteArrayList<>();

    public Announcer(Surroundings at, Drains drains, Holds holds) {
        this.at = at;
        this.codec = new Codec(at.keys());
        this.drains = drains;
        this.holds = holds;
        this.sinceLook = Stopwatch.createStarted(at.ticker());
    }

    /// Sets how all units of this machine are; signal the loop afterwards.
    ///
    /// @return whether that may matter
    public boolean see(ImmutableSortedMap<UnitName, UnitState> all) {
        var before = states;
        states = Optional.of(all);
        // A unit that is down, or gone, may be neither in the next pass.
        holds.keepOnly(hold -> before.filter(known -> known.containsKey(hold.name().unit())).isEmpty()
                || Optional.ofNullable(all.get(hold.name().unit())).filter(Wanted::isStarted).isPresent());
        return !before.equals(states);
    }

    /// How all units of this machine are; empty while that is not known.
    Optional<ImmutableSortedMap<UnitName, UnitState>> seen() {
        return states;
    }

    /// What the store has of this machine.
    ImmutableSortedMap<EndpointName, Endpoint> standing() {
        return standing;
    }

    /// What is wanted and not written, with the later start of each that is announced.
    ImmutableSortedMap<EndpointName, Endpoint> outdone() {
        return outdone;
    }

    /// Gets a permit after each pass, until [#tellNoMore].
    void tellPasses(Semaphore who) {
        waiting.add(who);
    }

    void tellNoMore(Semaphore who) {
        waiting.remove(who);
    }

    @Override
    public Duration reconcile() throws StoreException {
        try {
            return bring();
        } finally {
            standing = ImmutableSortedMap.copyOf(Maps.filterKeys(published, name -> !uncertain.contains(name)));
            waiting.forEach(Semaphore::release);
        }
    }

    /// Writes what stands anew under the lease that the machine has now, for an agent that goes on with it. Called when no
    /// pass runs any more.
    public void carryOver() throws StoreException {
        var base = at.registration().get();
        if (base.isPresent() && base.get().lease().id() != publishedUnder) {
            adopt(base.get());
            bring(ImmutableSortedMap.copyOf(published), base.get());
        }
    }

    private Duration bring() throws StoreException {
        var base = at.registration().get();
        if (base.isEmpty()) {
            return REST; // signalled once it is registered
        }
        if (base.get().lease().id() != publishedUnder) {
            adopt(base.get());
        } else if (sinceLook.elapsed().compareTo(LOOK) >= 0) {
            look();
        }
        var placed = at.placed().get().filter(known -> known.revision() >= base.get().revision());
        var seen = states;
        if (placed.isEmpty() || seen.isEmpty()) {
            return REST; // signalled once it is known
        }
        var withdrawn = drains.withdrawn();
        var now = uptime();
        var scene = new Wanted.Scene(
                at.machine(), base.get().revision(), placed.get(), seen.get(), at.offers().get(), withdrawn, holds.all(),
                at.clock().instant().truncatedTo(ChronoUnit.MILLIS), // as the store has it
                now);
        holds.keepOnly(hold -> withdrawn.contains(hold.name().unit()) || Wanted.isHeld(scene, hold));
        bring(Wanted.of(scene, epochs), base.get());
        var gone = Sets.difference(withdrawn, units(Sets.union(published.keySet(), uncertain)));
        if (drains.gone(gone, uptime())) {
            at.drained().run();
        }
        var rest = outdone.isEmpty() ? REST : RETRY;
        return holds.next(now).filter(until -> until.compareTo(rest) < 0).orElse(rest);
    }

    private static ImmutableSortedSet<UnitName> units(Iterable<EndpointName> names) {
        return ImmutableSortedSet.copyOf(Iterables.transform(names, EndpointName::unit));
    }

    /// What an earlier agent, or this one under an earlier lease, has left is this one's: what is not wanted any more is
    /// to go, and what a sidecar asked for is held on.
    private void adopt(Registered base) throws StoreException {
        var left = new TreeMap<EndpointName, Endpoint>();
        for (var entry : at.store().read(at.keys().endpoints()).entries().values()) {
            endpoint(entry).filter(found -> found.machine().equals(at.machine().id())).ifPresent(found -> {
                left.put(EndpointName.of(found), found);
                found.until().ifPresent(until -> holds.adopt(hold(found, until)));
            });
        }
        published.clear();
        published.putAll(left);
        uncertain.clear();
        uncertain.addAll(left.keySet()); // under a lease that ends
        publishedUnder = base.lease().id();
    }

    /// Nothing tells of what others do to our keys, by mistake or because they believe to be later.
    private void look() throws StoreException {
        for (var batch : Iterables.partition(published.entrySet(), BATCH)) {
            var ranges = batch.stream().map(known -> range(known.getKey())).toList();
            var present = at.store().read(ranges, 1).entries();
            batch.forEach(known -> {
                var found = Optional.ofNullable(present.get(key(known.getKey()))).flatMap(this::endpoint);
                if (found.filter(known.getValue()::isSame).isEmpty()) {
                    uncertain.add(known.getKey());
                }
            });
        }
        sinceLook.reset().start();
    }

    private Hold hold(Endpoint found, Instant until) {
        var name = EndpointName.of(found);
        var ttl = Duration.between(at.clock().instant(), until);
        return new Hold(name, found.port(), found.attributes(), ttl, uptime().plus(ttl), found.epoch(), found.since());
    }

    private Duration uptime() {
        return Duration.ofNanos(at.ticker().read());
    }

    private Optional<Endpoint> endpoint(Entry entry) {
        return codec.decode(entry).flatMap(fact ->
                fact instanceof EndpointFact(var found, _) ? Optional.of(found) : Optional.empty());
    }

    private void bring(ImmutableSortedMap<EndpointName, Endpoint> wanted, Registered base) throws StoreException {
        var changed = new TreeSet<>(uncertain);
        for (var name : Sets.union(wanted.keySet(), published.keySet())) {
            if (isOther(published.get(name), wanted.get(name))) {
                changed.add(name);
            }
        }
        var later = new TreeMap<EndpointName, Endpoint>();
        for (var batch : Iterables.partition(changed, BATCH)) {
            later.putAll(write(batch, wanted, base));
        }
        later.forEach((name, other) -> {
            if (!other.equals(outdone.get(name))) {
                LOG.warn("does not announce what a later start announces service={} unit={} machine={} epoch={}",
                        name.service(), name.unit(), other.machine(), other.epoch());
            }
        });
        outdone = ImmutableSortedMap.copyOfSorted(later);
    }

    /// Until when an endpoint is held is written only now and then, and when somebody has set the calendar: nobody but the
    /// next agent asks for it.
    private boolean isOther(Endpoint known, Endpoint wanted) {
        if (known == null || wanted == null || known.until().isEmpty() || wanted.until().isEmpty()) {
            return known == null || wanted == null ? known != wanted : !known.isSame(wanted);
        }
        var now = at.clock().instant();
        var left = Duration.between(now, known.until().get());
        var asked = Duration.between(now, wanted.until().get());
        return !known.isSame(wanted) || left.compareTo(asked.dividedBy(2)) < 0 || left.compareTo(asked) > 0;
    }

    /// @return those that are not written, since a later start has announced them
    private ImmutableSortedMap<EndpointName, Endpoint> write(
            List<EndpointName> batch, ImmutableSortedMap<EndpointName, Endpoint> wanted, Registered base)
            throws StoreException {
        var ranges = batch.stream().map(this::range).toList();
        var present = at.store().read(ranges, 1).entries();
        var conditions = new ArrayList<Condition>();
        conditions.add(new Unchanged(at.keys().machine(at.machine().id()), base.written()));
        var writes = new ArrayList<Write>();
        var later = ImmutableSortedMap.<EndpointName, Endpoint>naturalOrder();
        for (var name : batch) {
            var entry = Optional.ofNullable(present.get(key(name)));
            var found = entry.flatMap(this::endpoint);
            var endpoint = Optional.ofNullable(wanted.get(name));
            if (endpoint.isPresent() && found.filter(other -> isLater(other, endpoint.get())).isPresent()) {
                later.put(name, found.get());
            } else if (endpoint.isPresent() || found.filter(this::isOurs).isPresent()) {
                conditions.add(entry.<Condition>map(it -> new Unchanged(it.key(), it.modRevision()))
                        .orElse(new Absent(key(name))));
                writes.add(endpoint.<Write>map(it -> codec.encode(it, base.lease().id()))
                        .orElse(new Delete(key(name))));
            }
        }
        uncertain.addAll(batch);
        commit(conditions, writes, base);
        settle(batch, wanted, later.buildOrThrow());
        return later.buildOrThrow();
    }

    private static boolean isLater(Endpoint other, Endpoint ours) {
        return other.epoch() > ours.epoch()
                || other.epoch() == ours.epoch() && !other.machine().equals(ours.machine());
    }

    /// Whatever its epoch: another agent of this machine would have another key of the machine, which is a condition.
    private boolean isOurs(Endpoint found) {
        return found.machine().equals(at.machine().id());
    }

    private KeyRange range(EndpointName name) {
        return new KeyRange(key(name), key(name) + '\0');
    }

    private String key(EndpointName name) {
        return at.keys().endpoint(name.service(), name.unit());
    }

    private void commit(List<Condition> conditions, List<Write> writes, Registered base) throws StoreException {
        if (writes.isEmpty()) {
            return;
        }
        try {
            var outcome = at.store().commit(Transaction.of(conditions, writes));
            if (!outcome.committed()) {
                at.doubt().accept(base);
                throw new StoreException("this machine's key or its endpoints are not as they were a moment ago");
            }
        } catch (StoreException e) {
            if (e.outcomeUnknown()) {
                at.doubt().accept(base);
            }
            throw e;
        }
    }

    private void settle(
            List<EndpointName> batch, ImmutableSortedMap<EndpointName, Endpoint> wanted,
            ImmutableSortedMap<EndpointName, Endpoint> later) {
        for (var name : batch) {
            uncertain.remove(name);
            var before = Optional.ofNullable(published.remove(name));
            var endpoint = Optional.ofNullable(wanted.get(name)).filter(_ -> !later.containsKey(name));
            endpoint.ifPresent(now -> published.put(name, now));
            if (endpoint.isPresent() && before.filter(endpoint.get()::isSame).isEmpty()) {
                LOG.info("announced service={} unit={} port={} epoch={}",
                        name.service(), name.unit(), endpoint.get().port(), endpoint.get().epoch());
            } else if (endpoint.isEmpty() && before.isPresent()) {
                LOG.info("withdrawn service={} unit={}", name.service(), name.unit());
            }
        }
    }
}
