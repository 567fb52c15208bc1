package io.flota.agent.runtime.docker;

import com.google.common.collect.ImmutableListMultimap;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSortedMap;
import io.flota.agent.runtime.docker.ContainerUnit.Reading.Readable;
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

        /// What operators have set, by unit.
        ImmutableSortedMap<UnitName, UnitProperties> properties();

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
    private final TreeMap<String, SeenContainer> seen = new TreeMap<>();
    private final Set<String> unseen = new HashSet<>();
    private boolean allUnseen = true;
    private boolean lookedForStrays;
    private Instant listed = Instant.MIN;
    private Optional<EventStream> events = Optional.empty();
    private Optional<String> away = Optional.empty();

    /// @param root where services ask
    /// @param changed is called when what is known of a unit may be another
    ContainerReconciler(
            Engine engine, Path root, ContainerHands.Machine machine, Services services,
            InstantSource clock, Runnable changed)
            throws IOException {
        this.engine = engine;
        this.services = services;
        this.clock = clock;
        this.changed = changed;
        this.labels = ContainerLabels.of(machine.cluster(), machine.id());
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

    private void withCell(UnitName unit, Consumer<ContainerCell> change) {
        synchronized (lock) {
            Optional.ofNullable(cells.get(unit)).ifPresent(change);
        }
        loop.signal();
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
                var container = running(name);
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

    private Optional<SeenContainer> running(UnitName unit) {
        return of(unit).stream().filter(SeenContainer::runs).findFirst();
    }

    private List<SeenContainer> of(UnitName unit) {
        return seen.values().stream()
                .filter(container -> container.labels().filter(own -> own.unit().equals(unit)).isPresent())
                .toList();
    }

    // The loop

    @Override
    public Duration reconcile() throws EngineException, IOException, InterruptedException {
        var open = asks.open();
        if (!isNeeded(open) && !lookForStrays()) {
            return RESYNC;
        }
        var up = services.up();
        forgetLeft(up);
        look();
        var rest = asks.isHolding() ? ANSWERED : RESYNC;
        var properties = services.properties();
        synchronized (lock) {
            for (var unit : units()) {
                var cell = cells.computeIfAbsent(unit, _ -> new ContainerCell());
                boolean isUp = up.map(states -> states.getOrDefault(unit, false)).orElse(true);
                var limits = properties.getOrDefault(unit, UnitProperties.NONE);
                var due = act(unit, cell, isUp, open.get(Ask.key(unit)), limits);
                rest = due.filter(sooner(rest)).orElse(rest);
            }
            cells.values().removeIf(cell -> cell.unit.isEmpty() && cell.underway.isEmpty());
        }
        refuseStrangers(open);
        changed.run(); // somebody may count as failed by now
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

    /// A machine that never had a container's unit need not have Docker.
    private boolean isNeeded(ImmutableListMultimap<String, Ask> open) {
        synchronized (lock) {
            return !open.isEmpty() || !cells.isEmpty() || !seen.isEmpty();
        }
    }

    /// Containers that an earlier agent left, of units of which nothing else is known any more.
    private boolean lookForStrays() {
        boolean looks = !lookedForStrays && engine.isThere();
        lookedForStrays = true;
        return looks;
    }

    private Set<UnitName> units() {
        var units = new TreeSet<>(cells.keySet());
        seen.values().forEach(container -> container.labels().ifPresent(own -> units.add(own.unit())));
        return units;
    }

    /// Sees what may have changed.
    private void look() throws EngineException, InterruptedException {
        if (events.isEmpty()) {
            events = Optional.of(engine.events(labels, new Listener()));
        }
        var due = new TreeSet<String>();
        boolean all;
        synchronized (lock) {
            all = allUnseen || !clock.instant().isBefore(listed.plus(RESYNC));
            due.addAll(unseen);
            unseen.clear();
            allUnseen = false;
        }
        try {
            if (all) {
                listAll();
            } else {
                for (var id : due) {
                    update(id, engine.containers().inspect(id));
                }
            }
            reached(Optional.empty());
        } catch (EngineException | RuntimeException e) {
            synchronized (lock) {
                allUnseen = true;
            }
            reached(Optional.of(String.valueOf(e.getMessage())));
            throw e;
        }
    }

    private void listAll() throws EngineException, InterruptedException {
        var all = engine.containers().list(labels);
        synchronized (lock) {
            seen.clear();
            all.forEach(container -> seen.put(container.id(), container));
            listed = clock.instant();
        }
        changed.run();
    }

    private void update(String id, Optional<SeenContainer> container) {
        synchronized (lock) {
            if (container.isPresent()) {
                seen.put(id, container.get());
            } else {
                seen.remove(id);
            }
        }
        changed.run();
    }

    private void reached(Optional<String> outage) {
        boolean differs;
        synchronized (lock) {
            differs = !away.equals(outage);
            away = outage;
        }
        if (differs) {
            changed.run();
        }
    }

    /// Does what is due for one unit; questions are answered at once, all else goes on beside.
    ///
    /// @return how soon to look again though nothing happens
    private Optional<Duration> act(
            UnitName unit, ContainerCell cell, boolean up, List<Ask> asked, UnitProperties properties)
            throws IOException {
        var now = clock.instant();
        var ails = cell.sees(running(unit), now);
        if (cell.rests.isAfter(now)) {
            return Optional.of(Duration.between(now, cell.rests));
        }
        var waiting = new ArrayList<>(asked);
        while (true) {
            var sight = cell.sight(up, waiting, of(unit), properties, now);
            var step = ContainerSteps.next(sight);
            if (step.isPresent() && step.get() instanceof ContainerStep.Answer(Ask ask, int status, String words)) {
                answer(unit, cell, ask, status, words);
                waiting.remove(ask);
                continue;
            }
            step.filter(next -> mayBegin(cell, next)).ifPresent(next -> begin(unit, cell, next, sight));
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

    /// One thing at a time; but whoever is not stopped in time is removed by force.
    private static boolean mayBegin(ContainerCell cell, ContainerStep step) {
        return cell.underway.isEmpty()
                || step instanceof ContainerStep.Remove && cell.underway.get() instanceof ContainerStep.Stop;
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
        var work = new ContainerHands.Work(
                unit, cell.unit, readable.map(Readable::settings), sight.limits(), step);
        Thread.ofVirtual().name("container of " + unit).start(() -> ended(cell, work, hands.does(work)));
    }

    private void ended(ContainerCell cell, ContainerHands.Work work, ContainerHands.Outcome outcome) {
        synchronized (lock) {
            if (cell.underway.filter(work.step()::equals).isPresent()) {
                cell.underway = Optional.empty();
            }
            switch (outcome) {
                case ContainerHands.Outcome.Done(var container) ->
                    container.ifPresent(found -> done(cell, work, found));
                case ContainerHands.Outcome.Gone(String id) -> seen.remove(id);
                case ContainerHands.Outcome.Refused(String because, boolean noImage) -> {
                    refused(cell, work, because);
                    if (noImage) {
                        cell.image = new ImageSight.Used();
                    }
                    allUnseen = true;
                }
                case ContainerHands.Outcome.Away(String because) -> {
                    cell.note = because;
                    cell.rests = clock.instant().plus(ANSWERED);
                    allUnseen = true; // it may have been done
                }
            }
        }
        changed.run();
        loop.signal();
    }

    private void done(ContainerCell cell, ContainerHands.Work work, SeenContainer container) {
        seen.put(container.id(), container);
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
            case ContainerStep.Start(String id) -> Optional.ofNullable(seen.get(id))
                    .flatMap(SeenContainer::labels)
                    .ifPresent(own -> cell.failed(own.run(), because));
            case ContainerStep.Limit(String id, var limits) -> {
                cell.limited(id, limits); // until it is set anew
                cell.note = because;
            }
            default -> {
                cell.note = because;
                cell.rests = clock.instant().plus(ANSWERED);
            }
        }
    }

    private void provide(UnitName unit, ContainerCell cell, Readable readable) {
        cell.image = new ImageSight.Coming(readable.settings().image().toString());
        Thread.ofVirtual().name("image of " + unit).start(() -> {
            var sight = hands.provides(readable.settings(), progress -> {
                synchronized (lock) {
                    cell.image = new ImageSight.Coming(progress);
                }
                changed.run();
            });
            synchronized (lock) {
                switch (sight) {
                    case ImageSight.Missing(String because, var again) when !again.equals(Instant.MAX) ->
                        cell.missing(because, clock.instant());
                    case ImageSight.Missing missing -> cell.image = missing;
                    default -> cell.provided();
                }
            }
            changed.run();
            loop.signal();
        });
    }

    /// Questions of services that are not loaded here.
    private void refuseStrangers(ImmutableListMultimap<String, Ask> open) throws IOException {
        Set<String> known = new HashSet<>();
        synchronized (lock) {
            cells.keySet().forEach(unit -> known.add(Ask.key(unit)));
        }
        for (var ask : open.values()) {
            if (!known.contains(ask.key())) {
                asks.answer(ask, ask.verb() == Ask.Verb.CLEAR || ask.verb() == Ask.Verb.STOP ? 0 : ContainerSteps.NOT_RUN,
                        "the unit is not loaded here");
            }
        }
    }

    private final class Listener implements EventStream.Listener {
        @Override
        public void connected() {
            synchronized (lock) {
                allUnseen = true;
            }
            loop.signal();
        }

        @Override
        public void happened(ContainerEvent event) {
            synchronized (lock) {
                unseen.add(event.id());
            }
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
        loop.close();
        events.ifPresent(EventStream::close);
        try {
            asks.close();
        } catch (IOException e) {
            LOG.warn("answers to containers' services may be lost; they ask the next agent because={}", e.toString());
        }
    }
}
