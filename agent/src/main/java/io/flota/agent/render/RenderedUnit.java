package io.flota.agent.render;

import com.google.common.base.Stopwatch;
import com.google.common.collect.ImmutableList;
import com.google.protobuf.ByteString;
import io.flota.agent.runtime.RuntimeUnavailableException;
import io.flota.agent.runtime.UnitRuntime;
import io.flota.agent.runtime.setting.MachineEnvironment;
import io.flota.loop.Reconciler;
import io.flota.loop.World;
import io.flota.machine.Machine;
import io.flota.unit.RenderRules;
import io.flota.unit.RenderRules.Template;
import io.flota.unit.UnitName;
import io.flota.unit.UnitState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Keeps the files of one unit as they are to be, and has the unit take what has changed.
///
/// A file that has been replaced is owed to the unit until it has taken it, also by the next agent. What was refused is
/// tried again only if it changes, or after a while.
final class RenderedUnit implements Reconciler {
    private static final Logger LOG = LoggerFactory.getLogger(RenderedUnit.class);
    /// The first change is acted upon at once, what comes within this time with the next.
    private static final Duration BETWEEN_CHANGES = Duration.ofMillis(250);
    /// A template on the machine, or a file that somebody else has written, tells nobody that it has changed.
    private static final Duration REST = Duration.ofSeconds(10);
    private static final Duration RETRY = Duration.ofSeconds(5);
    /// Of a unit that is about to be up.
    private static final Duration SOON = Duration.ofMillis(100);

    /// @param fileHash of the unit file that all this is read from
    record Wanted(UnitName unit, String fileHash, RenderRules rules) {}

    /// @param files what was refused
    private record Refusal(ImmutableList<ByteString> files, String because) {}

    private final Wanted wanted;
    private final Machine here;
    private final Supplier<Optional<Facts>> facts;
    private final UnitRuntime runtime;
    private final Runnable changed;
    private final ImmutableList<Destination> destinations;
    private final Taking taking;
    private final Stopwatch sinceChange;
    private final Stopwatch sinceRefusal;
    private Optional<Refusal> refused = Optional.empty();
    private volatile boolean rendered;
    private volatile Optional<String> problem = Optional.empty();

    /// @param changed is told when [#isRendered] or [#problem] differs, or the unit is to start anew
    RenderedUnit(
            Wanted wanted, Machine here, Supplier<Optional<Facts>> facts, UnitRuntime runtime, World world,
            Restarts restarts, Runnable changed) {
        this.wanted = wanted;
        this.here = here;
        this.facts = facts;
        this.runtime = runtime;
        this.changed = changed;
        this.destinations = wanted.rules().files().stream()
                .map(file -> Destination.of(file.destination()))
                .collect(ImmutableList.toImmutableList());
        this.taking = new Taking(wanted.unit(), wanted.rules(), runtime, restarts);
        this.sinceChange = Stopwatch.createUnstarted(world.ticker());
        this.sinceRefusal = Stopwatch.createUnstarted(world.ticker());
    }

    /// Whether all its files have been as they are to be once.
    boolean isRendered() {
        return rendered;
    }

    /// Why files are not as they are to be, or not taken by the unit.
    Optional<String> problem() {
        return problem;
    }

    @Override
    public Duration reconcile() throws RuntimeUnavailableException, InterruptedException {
        var known = facts.get();
        var rest = sinceChange.isRunning() ? BETWEEN_CHANGES.minus(sinceChange.elapsed()) : Duration.ZERO;
        if (known.isEmpty() || rest.isPositive()) {
            return known.isEmpty() ? REST : rest;
        }
        try {
            var fresh = render(known.get());
            return bring(
                    fresh.files(),
                    Stream.concat(fresh.leftOut().stream(), known.get().refused().stream()).findFirst());
        } catch (TemplateException e) {
            tell(rendered, Optional.of("not rendered: " + e.getMessage()));
        } catch (NoSuchFileException e) {
            tell(rendered, Optional.of("its files cannot be rendered: there is no " + e.getMessage()));
        } catch (IOException e) {
            tell(rendered, Optional.of("its files cannot be rendered: " + e));
        }
        return RETRY;
    }

    /// @param leftOut who is not in them although a template asks for all, and why
    private record Fresh(ImmutableList<ByteString> files, ImmutableList<String> leftOut) {}

    private Fresh render(Facts known) throws TemplateException, IOException {
        var model = known.of(wanted.unit(), here.id());
        var files = ImmutableList.<ByteString>builder();
        var leftOut = ImmutableList.<String>builder();
        for (var file : wanted.rules().files()) {
            var fresh = switch (file.template()) {
                case Template.OnMachine(String path) ->
                    Templates.render(Files.readString(Path.of(path)), line -> path + ":" + line, model);
                case Template.InUnit(String _, var lines, var numbers) ->
                    Templates.render(
                            String.join("\n", lines) + "\n",
                            line -> wanted.unit() + ":" + numbers.get(Math.clamp(line, 1, numbers.size()) - 1), model);
            };
            files.add(ByteString.copyFromUtf8(fresh.text()));
            leftOut.addAll(fresh.leftOut());
        }
        return new Fresh(files.build(), leftOut.build());
    }

