package io.flota.agent.runtime.docker;

import static com.google.common.collect.ImmutableList.toImmutableList;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSortedMap;
import com.google.common.collect.Maps;
import io.flota.agent.runtime.Errand;
import io.flota.agent.runtime.NotEnteredException;
import io.flota.agent.runtime.RuntimeUnavailableException;
import io.flota.agent.runtime.Session;
import io.flota.agent.runtime.UnitDetails;
import io.flota.agent.runtime.UnitRuntime;
import io.flota.agent.runtime.docker.ContainerSettings.Health;
import io.flota.agent.runtime.docker.LoadedContainers.Known;
import io.flota.agent.runtime.docker.ContainerUnit.Reading.Broken;
import io.flota.agent.runtime.docker.ContainerUnit.Reading.Readable;
import io.flota.agent.runtime.inside.Entrance;
import io.flota.agent.runtime.process.Signal;
import io.flota.agent.runtime.process.Signals;
import io.flota.agent.runtime.setting.ThisHost;
import io.flota.agent.steps.Guard;
import io.flota.agent.steps.Run;
import io.flota.unit.UnitName;
import io.flota.unit.UnitProperties;
import io.flota.unit.UnitState;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Runs units with a `[Container]` section as containers of Docker, and leaves all others to the machine's runtime,
/// which gets a service for each container: see [ContainerService].
public final class ContainerRuntime implements UnitRuntime {
    private static final Logger LOG = LoggerFactory.getLogger(ContainerRuntime.class);

    /// @param docker how it is reached, such as `unix:///var/run/docker.sock`
    /// @param root the folder for what outlives the agent
    /// @param cluster tells the containers of several clusters on one Docker apart
    /// @param journald whether what containers write is to go to systemd's journal
    /// @param environment of every container
    public record Settings(
            URI docker, Path root, String cluster, String machineId, String hostname, boolean journald,
            ImmutableSortedMap<String, String> environment) {}

    private final UnitRuntime host;
    private final Path root;
    private final ThisHost specifiers;
    private final ContainerFiles files;
    private final ToldHealth health;
    private final Engine engine;
    private final ContainerReconciler reconciler;
    private final LoadedContainers loaded;
    private final ContainerOutput output;
    private final boolean journald;
    private final String cluster;
    private final String machineId;
    private final ArrayList<Runnable> signals = new ArrayList<>();

    private ContainerRuntime(UnitRuntime host, Settings settings, Engine engine) throws IOException {
        this.host = host;
        this.root = settings.root().toAbsolutePath();
        this.specifiers = ThisHost.read(settings.hostname(), settings.machineId(), root.resolve("runtime"));
        this.files = new ContainerFiles(root.resolve("units"));
        this.health = new ToldHealth(root.resolve("health"));
        this.engine = engine;
        this.reconciler = new ContainerReconciler(
                engine, root,
                new ContainerHands.Machine(
                        settings.cluster(), settings.machineId(), settings.environment(),
                        settings.journald() ? Optional.of(JournalFields.DRIVER) : Optional.empty()),
                new Services(), InstantSource.system(), this::changed);
        this.loaded = reconciler.loaded();
        this.output = new ContainerOutput(host, engine.logs(), reconciler.sightings());
        this.journald = settings.journald();
        this.cluster = settings.cluster();
        this.machineId = settings.machineId();
    }

    /// Takes over what an earlier agent has left.
    ///
    /// @param host runs the services; is closed with this
    public static ContainerRuntime start(UnitRuntime host, Settings settings) throws RuntimeUnavailableException {
        var engine = new Engine(EngineSettings.of(settings.docker()), InstantSource.system());
        return start(host, settings, engine);
    }

    static ContainerRuntime start(UnitRuntime host, Settings settings, Engine engine)
            throws RuntimeUnavailableException {
        try {
            var runtime = new ContainerRuntime(host, settings, engine);
            runtime.adopt();
            host.onChange(runtime.reconciler::signal);
            host.onChange(runtime::changed);
            runtime.reconciler.start();
            return runtime;
        } catch (IOException e) {
            throw new RuntimeUnavailableException("cannot use the folder " + settings.root() + ": " + e, e);
        }
    }

    private void adopt() throws IOException, RuntimeUnavailableException {
        var states = host.observe();
        for (var saved : files.all().entrySet()) {
            try {
                var unit = ContainerUnit.of(
                        saved.getKey(), saved.getValue(), specifiers.context(saved.getKey()), root);
                if (unit.reading() instanceof Readable && !states.containsKey(unit.name())) {
                    files.delete(unit.name()); // it was about to go, or to come
                } else {
                    loaded.load(unit, false);
                }
            } catch (IllegalArgumentException e) {
                LOG.error("a container's unit is taken for a service until it is loaded anew unit={} because={}",
                        saved.getKey(), e.getMessage());
                files.delete(saved.getKey());
            }
        }
    }

