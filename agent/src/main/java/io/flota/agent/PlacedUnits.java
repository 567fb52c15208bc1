package io.flota.agent;

import static com.google.common.collect.ImmutableList.toImmutableList;
import static com.google.common.collect.ImmutableSortedMap.toImmutableSortedMap;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import com.google.common.collect.ImmutableSortedMap;
import com.google.common.collect.ImmutableSortedSet;
import com.google.common.collect.Maps;
import com.google.common.collect.Sets;
import io.flota.agent.announce.Withdrawals;
import io.flota.agent.report.Troubles;
import io.flota.agent.runtime.RuntimeUnavailableException;
import io.flota.agent.runtime.UnitRuntime;
import io.flota.agent.runtime.UnitRuntime.UnitToLoad;
import io.flota.agent.runtime.UnitRuntime.UnitToStart;
import io.flota.agent.steps.Admission;
import io.flota.agent.steps.Admission.Granted;
import io.flota.agent.steps.Admission.Withheld;
import io.flota.agent.steps.Guard;
import io.flota.agent.steps.Placed;
import io.flota.agent.steps.Report;
import io.flota.agent.steps.Situation;
import io.flota.agent.steps.Step;
import io.flota.agent.steps.Step.Drain;
import io.flota.agent.steps.Step.Load;
import io.flota.agent.steps.Step.SetProperties;
import io.flota.agent.steps.Step.Start;
import io.flota.agent.steps.Step.Stop;
import io.flota.agent.steps.Step.Unload;
import io.flota.agent.steps.Steps;
import io.flota.loop.Reconciler;
import io.flota.loop.World;
import io.flota.store.StoreException;
import io.flota.unit.Placement;
import io.flota.unit.UnitName;
import io.flota.unit.UnitState;
import java.time.Duration;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Brings the machine's units to what is placed here, and reports them. Once told to leave, stops them all instead.
final class PlacedUnits implements Reconciler {
    private static final Logger LOG = LoggerFactory.getLogger(PlacedUnits.class);
    /// All that matters comes with a signal; this only bounds the cost of a lost one.
    private static final Duration REST = Duration.ofSeconds(30);
    /// How soon a file that was missing is looked for again: nothing tells of its coming.
    private static final Duration RETRY = Duration.ofSeconds(2);

    private final Supplier<Optional<Placed>> placed;
    private final Terms terms;
    private final Withdrawals withdrawals;
    private final UnitRuntime runtime;
    private final PlacedFiles files;
    private final Strays strays;
    private final Consumer<ImmutableSortedMap<UnitName, UnitState>> report;
    private final Troubles troubles = new Troubles();
    private Consumer<Step> stepListener = _ -> {};
    private final Semaphore left = new Semaphore(0);
    private volatile boolean leaving;
    private volatile Duration drainedBy = Duration.ZERO;
    private volatile boolean withholding;
    private volatile ImmutableSortedSet<UnitName> staying = ImmutableSortedSet.of();

    private boolean toldAllToStop;
    private final TreeSet<String> stopped = new TreeSet<>();
    /// The steps of the last pass: doing them again is not said again.
    private ImmutableSet<Step> said = ImmutableSet.of();

    PlacedUnits(
            Supplier<Optional<Placed>> placed,
            UnitRuntime runtime,
            PlacedFiles files,
            Terms terms,
            Withdrawals withdrawals,
            Consumer<ImmutableSortedMap<UnitName, UnitState>> report) {
        this.placed = placed;
        this.runtime = runtime;
        this.files = files;
        this.strays = new Strays(files);
        this.terms = terms;
        this.withdrawals = withdrawals;
        this.report = report;
    }

    /// Calls the listener with each step before it is taken; it must not block.
    void onStep(Consumer<Step> listener) {
        stepListener = listener;
    }

    /// Whether a unit is wanted that may not be started at present.
    boolean isWithholding() {
        return withholding;
    }

    /// From the next pass on all units are stopped, whatever is placed here. There is no way back.
    ///
    /// @param longestDrain for how long they may be drained before that
    void leave(Duration longestDrain) {
        drainedBy = withdrawals.now().plus(longestDrain);
        leaving = true;
    }

    /// Waits until all units are down after [#leave].
    ///
    /// @return what is not down when the time is over, as far as is known; empty if all are
    Optional<ImmutableSortedSet<UnitName>> awaitLeft(World world, Duration limit) throws InterruptedException {
        boolean all = world.acquire(left, limit);
        return all ? Optional.empty() : Optional.of(staying);
    }

