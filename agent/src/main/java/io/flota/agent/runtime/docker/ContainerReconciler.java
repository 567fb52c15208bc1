package io.flota.agent.runtime.docker;

import com.google.common.collect.ImmutableListMultimap;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSortedMap;
import io.flota.agent.runtime.docker.ContainerUnit.Reading.Readable;
import io.flota.agent.runtime.process.UnitKey;
import io.flota.agent.runtime.setting.CgroupLimits;
import io.flota.loop.Loop;
import io.flota.loop.Reconciler;
import io.flota.loop.World;
import io.flota.unit.UnitName;
import io.flota.unit.UnitProperties;
import io.flota.unit.UnitState;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Brings containers to what their units' services ask for. Looks when somebody asks, when Docker tells of something,
/// and when the machine's runtime does; asks Docker only for what may have changed. On a machine without containers'
/// units it asks nothing of Docker.
final class ContainerReconciler implements Reconciler, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ContainerReconciler.class);
    /// For the case that an event was lost.
    private static final Duration RESYNC = Duration.ofSeconds(60);
    private static final Duration ANSWERED = Duration.ofSeconds(1);

    /// What the machine's runtime says of units.
    interface Services {
        /// Whether each unit that it knows is up, or on its way; empty if it cannot tell just now.
        Optional<ImmutableSortedMap<UnitName, Boolean>> up();

        /// What operators have set, by unit; empty if it cannot tell just now.
        Optional<ImmutableSortedMap<UnitName, UnitProperties>> properties();

        /// A unit that had to leave is not known to it any more.
        void left(UnitName unit);
    }

    private final Engine engine;
    private final Asks asks;
    private final ContainerHands hands;
    private final Services services;
    private final ImmutableMap<String, String> labels;
    private final InstantSource clock;
    private final Runnable changed;
    private final Loop loop;

    private final Object lock = new Object();
    private final TreeMap<UnitName, ContainerCell> cells = new TreeMap<>();
    private final Sightings sightings;
    private Optional<EventStream> events = Optional.empty();
    private Optional<String> away = Optional.empty();
    private ImmutableSortedMap<UnitName, Known> told = ImmutableSortedMap.of();
    private volatile boolean closing;

    /// @param root where services ask
    /// @param changed is called when what is known of a unit is another
    ContainerReconciler(
            Engine engine, Path root, ContainerHands.Machine machine, Services services, InstantSource clock,
            Runnable changed)
            throws IOException {
        this.engine = engine;
        this.services = services;
        this.clock = clock;
        this.changed = changed;
        this.labels = ContainerLabels.of(machine.cluster(), machine.id());
        this.sightings = new Sightings(engine.containers(), labels, clock);
        this.hands = new ContainerHands(engine, machine, clock);
        this.loop = new Loop(World.REAL, "containers", this);
        this.asks = new Asks(root, loop::signal);
    }

    void start() {
        loop.start();
    }

    void signal() {
        loop.signal();
    }

    // What is loaded

    /// @param fresh whether its image is to be had now, ahead of its start
    void load(ContainerUnit unit, boolean fresh) {
        synchronized (lock) {
            var cell = cells.computeIfAbsent(unit.name(), _ -> new ContainerCell());
            cell.unit = Optional.of(unit);
            cell.leaves = false;
            cell.since = clock.instant();
            cell.pull = new Object();
            if (fresh && cell.readable().isPresent()) {
                cell.image = new ImageSight.Wanted();
            }
        }
        loop.signal();
    }

    /// Goes once the machine's runtime has forgotten it.
    void leave(UnitName unit) {
        withCell(unit, cell -> cell.leaves = true);
    }

    /// It is a container no more.
    void forget(UnitName unit) {
        withCell(unit, cell -> cell.unit = Optional.empty());
    }

    void started(UnitName unit, long generation) {
        withCell(unit, cell -> cell.generation = generation);
    }

    /// What operators have set of units that cannot be read.
    ImmutableSortedMap<UnitName, UnitProperties> properties() {
        synchronized (lock) {
            var properties = ImmutableSortedMap.<UnitName, UnitProperties>naturalOrder();
            cells.forEach((unit, cell) -> {
                if (cell.unit.isPresent() && cell.readable().isEmpty()) {
                    properties.put(unit, cell.properties);
                }
            });
            return properties.build();
        }
    }

    void setProperties(UnitName unit, UnitProperties properties) {
        withCell(unit, cell -> cell.properties = properties);
    }

    private void withCell(UnitName unit, Consumer<ContainerCell> change) {
        boolean known;
        synchronized (lock) {
            var cell = Optional.ofNullable(cells.get(unit));
            cell.ifPresent(change);
            known = cell.isPresent();
        }
        if (known) {
            loop.signal();
        }
    }

    Optional<ContainerUnit> unit(UnitName name) {
        synchronized (lock) {
            return Optional.ofNullable(cells.get(name)).flatMap(cell -> cell.unit);
        }
    }

    /// A unit that is loaded here, with what is known of it.
    ///
    /// @param generation of one that cannot be read
    /// @param container what runs of it
    /// @param note for the operator; may be empty
    record Known(
            ContainerUnit unit, long generation, Instant since, Optional<SeenContainer> container,
            UnitState.Health health, String note) {}

    ImmutableSortedMap<UnitName, Known> known() {
        synchronized (lock) {
            var known = ImmutableSortedMap.<UnitName, Known>naturalOrder();
            var now = clock.instant();
            cells.forEach((name, cell) -> cell.unit.ifPresent(unit -> {
                var container = sightings.running(name);
                known.put(name, new Known(
                        unit, cell.generation, cell.since, container, cell.health(container, now), note(cell)));
            }));
            return known.build();
        }
    }

    private String note(ContainerCell cell) {
        var waits = switch (cell.image) {
            case ImageSight.Coming(String progress) -> "waits for its image: " + progress;
            case ImageSight.Missing(String because, Instant again) when !again.equals(Instant.MAX) ->
                "waits for its image, which is tried again: " + because;
            case ImageSight.Missing(String because, _) -> because;
            case ImageSight.Wanted _, ImageSight.Here _, ImageSight.Used _ -> "";
        };
        return waits.isEmpty() ? away.filter(_ -> cell.readable().isPresent()).orElse(cell.note) : waits;
    }

    /// All of a unit, whatever became of them, in the order in which they began.
    List<SeenContainer> containers(UnitName unit) {
        return sightings.of(unit).stream()
                .sorted(Comparator.comparing(container -> container.started().orElse(Instant.MAX)))
                .toList();
    }

    /// Waits until something has become of some container; not for long, as not all is told.
    void awaitChange() throws InterruptedException {
        sightings.awaitChange(ANSWERED);
    }

    // The loop

    @Override
    public Duration reconcile() throws EngineException, IOException, InterruptedException {
        var open = asks.open();
        if (!isNeeded(open)) {
            return RESYNC;
        }
        var up = services.up();
        forgetLeft(up);
        try {
            look();
            var rest = actAll(open, up, services.properties());
            refuseStrangers(open);
            return asks.isHolding() && ANSWERED.compareTo(rest) < 0 ? ANSWERED : rest;
        } finally {
            tell();
        }
    }

    /// Only of what differs: whoever hears of it looks at all units.
    private void tell() {
        var known = known();
        if (!known.equals(told)) {
            told = known;
            changed.run();
        }
    }

    private Duration actAll(
            ImmutableListMultimap<String, Ask> open, Optional<ImmutableSortedMap<UnitName, Boolean>> up,
            Optional<ImmutableSortedMap<UnitName, UnitProperties>> properties)
            throws IOException {
        var rest = RESYNC;
        synchronized (lock) {
            for (var unit : units()) {
                var cell = cells.computeIfAbsent(unit, _ -> new ContainerCell());
                boolean isUp = up.map(states -> states.getOrDefault(unit, false)).orElse(true);
                var limits = properties.map(all -> all.getOrDefault(unit, UnitProperties.NONE));
                var due = act(unit, cell, isUp, open.get(UnitKey.of(unit)), limits);
                rest = due.filter(sooner(rest)).orElse(rest);
            }
            cells.values().removeIf(cell -> cell.unit.isEmpty() && cell.underway.isEmpty());
        }
        return rest;
    }

    private static Predicate<Duration> sooner(Duration rest) {
        return due -> due.compareTo(rest) < 0;
    }

    private void forgetLeft(Optional<ImmutableSortedMap<UnitName, Boolean>> up) {
        synchronized (lock) {
            for (var entry : List.copyOf(cells.entrySet())) {
                var cell = entry.getValue();
                boolean left = cell.leaves && up.filter(states -> !states.containsKey(entry.getKey())).isPresent();
                if (left) {
                    services.left(entry.getKey());
                    cell.unit = Optional.empty();
                    cell.leaves = false;
                }
            }
        }
    }

    /// A machine that never had a container's unit need not have Docker. If it has, there may be containers that an
    /// earlier agent left, of units of which nothing else is known any more.
    private boolean isNeeded(ImmutableListMultimap<String, Ask> open) {
        synchronized (lock) {
            boolean mayHaveStrays = !sightings.isComplete() && engine.isThere();
            return !open.isEmpty() || !cells.isEmpty() || !sightings.isEmpty() || mayHaveStrays;
        }
    }

    private Set<UnitName> units() {
        var units = new TreeSet<>(cells.keySet());
        units.addAll(sightings.units());
        return units;
    }

    private void look() throws EngineException, InterruptedException {
        if (events.isEmpty()) {
            events = Optional.of(engine.events(labels, new Listener()));
        }
        try {
            sightings.look();
            reached(Optional.empty());
        } catch (EngineException e) {
            reached(Optional.of(e.getMessage()));
            throw e;
        }
    }

    private void reached(Optional<String> outage) {
        synchronized (lock) {
            away = outage;
        }
    }

    /// Does what is due for one unit; questions are answered at once, all else goes on beside.
    ///
    /// @return how soon to look again though nothing happens
    private Optional<Duration> act(
            UnitName unit, ContainerCell cell, boolean up, List<Ask> asked, Optional<UnitProperties> properties)
            throws IOException {
        var now = clock.instant();
        var ails = cell.sees(sightings.running(unit), now);
        if (cell.rests.isAfter(now)) {
            return Optional.of(Duration.between(now, cell.rests));
        }
        var waiting = new ArrayList<>(asked);
        while (true) {
            var sight = cell.sight(up, waiting, sightings.of(unit), properties, now);
            var step = ContainerSteps.next(sight);
            if (step.isPresent() && step.get() instanceof ContainerStep.Answer(Ask ask, int status, String words)) {
                answer(unit, cell, ask, status, words);
                waiting.remove(ask);
                continue;
            }
            step.ifPresent(next -> begin(unit, cell, next, sight));
            var pulls = cell.image instanceof ImageSight.Missing(_, var again) && again.isAfter(now)
                    && !again.equals(Instant.MAX)
                    ? Optional.of(again)
                    : Optional.<Instant>empty();
            return Stream.of(ails, pulls)
                    .flatMap(Optional::stream)
                    .min(Instant::compareTo)
                    .map(due -> Duration.between(now, due));
        }
    }

    private void answer(UnitName unit, ContainerCell cell, Ask ask, int status, String words) throws IOException {
        LOG.debug("answers unit={} question={} status={} words={}", unit, ask.verb().word(), status, words);
        if (ask.verb() == Ask.Verb.IMAGE) {
            cell.image = new ImageSight.Used();
        }
        if (ask.verb() == Ask.Verb.RUN) {
            cell.ended(ask.run(), status);
        }
        if (!words.isEmpty()) {
            cell.note = words;
        }
        asks.answer(ask, status, words);
    }

    private void begin(UnitName unit, ContainerCell cell, ContainerStep step, ContainerSight sight) {
        var readable = cell.readable();
        if (step instanceof ContainerStep.Provide) {
            readable.ifPresent(found -> provide(unit, cell, found));
            return;
        }
        cell.underway = Optional.of(step);
        if (step instanceof ContainerStep.Stop(String id)) {
            cell.stops(id);
        }
        var limits = sight.limits().or(() -> readable.map(found -> found.settings().limits()));
        var work = new ContainerHands.Work(
                unit, cell.unit, readable.map(Readable::settings), limits.orElse(CgroupLimits.NONE), step);
        beside("container of " + unit, () -> ended(cell, work, hands.does(work)));
    }

    /// What Docker's client says while it is being closed is no bug.
    private void beside(String name, Runnable work) {
        Thread.ofVirtual().name(name).start(() -> {
            try {
                work.run();
            } catch (RuntimeException e) {
                if (!closing) {
                    throw e;
                }
            }
        });
    }

    private void ended(ContainerCell cell, ContainerHands.Work work, ContainerHands.Outcome outcome) {
        synchronized (lock) {
            cell.underway = Optional.empty();
            switch (outcome) {
                case ContainerHands.Outcome.Done(var container) ->
                    container.ifPresent(found -> done(cell, work, found));
                case ContainerHands.Outcome.Gone(String id) -> sightings.gone(id);
                case ContainerHands.Outcome.Refused(String because, boolean noImage) -> {
                    refused(cell, work, because);
                    if (noImage) {
                        cell.image = new ImageSight.Used();
                    }
                }
                case ContainerHands.Outcome.Away(String because) -> {
                    cell.note = because;
                    cell.rests = clock.instant().plus(ANSWERED);
                    if (work.step() instanceof ContainerStep.Stop(String id)) {
                        cell.stopsAnew(id);
                    }
                    sightings.lost(); // it may have been done
                }
            }
        }
        loop.signal();
    }

    private void done(ContainerCell cell, ContainerHands.Work work, SeenContainer container) {
        sightings.saw(container);
        boolean limits = work.step() instanceof ContainerStep.Create || work.step() instanceof ContainerStep.Limit;
        if (limits) {
            cell.limited(container.id(), work.limits());
            cell.note = "";
        }
    }

    private void refused(ContainerCell cell, ContainerHands.Work work, String because) {
        LOG.warn("docker refuses unit={} because={}", work.unit(), because);
        switch (work.step()) {
            case ContainerStep.Create(String run) -> cell.failed(run, because);
            case ContainerStep.Start(String id) -> sightings.get(id)
                    .flatMap(SeenContainer::labels)
                    .ifPresent(own -> cell.failed(own.run(), because));
            case ContainerStep.Limit(String id, var limits) -> {
                cell.limited(id, limits); // until it is set anew
                cell.note = because;
            }
            default -> {
                cell.note = because;
                cell.rests = clock.instant().plus(ANSWERED);
                sightings.lost();
            }
        }
    }

    private void provide(UnitName unit, ContainerCell cell, Readable readable) {
        var pull = new Object();
        cell.pull = pull;
        cell.image = new ImageSight.Coming(readable.settings().image().toString());
        beside("image of " + unit, () -> {
            var sight = hands.provides(readable.settings(), progress -> pulled(cell, pull, new ImageSight.Coming(progress)));
            pulled(cell, pull, sight);
        });
    }

    /// What a pull of an earlier file, or one that has ended, still tells is left out.
    private void pulled(ContainerCell cell, Object pull, ImageSight sight) {
        synchronized (lock) {
            if (cell.pull != pull) {
                return;
            }
            switch (sight) {
                case ImageSight.Missing(String because, var again) when !again.equals(Instant.MAX) ->
                    cell.missing(because, clock.instant());
                case ImageSight.Here _ -> cell.provided(clock.instant());
                default -> cell.image = sight;
            }
            if (!(sight instanceof ImageSight.Coming)) {
                cell.pull = new Object();
            }
        }
        loop.signal();
    }

    /// Questions of services that are not loaded here. Whose container runs is not told to end.
    private void refuseStrangers(ImmutableListMultimap<String, Ask> open) throws IOException {
        Set<String> known = new HashSet<>();
        synchronized (lock) {
            units().forEach(unit -> known.add(UnitKey.of(unit)));
        }
        for (var ask : open.values()) {
            if (!known.contains(ask.key())) {
                boolean ends = ask.verb() == Ask.Verb.CLEAR || ask.verb() == Ask.Verb.STOP;
                asks.answer(ask, ends ? 0 : ContainerSteps.NOT_RUN, "the unit is not loaded here");
            }
        }
    }

    private final class Listener implements EventStream.Listener {
        @Override
        public void connected() {
            sightings.lost();
            loop.signal();
        }

        @Override
        public void happened(ContainerEvent event) {
            sightings.heard(event.id());
            loop.signal();
        }

        @Override
        public void lost(EngineException because) {
            reached(Optional.of(because.getMessage()));
            connected(); // as soon as Docker answers again: until then each look fails and is repeated
        }
    }

    @Override
    public void close() {
        closing = true;
        loop.close();
        events.ifPresent(EventStream::close);
        try {
            asks.close();
        } catch (IOException e) {
            LOG.warn("answers to containers' services may be lost; they ask the next agent because={}", e.toString());
        }
    }
}