    @Override
    public ImmutableSortedMap<UnitName, UnitState> observe() throws RuntimeUnavailableException {
        var states = new TreeMap<>(host.observe());
        loaded.known().forEach((name, known) -> {
            var state = Optional.ofNullable(states.get(name));
            switch (known.unit().reading()) {
                case Readable readable -> state.ifPresent(own -> states.put(name, of(own, known, readable)));
                case Broken(String because) -> states.put(name, broken(state, known, because));
            }
        });
        return ImmutableSortedMap.copyOfSorted(states);
    }

    private UnitState of(UnitState service, Known known, Readable readable) {
        boolean current = service.fileHash().equals(known.unit().service());
        return new UnitState(
                service.load(), service.active(), service.sub(),
                current ? known.unit().file().hash() : service.fileHash(), service.placementId(),
                service.generation(), service.since(), message(service, known, readable),
                known.container().flatMap(SeenContainer::pid).orElse(0L), service.restarts(), service.asksToStay(),
                health(service, known, readable));
    }

    /// Until Docker has told of all containers, an image may have a check that nobody knows of.
    private UnitState.Health health(UnitState service, Known known, Readable readable) {
        boolean unchecked = readable.settings().health().filter(own -> own.test().equals(Health.NONE)).isPresent();
        if (!service.isUp() || unchecked) {
            return known.health();
        }
        return reconciler.sightings().isComplete()
                ? health.tell(known.unit().name(), Run.of(service), known.health())
                : health.of(known.unit().name(), Run.of(service));
    }

    private static String message(UnitState service, Known known, Readable readable) {
        var ignored = readable.ignored().isEmpty() ? "" : "not honoured: " + String.join(", ", readable.ignored());
        return String.join("; ", Stream.of(known.note(), service.message(), ignored)
                .filter(words -> !words.isEmpty())
                .distinct()
                .toList());
    }

    /// What ran before its file became this one runs on.
    private static UnitState broken(Optional<UnitState> before, Known known, String because) {
        var hash = known.unit().file().hash();
        return before.map(state -> new UnitState(
                        "bad-setting", state.active(), state.sub(), hash, state.placementId(), known.generation(),
                        state.since(), because, state.mainPid(), state.restarts(), state.asksToStay(),
                        state.health()))
                .orElseGet(() -> new UnitState(
                        "bad-setting", "inactive", "dead", hash, "", known.generation(), known.since(), because, 0, 0));
    }

    @Override
    public void load(Collection<UnitToLoad> units) throws RuntimeUnavailableException {
        var services = new ArrayList<UnitToLoad>();
        try {
            for (var unit : units) {
                if (ContainerService.isContainer(unit.file())) {
                    loadContainer(unit).ifPresent(services::add);
                } else {
                    forgetContainer(unit.name());
                    services.add(unit);
                }
            }
        } catch (IOException e) {
            throw new RuntimeUnavailableException("cannot keep a container's unit: " + e, e);
        }
        if (!services.isEmpty()) {
            host.load(services);
        }
    }

    /// @return what the machine's runtime loads
    private Optional<UnitToLoad> loadContainer(UnitToLoad toLoad) throws IOException {
        var unit = ContainerUnit.of(
                toLoad.name(), toLoad.placement(), toLoad.file(), specifiers.context(toLoad.name()), root);
        loaded.load(unit, true);
        files.save(unit);
        return unit.reading() instanceof Readable readable
                ? Optional.of(new UnitToLoad(unit.name(), readable.service()))
                : Optional.empty();
    }

    private void forgetContainer(UnitName unit) throws IOException {
        if (loaded.unit(unit).isPresent()) {
            files.delete(unit);
            health.forget(unit);
            loaded.forget(unit);
        }
    }

    @Override
    public void setProperties(ImmutableSortedMap<UnitName, UnitProperties> properties)
            throws RuntimeUnavailableException {
        host.setProperties(properties);
        properties.forEach(loaded::setProperties);
    }

    @Override
    public ImmutableSortedMap<UnitName, UnitProperties> properties() throws RuntimeUnavailableException {
        var hosts = host.properties();
        return ImmutableSortedMap.<UnitName, UnitProperties>naturalOrder()
                .putAll(hosts)
                .putAll(Maps.filterKeys(loaded.properties(), unit -> !hosts.containsKey(unit)))
                .build();
    }