    @Override
    public Duration reconcile() throws RuntimeUnavailableException, StoreException {
        var known = placed.get();
        if (leaving) {
            return handOver(known.map(Placed::placements));
        }
        if (known.isEmpty()) {
            return REST;
        }
        var situation = situation(known.get().placements());
        var unplaced = situation.unplaced();
        var fetched = files.fetch(wanted(situation, unplaced));
        situation = situation.withUnreadable(fetched.unreadable()).withStrays(strays.of(unplaced, fetched));
        var admissions = admissions(situation, known.get());
        situation = situation.withWithheld(withheld(admissions));
        withholding = !situation.withheld().isEmpty();
        troubles.see(situation.observed());
        report.accept(Report.of(situation));
        var steps = Steps.between(situation);
        withdrawals.decided(steps, situation.observed());
        boolean toldToLeave = act(steps, situation, granted(admissions));
        files.keepOnly(hashes(situation));
        if (fetched.outage().isPresent()) {
            throw fetched.outage().get();
        }
        if (toldToLeave) {
            return Duration.ZERO; // who was down before does not change by that, and is yet to be reported as gone
        }
        return untilDrained(withdrawals.next(), fetched.unreadable().isEmpty() ? REST : RETRY);
    }

    /// The runtime is asked after the placements were read, and after all stops of earlier passes were accepted.
    private Situation situation(ImmutableSortedMap<UnitName, Placement> placements) throws RuntimeUnavailableException {
        stopped.retainAll(placements.values().stream().map(Placement::id).toList());
        var observed = runtime.observe();
        return new Situation(
                placements, observed, runtime.properties(), ImmutableSet.copyOf(stopped), ImmutableSortedMap.of(),
                ImmutableSortedMap.of(), withdrawals.undrained(observed),
                terms.restarts().open(), ImmutableSortedMap.of());
    }

    private static Duration untilDrained(Optional<Duration> drained, Duration rest) {
        return drained.filter(next -> next.compareTo(rest) < 0).orElse(rest);
    }

    /// Hashes of files by unit, all together: in an outage the first that is asked for is waited for, and no other.
    private static ImmutableSortedMap<UnitName, String> wanted(
            Situation situation, ImmutableSortedMap<UnitName, UnitState> unplaced) {
        return ImmutableSortedMap.<UnitName, String>naturalOrder()
                .putAll(Maps.transformValues(situation.toRead(), Placement::fileHash))
                .putAll(Maps.transformValues(unplaced, UnitState::fileHash))
                .build();
    }

    private static ImmutableSet<String> hashes(Situation situation) {
        return Stream.concat(
                        situation.placements().values().stream().map(Placement::fileHash),
                        situation.observed().values().stream().map(UnitState::fileHash))
                .collect(ImmutableSet.toImmutableSet());
    }

    /// Of all units that are to be started.
    private ImmutableSortedMap<UnitName, Admission> admissions(Situation situation, Placed known) {
        var admissions = ImmutableSortedMap.<UnitName, Admission>naturalOrder();
        situation.toAdmit().forEach((unit, placement) ->
                admissions.put(unit, terms.of(unit, files.get(placement.fileHash()), known)));
        return admissions.build();
    }

    private static ImmutableSortedMap<UnitName, String> withheld(ImmutableSortedMap<UnitName, Admission> admissions) {
        var withheld = ImmutableSortedMap.<UnitName, String>naturalOrder();
        admissions.forEach((unit, admission) -> {
            if (admission instanceof Withheld(String because)) {
                withheld.put(unit, because);
            }
        });
        return withheld.build();
    }

    private static ImmutableSortedMap<UnitName, Granted> granted(ImmutableSortedMap<UnitName, Admission> admissions) {
        var granted = ImmutableSortedMap.<UnitName, Granted>naturalOrder();
        admissions.forEach((unit, admission) -> {
            if (admission instanceof Granted terms) {
                granted.put(unit, terms);
            }
        });
        return granted.build();
    }

    private Duration handOver(Optional<ImmutableSortedMap<UnitName, Placement>> placements)
            throws RuntimeUnavailableException {
        var situation = situation(placements.orElse(ImmutableSortedMap.of()));
        if (placements.isPresent()) {
            report.accept(Report.of(situation));
        }
        if (!toldAllToStop) {
            toldAllToStop = situation.undrained().isEmpty() || withdrawals.now().compareTo(drainedBy) >= 0;
            // All are told to stop together: one whose drain is over does not come back meanwhile.
            var drained = Sets.union(situation.undrained(), withdrawals.withdrawn());
            var steps = toldAllToStop ? Steps.leaving(situation.observed()) : Steps.draining(drained);
            withdrawals.decided(steps, situation.observed());
            var _ = act(steps, situation, ImmutableSortedMap.of());
            return toldAllToStop ? Duration.ZERO : untilDrained(withdrawals.last(), RETRY);
        }
        staying = Steps.staying(situation.observed());
        if (staying.isEmpty()) {
            left.release();
        }
        return REST;
    }