    /// @param leftOut who is not in them
    private Duration bring(ImmutableList<ByteString> fresh, Optional<String> leftOut)
            throws IOException, RuntimeUnavailableException, InterruptedException {
        var changes = changes(fresh);
        var again = refused.filter(before -> before.files().equals(fresh))
                .filter(_ -> sinceRefusal.elapsed().compareTo(REST) < 0)
                .map(Refusal::because);
        var refusal = changes.isEmpty()
                ? Optional.<String>empty()
                : again.isPresent() ? again : replace(fresh, changes);
        if (refusal.isPresent() && !rendered) {
            tell(false, refusal);
            return REST;
        }
        return take(refusal.or(() -> leftOut));
    }

    /// @param before what it holds
    record Change(Destination file, ByteString before, ByteString after) {}

    private ImmutableList<Change> changes(ImmutableList<ByteString> fresh) throws IOException {
        var changes = ImmutableList.<Change>builder();
        for (int i = 0; i < fresh.size(); i++) {
            if (!destinations.get(i).holds(fresh.get(i))) {
                changes.add(new Change(destinations.get(i), destinations.get(i).read(), fresh.get(i)));
            }
        }
        return changes.build();
    }

    /// @return why it was not done
    private Optional<String> replace(ImmutableList<ByteString> fresh, ImmutableList<Change> changes)
            throws IOException, InterruptedException {
        sinceChange.reset().start();
        try {
            for (var change : changes) {
                change.file().prepare(change.after());
            }
            var refusal = check(changes);
            if (refusal.isPresent()) {
                // Many a checker says the time or its number: what is refused again is refused in the same words.
                refused = refused.filter(before -> before.files().equals(fresh))
                        .or(() -> refusal.map(because -> new Refusal(
                                fresh, "RenderCheck= refuses its rendered files, the old ones stay: " + because)));
                sinceRefusal.reset().start();
                return refused.map(Refusal::because);
            }
            if (taking.isDue()) {
                owe(changes);
            }
            for (var change : changes) {
                change.file().replace();
                LOG.info("rendered unit={} file={} bytes={}",
                        wanted.unit(), change.file().path(), change.after().size());
            }
            refused = Optional.empty();
            return Optional.empty();
        } finally {
            for (var change : changes) {
                change.file().discard();
            }
        }
    }

    private Optional<String> check(ImmutableList<Change> changes) throws IOException, InterruptedException {
        if (wanted.rules().check().isEmpty()) {
            return Optional.empty();
        }
        var changing = changes.stream().map(Change::file).toList();
        var next = new ArrayList<Path>();
        for (var destination : destinations) {
            next.add(changing.contains(destination) ? destination.next() : destination.path());
        }
        var places = destinations.stream().map(destination -> destination.path().toString()).toList();
        return new Check(wanted.rules().check().get(), MachineEnvironment.ofCommands(here)).refuses(next, places);
    }

    /// @param changes about to be made; if something is owed already, they are not all that the unit lacks
    private void owe(ImmutableList<Change> changes) throws IOException {
        taking.owe(destinations.getFirst().isOwed() ? Optional.empty() : Optional.of(changes));
        destinations.getFirst().setOwed(true);
    }

    /// @param standing why the files are not the newest ones
    private Duration take(Optional<String> standing)
            throws IOException, RuntimeUnavailableException, InterruptedException {
        if (taking.isMet()) {
            destinations.getFirst().setOwed(false);
        }
        if (!destinations.getFirst().isOwed() || taking.isAwaited()) {
            tell(true, standing);
            return REST;
        }
        var state = state();
        boolean down = state.isEmpty() || state.get().isDown();
        if (down && !rendered) {
            destinations.getFirst().setOwed(false); // it is not started before now, and then finds them
        }
        boolean soon = !down && !isAnother(state.get()) && !state.get().active().equals("active");
        if (down || isAnother(state.get()) || soon) {
            tell(true, standing);
            return soon ? SOON : REST; // what comes up may have read the old ones: it is told then
        }
        var failure = taking.take();
        sinceChange.reset().start();
        if (taking.isAwaited()) {
            changed.run();
        } else if (failure.isEmpty()) {
            destinations.getFirst().setOwed(false);
        }
        tell(true, standing.or(() ->
                failure.map(because -> "its rendered files are in place, and it did not take them: " + because)));
        return failure.isEmpty() ? REST : RETRY;
    }

    /// Whether it goes, or runs by another unit file than the one that all this is read from.
    private boolean isAnother(UnitState state) {
        return state.active().equals("deactivating") || !state.fileHash().equals(wanted.fileHash());
    }

    private Optional<UnitState> state() throws RuntimeUnavailableException {
        return Optional.ofNullable(runtime.observe().get(wanted.unit()));
    }

    private void tell(boolean nowRendered, Optional<String> nowProblem) {
        boolean same = rendered == nowRendered && problem.equals(nowProblem);
        rendered = nowRendered;
        problem = nowProblem;
        if (!same) {
            nowProblem.ifPresent(words -> LOG.warn("rendering fails unit={} because={}", wanted.unit(), words));
            changed.run();
        }
    }
}
