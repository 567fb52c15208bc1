package io.flota.scheduler.valve;

import com.google.common.base.Ticker;
import com.google.common.collect.ImmutableSortedSet;
import com.google.common.collect.Iterables;
import com.google.common.collect.Maps;
import com.google.common.collect.Sets;
import io.flota.loop.World;
import io.flota.machine.Machine;
import io.flota.machine.MachineId;
import io.flota.registry.Fact.ValveFact;
import io.flota.registry.Happening.Kind;
import io.flota.registry.Registry;
import io.flota.registry.Valve;
import io.flota.registry.ValveChange;
import io.flota.scheduler.cluster.Cluster;
import io.flota.scheduler.cluster.Losses;
import io.flota.scheduler.placement.Decision.Move;
import io.flota.scheduler.placement.Planner;
import io.flota.scheduler.valve.Verdict.Sight;
import io.flota.store.LeaseLife;
import io.flota.store.StoreException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Watches for machines that vanish together, and says whether units of lost machines may be moved.
///
/// The leases of machines that a partition cuts off end one after the other, those that live longer last. So that
/// the first is not acted upon before the others have followed, the store is asked how long the leases of machines
/// that still seem to be there have to live: who may not have renewed its lease since the first was cut off is counted
/// as vanishing until it does.
public final class SafetyValve {
    private static final Logger log = LoggerFactory.getLogger(SafetyValve.class);
    /// How soon machines that were late are asked for again.
    static final Duration AGAIN = Duration.ofMillis(250);

    /// How many leases are asked for at once.
    private static final int AT_ONCE = 50;

    /// @param holds whether no unit of a lost machine may be moved
    /// @param again when to ask anew, if nothing happens until then
    /// @param tookTime whether the store was asked or written to: then nothing is to be done before the cluster has been
    ///     looked at anew
    public record Answer(boolean holds, Optional<Duration> again, boolean tookTime) {
        static final Answer MOVE = new Answer(false, Optional.empty(), false);
        static final Answer HOLD = new Answer(true, Optional.empty(), false);
        static final Answer LOOK_ANEW = new Answer(true, Optional.of(Duration.ZERO), true);
        static final Answer REFUSED = new Answer(true, Optional.of(AGAIN), true);

        /// Nothing is moved for so long, whatever vanished.
        public static Answer until(Duration again) {
            return new Answer(true, Optional.of(again), false);
        }
    }

    private final Registry registry;
    private final Share share;
    private final Duration settle;
    private final Ticker ticker;
    private final InstantSource clock;
    private final Vanished vanished = new Vanished();
    private final TreeSet<MachineId> cleared = new TreeSet<>();
    /// When a machine is known to have been there: it renewed its lease then, or later.
    private final TreeMap<MachineId, Long> renewedNanos = new TreeMap<>();
    private boolean begun;
    /// When machines were found to be late.
    private OptionalLong lateNanos = OptionalLong.empty();
    private OptionalLong enoughSinceNanos = OptionalLong.empty();
    private ImmutableSortedSet<MachineId> saidLate = ImmutableSortedSet.of();
    private Optional<Valve> said = Optional.empty();

    /// What is to become of the valve.
    ///
    /// @param kind of the event that tells it; empty: none does
    /// @param reason in words
    public record Change(ValveChange change, Optional<Kind> kind, String reason) {}

    /// Writes a change together with its event.
    @FunctionalInterface
    public interface Writer {
        /// @return whether it is written; if not, somebody else leads, or the valve is not as it was
        boolean write(Change change) throws StoreException;
    }

    /// @param settle how long machines get to follow the first ones that are back
    public SafetyValve(Registry registry, Share share, Duration settle, World world) {
        this.registry = registry;
        this.share = share;
        this.settle = settle;
        this.ticker = world.ticker();
        this.clock = world.clock();
    }

    /// Takes note of who is there. To be told of every view, whoever leads: who saw a machine vanish long ago does not
    /// take it for lost just now.
    public void look(Cluster cluster) {
        long now = ticker.read();
        if (!begun) {
            begun = true;
            vanished.begin(losing(cluster), now);
        }
        vanished.look(Maps.transformValues(cluster.machines(), Machine::lease), cluster::hasLeft, now);
        cleared.retainAll(vanished.lately());
        renewedNanos.keySet().retainAll(cluster.machines().keySet());
        tell(cluster.valve().map(ValveFact::valve));
    }

    /// What the leader is to do about lost machines. Writes the valve if it has to close or open.
    public Answer ask(Cluster cluster, Writer writer) throws StoreException {
        var sight = new Sight(
                cluster.machines().keySet(), vanished.lately(), cluster.missed(), cleared, cluster::hasLeft);
        var verdict = Verdict.of(cluster.valve(), sight, share, clock.instant());
        if (!(verdict instanceof Verdict.Open)) {
            enoughSinceNanos = OptionalLong.empty();
        }
        return carryOut(verdict, cluster, writer);
    }

    private Answer carryOut(Verdict verdict, Cluster cluster, Writer writer) throws StoreException {
        return switch (verdict) {
            case Verdict.Move() -> Answer.MOVE;
            case Verdict.Hold() -> Answer.HOLD;
            case Verdict.Ask(var lost) -> await(lost, cluster);
            case Verdict.Close(var valve) ->
                write(writer, cluster, Optional.of(valve), Optional.of(Kind.VALVE_CLOSED), words(valve));
            case Verdict.Open(_, boolean all) -> open(writer, cluster, all);
            case Verdict.Forget _ ->
                write(writer, cluster, Optional.empty(), Optional.of(Kind.VALVE_OPENED),
                        "those that were away are back, or lost");
            case Verdict.Narrow(var valve) ->
                write(writer, cluster, Optional.of(valve), Optional.empty(), "others that were away are back, or lost");
        };
    }