    @Override
    public void start(Collection<UnitToStart> units) throws RuntimeUnavailableException {
        var startable = units.stream().filter(unit -> !isBroken(unit.name())).collect(toImmutableList());
        units.forEach(unit -> loaded.started(unit.name(), unit.generation()));
        if (!startable.isEmpty()) {
            host.start(startable);
        }
    }

    private boolean isBroken(UnitName unit) {
        return loaded.unit(unit).filter(known -> known.reading() instanceof Broken).isPresent();
    }

    @Override
    public void stop(Collection<UnitName> units) throws RuntimeUnavailableException {
        units.forEach(unit -> loaded.started(unit, 0));
        host.stop(units);
    }

    @Override
    public void release(Collection<UnitName> units) throws RuntimeUnavailableException {
        units.forEach(unit -> loaded.started(unit, 0));
        host.release(units);
    }

    @Override
    public void unload(Collection<UnitName> units) throws RuntimeUnavailableException {
        units.forEach(loaded::leave);
        host.unload(units);
    }

    @Override
    public void guard(Collection<Guard> guards) throws RuntimeUnavailableException {
        host.guard(guards);
    }

    @Override
    public ImmutableSortedMap<UnitName, Standing> guards() throws RuntimeUnavailableException {
        return host.guards();
    }

    @Override
    public void onChange(Runnable signal) {
        synchronized (signals) {
            signals.add(signal);
        }
    }

    private void changed() {
        ImmutableList<Runnable> all;
        synchronized (signals) {
            all = ImmutableList.copyOf(signals);
        }
        all.forEach(Runnable::run);
    }

    @Override
    public boolean journal(UnitName unit, JournalPart part, Consumer<ImmutableList<JournalLine>> sink)
            throws RuntimeUnavailableException, InterruptedException {
        var settings = loaded.unit(unit)
                .flatMap(known -> known.reading() instanceof Readable readable
                        ? Optional.of(readable.settings())
                        : Optional.empty());
        if (settings.isEmpty()) {
            return host.journal(unit, part, sink);
        }
        boolean inHosts = settings.get().logging().driver().map(JournalFields.DRIVER::equals).orElse(journald);
        return inHosts && journald
                ? host.journal(unit, part.and(JournalFields.of(cluster, machineId, unit)), sink)
                : output.read(unit, part, sink);
    }

    @Override
    public Optional<UnitDetails> details(UnitName unit) throws RuntimeUnavailableException {
        var running = Optional.ofNullable(loaded.known().get(unit))
                .flatMap(Known::container)
                .flatMap(SeenContainer::pid);
        try {
            var found = running.isPresent() ? ContainerInspection.of(running.get()) : Optional.<ContainerInspection>empty();
            return found.isPresent() ? Optional.of(found.get().details()) : host.details(unit);
        } catch (IOException e) {
            throw new RuntimeUnavailableException("cannot look at " + unit + ": " + e.getMessage(), e);
        }
    }

    /// A container is entered beside its first process.
    @Override
    public Session enter(UnitName unit, Errand errand) throws NotEnteredException, RuntimeUnavailableException {
        return loaded.unit(unit).isPresent() ? Entrance.open(this, unit, errand) : host.enter(unit, errand);
    }

    @Override
    public Optional<String> reload(UnitName unit) throws RuntimeUnavailableException, InterruptedException {
        return loaded.unit(unit).isPresent()
                ? Optional.of("a container has no command to reload it; it takes signals")
                : host.reload(unit);
    }

    @Override
    public Optional<String> signal(UnitName unit, Signal signal) throws RuntimeUnavailableException {
        return loaded.unit(unit).isPresent()
                ? Signals.sendToMain(signal, Optional.ofNullable(observe().get(unit)))
                : host.signal(unit, signal);
    }

    private final class Services implements ContainerReconciler.Services {
        @Override
        public Optional<ImmutableSortedMap<UnitName, Boolean>> up() {
            try {
                var up = ImmutableSortedMap.<UnitName, Boolean>naturalOrder();
                host.observe().forEach((unit, state) -> up.put(unit, !state.isDown()));
                return Optional.of(up.build());
            } catch (RuntimeUnavailableException _) {
                return Optional.empty(); // who asks for units' states hears of it
            }
        }

        @Override
        public Optional<ImmutableSortedMap<UnitName, UnitProperties>> properties() {
            try {
                return Optional.of(host.properties());
            } catch (RuntimeUnavailableException _) {
                return Optional.empty(); // limits stay as they are
            }
        }

        @Override
        public void left(UnitName unit) {
            try {
                files.delete(unit);
                health.forget(unit);
            } catch (IOException e) {
                LOG.warn("a unit that has gone is found again by the next agent unit={} because={}", unit, e.toString());
            }
        }
    }

    @Override
    public void close() {
        reconciler.close();
        engine.close();
        host.close();
    }
}
