package io.flota.agent.runtime.docker;

import com.google.common.collect.ImmutableListMultimap;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSortedMap;
import io.flota.agent.runtime.docker.LoadedContainers.Known;
import io.flota.agent.runtime.process.UnitKey;
import io.flota.loop.Loop;
import io.flota.loop.Reconciler;
import io.flota.loop.World;
import io.flota.unit.UnitName;
import io.flota.unit.UnitProperties;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
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
    /// As long as it takes to end once one knows how.
    private static final Duration ANSWERED = Duration.ofMillis(50);

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
    private final Services services;
    private final ImmutableMap<String, String> labels;
    private final InstantSource clock;
    private final Runnable changed;
    private final Loop loop;
    private final Sightings sightings;
    private final LoadedContainers loaded;
    private final ContainerWork work;
    private Optional<EventStream> events = Optional.empty();
    private ImmutableSortedMap<UnitName, Known> told = ImmutableSortedMap.of();

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
        this.loop = new Loop(World.REAL, "containers", this);
        this.sightings = new Sightings(engine.containers(), labels, clock);
        this.loaded = new LoadedContainers(sightings, clock, loop::signal);
        this.work = new ContainerWork(new ContainerHands(engine, machine, clock), sightings, loaded, clock);
        this.asks = new Asks(root, loop::signal);
    }

    void start() {
        loop.start();
    }

    void signal() {
        loop.signal();
    }

    LoadedContainers loaded() {
        return loaded;
    }

    Sightings sightings() {
        return sightings;
    }

    @Override
    public Duration reconcile() throws EngineException, IOException, InterruptedException {
        var open = asks.open();
        if (!isNeeded(open)) {
            return RESYNC;
        }
        var up = services.up();
        up.ifPresent(states -> loaded.forgetLeft(states.keySet(), services::left));
        try {
            look();
            var rest = actAll(open, up, services.properties());
            refuseStrangers(open);
            return asks.isHolding() && ANSWERED.compareTo(rest) < 0 ? ANSWERED : rest;
        } finally {
            tell();
        }
    }

    /// A machine that never had a container's unit need not have Docker. If it has, there may be containers that an
    /// earlier agent left, of units of which nothing else is known any more.
    private boolean isNeeded(ImmutableListMultimap<String, Ask> open) {
        boolean mayHaveStrays = !sightings.isComplete() && engine.isThere();
        return !open.isEmpty() || !loaded.isEmpty() || !sightings.isEmpty() || mayHaveStrays;
    }

    /// Only of what differs: whoever hears of it looks at all units.
    private void tell() {
        var known = loaded.known();
        if (!known.equals(told)) {
            told = known;
            changed.run();
        }
    }

    private void look() throws EngineException, InterruptedException {
        if (events.isEmpty()) {
            events = Optional.of(engine.events(labels, new Listener()));
        }
        try {
            sightings.look();
            loaded.reached(Optional.empty());
        } catch (EngineException e) {
            loaded.reached(Optional.of(e.getMessage()));
            throw e;
        }
    }

    private Duration actAll(
            ImmutableListMultimap<String, Ask> open, Optional<ImmutableSortedMap<UnitName, Boolean>> up,
            Optional<ImmutableSortedMap<UnitName, UnitProperties>> properties)
            throws IOException {
        var rest = new AtomicReference<>(RESYNC);
        loaded.each((unit, cell) -> {
            boolean isUp = up.map(states -> states.getOrDefault(unit, false)).orElse(true);
            var limits = properties.map(all -> all.getOrDefault(unit, UnitProperties.NONE));
            act(unit, cell, isUp, open.get(UnitKey.of(unit)), limits)
                    .filter(due -> due.compareTo(rest.get()) < 0)
                    .ifPresent(rest::set);
        });
        return rest.get();
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
                // Nobody is told that the container has stopped before its service knows with what it has ended.
                waiting.removeIf(other -> ask.verb() == Ask.Verb.RUN && other.verb() == Ask.Verb.STOP);
                continue;
            }
            step.ifPresent(next -> work.begin(unit, cell, next, sight));
            return Stream.of(ails, ContainerSteps.due(sight))
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

    /// Questions of services that are not loaded here. Whose container runs is not told to end.
    private void refuseStrangers(ImmutableListMultimap<String, Ask> open) throws IOException {
        var known = loaded.units().stream().map(UnitKey::of).collect(Collectors.toSet());
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
            loaded.reached(Optional.of(because.getMessage()));
            connected(); // as soon as Docker answers again: until then each look fails and is repeated
        }
    }

    @Override
    public void close() {
        work.close();
        loop.close();
        events.ifPresent(EventStream::close);
        try {
            asks.close();
        } catch (IOException e) {
            LOG.warn("answers to containers' services may be lost; they ask the next agent because={}", e.toString());
        }
    }
}