    /// Takes those out of a release that are back, so that they count should they vanish again. That waits for nothing:
    /// that a machine is there is certain, also where it is not yet certain which ones are lost.
    ///
    /// @return empty if there are none
    public Optional<Answer> seeReturned(Cluster cluster, Writer writer) throws StoreException {
        var verdict = cluster.valve().flatMap(valve -> Verdict.ofReturned(valve, cluster.machines().keySet()));
        return verdict.isPresent() ? Optional.of(carryOut(verdict.get(), cluster, writer)) : Optional.empty();
    }

    /// Goes through the machines that seem to be there until it is known whether those that are late are too many
    /// together with the lost.
    private Answer await(ImmutableSortedSet<MachineId> lost, Cluster cluster) throws StoreException {
        long now = ticker.read();
        var rest = AGAIN.minusNanos(now - lateNanos.orElse(now - AGAIN.toNanos()));
        if (rest.isPositive()) {
            return Answer.until(rest);
        }
        int machines = cluster.machines().size() + lost.size();
        long since = vanished.silentSinceNanos(Sets.difference(lost, cleared));
        var doubtful = new TreeSet<>(cluster.machines().keySet());
        doubtful.removeIf(machine -> isRenewed(machine, since));
        var leases = Maps.filterKeys(registry.machineLeases(), doubtful::contains);
        for (var some : Iterables.partition(List.copyOf(leases.entrySet()), AT_ONCE)) {
            if (!share.isExceededBy(lost.size() + doubtful.size(), machines)) {
                break; // however many of the others are late
            }
            askFor(some);
            doubtful.removeIf(machine -> isRenewed(machine, since));
        }
        if (share.isExceededBy(lost.size() + doubtful.size(), machines)) {
            lateNanos = OptionalLong.of(ticker.read());
            tellLate(lost, ImmutableSortedSet.copyOf(doubtful));
        } else {
            lateNanos = OptionalLong.empty();
            cleared.addAll(lost);
            saidLate = ImmutableSortedSet.of();
        }
        return Answer.LOOK_ANEW;
    }

    private void askFor(List<Map.Entry<MachineId, Long>> leases) throws StoreException {
        long asked = ticker.read();
        var lives = registry.lives(leases.stream().map(Map.Entry::getValue).filter(lease -> lease != 0).toList());
        for (var lease : leases) {
            var life = Optional.ofNullable(lives.get(lease.getValue()));
            if (life.filter(LeaseLife::isOver).isEmpty()) { // one without a lease cannot vanish
                renewedNanos.put(lease.getKey(), asked - life.map(LeaseLife::age).orElse(Duration.ZERO).toNanos());
            }
        }
    }

    private boolean isRenewed(MachineId machine, long sinceNanos) {
        return renewedNanos.containsKey(machine) && renewedNanos.get(machine) - sinceNanos >= 0;
    }

    private Answer open(Writer writer, Cluster cluster, boolean all) throws StoreException {
        long now = ticker.read();
        long since = enoughSinceNanos.orElse(now);
        enoughSinceNanos = OptionalLong.of(since);
        var left = settle.minusNanos(now - since);
        if (!all && left.isPositive()) {
            return Answer.until(left);
        }
        var because = all ? "all machines are back" : "enough machines are back, and no more followed for " + settle;
        return write(writer, cluster, Optional.empty(), Optional.of(Kind.VALVE_OPENED), because);
    }

    private Answer write(Writer writer, Cluster cluster, Optional<Valve> after, Optional<Kind> kind, String reason)
            throws StoreException {
        if (!writer.write(new Change(new ValveChange(cluster.valve(), after), kind, reason))) {
            return Answer.REFUSED;
        }
        log.info("changed the valve because={}", reason);
        return Answer.LOOK_ANEW;
    }

    private static String words(Valve valve) {
        return valve.lost().size() + " of " + valve.machines() + " machines are away at once: "
                + valve.lost().stream().map(MachineId::shortened).collect(Collectors.joining(", "));
    }

    /// Says how the valve stands, whoever has written it and whether or not they know that they have.
    private void tell(Optional<Valve> valve) {
        if (!valve.equals(said)) {
            said.filter(_ -> valve.isEmpty()).ifPresent(before ->
                    log.warn("the valve is open, units of lost machines are moved closed={}", before.closedSince()));
            valve.ifPresent(SafetyValve::tell);
            said = valve;
        }
    }

    private static void tell(Valve valve) {
        if (valve.released()) {
            log.warn("the valve is released, units of lost machines are moved away={} of={} closed={}",
                    valve.lost(), valve.machines(), valve.closedSince());
        } else {
            log.error("THE VALVE IS CLOSED: no unit of a lost machine is moved until enough are back, or until"
                    + " \"unitctl valve release\" away={} of={} since={}",
                    valve.lost(), valve.machines(), valve.closedSince());
        }
    }

    private void tellLate(ImmutableSortedSet<MachineId> lost, ImmutableSortedSet<MachineId> late) {
        if (!late.equals(saidLate)) {
            log.warn("waits for machines that have not renewed their leases since others may have vanished lost={} late={}", lost, late);
            saidLate = late;
        }
    }

    /// Machines that are away and whose units would be moved if nothing stood against it.
    private static SortedSet<MachineId> losing(Cluster cluster) {
        var seen = cluster.with(new Losses(false, cluster.missed())).withoutValve();
        var losing = new TreeSet<MachineId>();
        for (var decision : Planner.plan(seen).decisions()) {
            if (decision instanceof Move(_, var from, _, _)
                    && !cluster.machines().containsKey(from.placement().machine())) {
                losing.add(from.placement().machine());
            }
        }
        return losing;
    }
}