    /// @return whether units were told for the first time to leave
    private boolean act(
            ImmutableList<Step> steps, Situation situation, ImmutableSortedMap<UnitName, Granted> granted)
            throws RuntimeUnavailableException {
        steps.stream().filter(step -> !said.contains(step)).forEach(PlacedUnits::say);
        said = ImmutableSet.copyOf(steps);
        steps.forEach(stepListener);
        var stops = of(Stop.class, steps);
        boolean toldToLeave = stop(stops, situation);
        stops.forEach(stop -> restarts(stop.unit(), situation));
        var unloads = of(Unload.class, steps);
        if (!unloads.isEmpty()) {
            runtime.unload(unloads.stream().map(Unload::unit).collect(toImmutableList()));
        }
        var loads = of(Load.class, steps);
        if (!loads.isEmpty()) {
            runtime.load(loads.stream()
                    .map(load -> new UnitToLoad(
                            load.unit(), files.get(load.fileHash()), situation.placements().get(load.unit()).id()))
                    .collect(toImmutableList()));
        }
        var properties = of(SetProperties.class, steps);
        if (!properties.isEmpty()) {
            runtime.setProperties(properties.stream()
                    .collect(toImmutableSortedMap(
                            UnitName::compareTo, SetProperties::unit, SetProperties::properties)));
        }
        var starts = of(Start.class, steps);
        start(starts, granted);
        starts.forEach(start -> restarts(start.unit(), situation));
        return toldToLeave;
    }

    /// Whatever it was stopped or started for.
    private void restarts(UnitName unit, Situation situation) {
        Optional.ofNullable(situation.restarts().get(unit)).ifPresent(wish -> terms.restarts().met(unit, wish));
    }

    /// @return whether any is told for the first time to leave
    private boolean stop(ImmutableList<Stop> stops, Situation situation) throws RuntimeUnavailableException {
        var leaving = units(stops, stop -> situation.leaves(stop.unit()));
        boolean first = false;
        if (!leaving.isEmpty()) {
            runtime.release(leaving);
            first = stopped.addAll(leaving.stream()
                    .map(unit -> situation.placements().get(unit).id())
                    .toList());
        }
        var others = units(stops, stop -> !situation.leaves(stop.unit()));
        if (!others.isEmpty()) {
            runtime.stop(others);
        }
        return first;
    }

    private static ImmutableList<UnitName> units(ImmutableList<Stop> stops, Predicate<Stop> which) {
        return stops.stream().filter(which).map(Stop::unit).collect(toImmutableList());
    }

    private void start(ImmutableList<Start> starts, ImmutableSortedMap<UnitName, Granted> granted)
            throws RuntimeUnavailableException {
        if (starts.isEmpty()) {
            return;
        }
        var guards = starts.stream()
                .flatMap(start -> granted.get(start.unit()).guard().stream())
                .collect(toImmutableList());
        var unguarded = guard(guards);
        runtime.start(starts.stream()
                .filter(start -> unguarded.isEmpty() || granted.get(start.unit()).guard().isEmpty())
                .map(start -> new UnitToStart(
                        start.unit(), start.generation(), granted.get(start.unit()).epochBase()))
                .collect(toImmutableList()));
        if (unguarded.isPresent()) {
            throw unguarded.get();
        }
    }

    /// @return why they do not stand; that holds up no unit that needs none
    private Optional<RuntimeUnavailableException> guard(ImmutableList<Guard> guards) {
        try {
            if (!guards.isEmpty()) {
                runtime.guard(guards);
            }
            return Optional.empty();
        } catch (RuntimeUnavailableException e) {
            return Optional.of(e);
        }
    }

    private static <S extends Step> ImmutableList<S> of(Class<S> kind, ImmutableList<Step> steps) {
        return steps.stream().filter(kind::isInstance).map(kind::cast).collect(toImmutableList());
    }

    private static void say(Step step) {
        switch (step) {
            case Drain(var unit, var because) -> LOG.info("draining unit={} because={}", unit, because);
            case Stop(var unit, var because) -> LOG.info("stopping unit={} because={}", unit, because);
            case Unload(var unit, var because) -> LOG.info("unloading unit={} because={}", unit, because);
            case Load(var unit, var file, var because) ->
                LOG.info("loading unit={} file={} because={}", unit, file, because);
            case SetProperties(var unit, var properties, var because) ->
                LOG.info("setting properties unit={} properties=\"{}\" because={}", unit, properties, because);
            case Start(var unit, var generation, var because) ->
                LOG.info("starting unit={} generation={} because={}", unit, generation, because);
        }
    }
}
