package io.flota.agent.render;

import com.google.common.collect.ImmutableSortedMap;
import io.flota.agent.render.RenderedUnit.Wanted;
import io.flota.agent.runtime.UnitRuntime;
import io.flota.loop.Loop;
import io.flota.loop.Reconciler;
import io.flota.loop.World;
import io.flota.machine.Machine;
import io.flota.registry.Keys;
import io.flota.store.Store;
import io.flota.store.StoreException;
import io.flota.unit.RenderRules;
import io.flota.unit.Specifiers;
import io.flota.unit.UnitFile;
import io.flota.unit.UnitFileException;
import io.flota.unit.UnitName;
import io.flota.unit.UnitState;
import java.time.Duration;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;

/// The rendered files of all units that are to run here: one loop for each of them, so that none waits for another one's
/// check or reload; and what they render from, while there are any.
public final class Renders implements Reconciler {
    /// All that matters comes with a signal.
    private static final Duration REST = Duration.ofSeconds(30);
    /// How soon a file that was missing is looked for again: nothing tells of its coming.
    private static final Duration RETRY = Duration.ofSeconds(2);

    /// Which units are to run here, each with its file.
    @FunctionalInterface
    public interface Launched {
        /// Those whose files can be had.
        ///
        /// @param all whether there are no others
        /// @param outage why the store could not be asked; empty if it could
        record Files(
                ImmutableSortedMap<UnitName, UnitFile> files, boolean all, Optional<StoreException> outage) {}

        /// Empty while it is not known which units are to run here.
        Optional<Files> read();
    }

    private record Running(Wanted wanted, RenderedUnit unit, Loop loop) {}

    private final Launched launched;
    private final Machine here;
    private final Function<UnitName, Specifiers.Context> specifiers;
    private final World world;
    private final Store store;
    private final Keys keys;
    private final UnitRuntime runtime;
    private final Restarts restarts;
    private final Runnable changed;
    private volatile ImmutableSortedMap<UnitName, Running> running = ImmutableSortedMap.of();
    private volatile ImmutableSortedMap<UnitName, String> refused = ImmutableSortedMap.of();
    private volatile Optional<KnownFacts> facts = Optional.empty();

    /// @param specifiers what they stand for here
    /// @param restarts gets the units that are to start anew
    /// @param changed is told when [#missing], [#remarked] or `restarts` differs
    public Renders(
            Launched launched, Machine here, Function<UnitName, Specifiers.Context> specifiers, World world, Store store, Keys keys, UnitRuntime runtime,
            Restarts restarts, Runnable changed) {
        this.launched = launched;
        this.here = here;
        this.specifiers = specifiers;
        this.world = world;
        this.store = store;
        this.keys = keys;
        this.runtime = runtime;
        this.restarts = restarts;
        this.changed = changed;
    }

    @Override
    public Duration reconcile() throws StoreException {
        var known = launched.read();
        if (known.isEmpty()) {
            return REST;
        }
        var wanted = wanted(known.get().files());
        running.values().stream()
                .filter(old -> !old.wanted().equals(wanted.get(old.wanted().unit())))
                .forEach(this::end);
        if (wanted.isEmpty()) {
            close();
        } else if (facts.isEmpty() && !wanted.isEmpty()) {
            facts = Optional.of(new KnownFacts(world, store, keys, this::signalUnits));
        }
        run(wanted);
        if (known.get().outage().isPresent()) {
            throw known.get().outage().get();
        }
        return known.get().all() ? REST : RETRY;
    }

    private void end(Running old) {
        old.loop().close();
        restarts.forget(old.wanted().unit());
    }

    private void run(TreeMap<UnitName, Wanted> wanted) {
        var before = running;
        var next = ImmutableSortedMap.<UnitName, Running>naturalOrder();
        wanted.forEach((name, unit) -> {
            var old = before.get(name);
            next.put(name, old != null && old.wanted().equals(unit) ? old : start(unit));
        });
        running = next.buildOrThrow();
        if (!running.equals(before)) {
            signalUnits(); // those that are new were not to be found by who wanted to signal them
        }
    }

    private Running start(Wanted wanted) {
        var unit = new RenderedUnit(
                wanted, here, () -> facts.flatMap(KnownFacts::latest), runtime, world, restarts, changed);
        return new Running(wanted, unit, new Loop(world, "files of " + wanted.unit(), unit).start());
    }

    private TreeMap<UnitName, Wanted> wanted(ImmutableSortedMap<UnitName, UnitFile> files) {
        var wanted = new TreeMap<UnitName, Wanted>();
        var problems = new TreeMap<UnitName, String>();
        var taken = new TreeMap<String, UnitName>();
        files.forEach((name, file) -> {
            try {
                var rules = RenderRules.of(name.full(), specifiers.apply(name), file);
                var rival = rules.files().stream()
                        .filter(rendered -> taken.containsKey(rendered.destination()))
                        .findFirst();
                if (rival.isPresent()) {
                    problems.put(name, rival.get().destination() + " is rendered for "
                            + taken.get(rival.get().destination()) + " on this machine");
                } else if (!rules.isEmpty()) {
                    rules.files().forEach(rendered -> taken.put(rendered.destination(), name));
                    wanted.put(name, new Wanted(name, file.hash(), rules));
                }
            } catch (UnitFileException e) {
                problems.put(name, e.problems().getFirst());
            }
        });
        var nowRefused = ImmutableSortedMap.copyOfSorted(problems);
        boolean differs = !nowRefused.equals(refused);
        refused = nowRefused;
        if (differs) {
            changed.run();
        }
        return wanted;
    }

    /// Units may be others, or be seen to differ.
    public void signalUnits() {
        running.values().forEach(unit -> unit.loop().signal());
    }

    /// Why a unit cannot be started yet; empty if it has all its files, or is to have none.
    public Optional<String> missing(UnitName name, UnitFile file) throws UnitFileException {
        if (RenderRules.of(name.full(), specifiers.apply(name), file).isEmpty()) {
            return Optional.empty();
        }
        var unit = Optional.ofNullable(running.get(name))
                .filter(known -> known.wanted().fileHash().equals(file.hash()))
                .map(Running::unit);
        if (unit.filter(RenderedUnit::isRendered).isPresent()) {
            return Optional.empty();
        }
        return Optional.of("not started before its files are rendered"
                + Optional.ofNullable(refused.get(name)).or(() -> unit.flatMap(RenderedUnit::problem))
                        .map(because -> ": " + because)
                        .orElse(""));
    }

    /// The states with what is to be said of the files of units that have been rendered before.
    public ImmutableSortedMap<UnitName, UnitState> remarked(ImmutableSortedMap<UnitName, UnitState> states) {
        var remarked = new TreeMap<UnitName, UnitState>(states);
        running.forEach((name, unit) -> unit.unit().problem().filter(_ -> unit.unit().isRendered()).ifPresent(words ->
                remarked.computeIfPresent(name, (_, state) -> state.answering(
                        state.placementId(), state.message().isEmpty() ? words : words + "; " + state.message()))));
        return ImmutableSortedMap.copyOfSorted(remarked);
    }

    /// Ends all loops. Files stay as they are.
    public void close() {
        running.values().forEach(this::end);
        facts.ifPresent(KnownFacts::close);
        facts = Optional.empty();
    }
}
