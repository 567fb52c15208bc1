package io.flota.agent.runtime.health;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSortedMap;
import io.flota.agent.runtime.Errand;
import io.flota.agent.runtime.NotEnteredException;
import io.flota.agent.runtime.RuntimeUnavailableException;
import io.flota.agent.runtime.Session;
import io.flota.agent.runtime.UnitDetails;
import io.flota.agent.runtime.UnitRuntime;
import io.flota.agent.runtime.process.Signal;
import io.flota.agent.steps.Guard;
import io.flota.loop.World;
import io.flota.unit.Offer;
import io.flota.unit.PlacementRules;
import io.flota.unit.UnitFile;
import io.flota.unit.UnitFileException;
import io.flota.unit.UnitName;
import io.flota.unit.UnitProperties;
import io.flota.unit.UnitState;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;

/// Runs units by another runtime, knows what they offer, and tells whether those with a health check in `[X-Flota]` are
/// healthy.
public final class CheckedRuntime implements UnitRuntime {
    /// @param root the folder for what outlives the agent
    /// @param address at which this machine's units are reached
    /// @param environment of the commands of checks
    public record Settings(Path root, String address, ImmutableSortedMap<String, String> environment) {}

    private final UnitRuntime runtime;
    private final HealthFiles files;
    private final Checks checks;
    private final ArrayList<Runnable> signals = new ArrayList<>();
    private volatile ImmutableSortedMap<UnitName, Offer> offers = ImmutableSortedMap.of();

    private CheckedRuntime(UnitRuntime runtime, Settings settings, World world) throws IOException {
        this.runtime = runtime;
        this.files = new HealthFiles(settings.root());
        this.checks = new Checks(
                world, new Probes(settings.address(), settings.environment()), files, this::changed);
    }

    /// Takes over what an earlier agent has left.
    ///
    /// @param runtime runs the units; is closed with this
    public static CheckedRuntime start(UnitRuntime runtime, Settings settings, World world)
            throws RuntimeUnavailableException {
        try {
            var checked = new CheckedRuntime(runtime, settings, world);
            var known = runtime.observe();
            for (var unit : checked.files.units().entrySet()) {
                if (known.containsKey(unit.getKey())) {
                    checked.offers(unit.getKey(), offer(unit.getKey(), unit.getValue()));
                } else {
                    checked.files.forget(unit.getKey());
                }
            }
            runtime.onChange(checked::changed);
            return checked;
        } catch (IOException e) {
            throw new RuntimeUnavailableException("cannot use the folder " + settings.root() + ": " + e, e);
        }
    }

    /// What the units that are loaded offer; those that offer nothing are left out.
    public ImmutableSortedMap<UnitName, Offer> offers() {
        return offers;
    }

    private static Offer offer(UnitName unit, UnitFile file) {
        try {
            return PlacementRules.of(unit.full(), unit, file).offer();
        } catch (UnitFileException _) {
            return Offer.NONE; // it was registered by a version that did not look
        }
    }

    private synchronized void offers(UnitName unit, Offer offer) {
        var all = new TreeMap<>(offers);
        if (offer.equals(Offer.NONE)) {
            all.remove(unit);
        } else {
            all.put(unit, offer);
        }
        offers = ImmutableSortedMap.copyOfSorted(all);
    }

    @Override
    public ImmutableSortedMap<UnitName, UnitState> observe() throws RuntimeUnavailableException {
        return checks.over(runtime.observe(), offers);
    }

    @Override
    public void load(Collection<UnitToLoad> units) throws RuntimeUnavailableException {
        for (var unit : units) {
            learn(unit.name(), unit.file());
        }
        runtime.load(units);
    }

    private void learn(UnitName unit, UnitFile file) throws RuntimeUnavailableException {
        var offer = offer(unit, file);
        try {
            if (!offer.equals(Offer.NONE)) {
                files.save(unit, file);
            } else if (offers.containsKey(unit)) {
                files.forget(unit);
            }
        } catch (IOException e) {
            throw new RuntimeUnavailableException("cannot keep what " + unit + " offers: " + e, e);
        }
        offers(unit, offer);
    }

    @Override
    public void unload(Collection<UnitName> units) throws RuntimeUnavailableException {
        runtime.unload(units);
        for (var unit : units) {
            learn(unit, UnitFile.EMPTY);
        }
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
    public void setProperties(ImmutableSortedMap<UnitName, UnitProperties> properties)
            throws RuntimeUnavailableException {
        runtime.setProperties(properties);
    }

    @Override
    public ImmutableSortedMap<UnitName, UnitProperties> properties() throws RuntimeUnavailableException {
        return runtime.properties();
    }

    @Override
    public void start(Collection<UnitToStart> units) throws RuntimeUnavailableException {
        runtime.start(units);
    }

    @Override
    public void stop(Collection<UnitName> units) throws RuntimeUnavailableException {
        runtime.stop(units);
    }

    @Override
    public void release(Collection<UnitName> units) throws RuntimeUnavailableException {
        runtime.release(units);
    }

    @Override
    public void guard(Collection<Guard> guards) throws RuntimeUnavailableException {
        runtime.guard(guards);
    }

    @Override
    public ImmutableSortedMap<UnitName, Standing> guards() throws RuntimeUnavailableException {
        return runtime.guards();
    }

    @Override
    public boolean journal(UnitName unit, JournalPart part, Consumer<ImmutableList<JournalLine>> sink)
            throws RuntimeUnavailableException, InterruptedException {
        return runtime.journal(unit, part, sink);
    }

    @Override
    public Optional<UnitDetails> details(UnitName unit) throws RuntimeUnavailableException {
        return runtime.details(unit);
    }

    @Override
    public Session enter(UnitName unit, Errand errand) throws NotEnteredException, RuntimeUnavailableException {
        return runtime.enter(unit, errand);
    }

    @Override
    public Optional<String> reload(UnitName unit) throws RuntimeUnavailableException, InterruptedException {
        return runtime.reload(unit);
    }

    @Override
    public Optional<String> signal(UnitName unit, Signal signal) throws RuntimeUnavailableException {
        return runtime.signal(unit, signal);
    }

    @Override
    public void close() {
        checks.close();
        runtime.close();
    }
}
