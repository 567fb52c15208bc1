package io.flota.agent.runtime.health;

import com.google.common.collect.ImmutableSortedMap;
import io.flota.agent.runtime.health.Diagnosis.Status;
import io.flota.agent.runtime.health.HealthFiles.Kept;
import io.flota.agent.steps.Run;
import io.flota.loop.World;
import io.flota.unit.HealthCheck;
import io.flota.unit.Offer;
import io.flota.unit.UnitName;
import io.flota.unit.UnitState;
import io.flota.unit.UnitState.Health;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Tries, for each unit that is up and has a health check, again and again whether it is healthy: each on a thread of its
/// own that ends with the unit's run.
final class Checks implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Checks.class);

    /// One run of a unit under its check. Its diagnosis changes under the lock of all.
    private static final class Patient {
        private final UnitName unit;
        private final Run run;
        private final HealthCheck terms;
        private Diagnosis diagnosis;
        private Health told;
        private Optional<Thread> thread = Optional.empty();

        private Patient(UnitName unit, Run run, HealthCheck terms, Diagnosis diagnosis, Duration now) {
            this.unit = unit;
            this.run = run;
            this.terms = terms;
            this.diagnosis = diagnosis;
            this.told = diagnosis.health(now);
        }
    }

    private final World world;
    private final Probes probes;
    private final HealthFiles files;
    private final Runnable changed;
    private final TreeMap<UnitName, Patient> patients = new TreeMap<>();

    /// @param changed called when a unit's health is another one
    Checks(World world, Probes probes, HealthFiles files, Runnable changed) {
        this.world = world;
        this.probes = probes;
        this.files = files;
        this.changed = changed;
    }

    /// The states with what is known of the units' health. From now on what is up is checked, and nothing else.
    synchronized ImmutableSortedMap<UnitName, UnitState> over(
            ImmutableSortedMap<UnitName, UnitState> states, ImmutableSortedMap<UnitName, Offer> offers) {
        var now = now();
        var checked = new TreeMap<>(states);
        patients.entrySet().removeIf(known -> {
            boolean over = !isToBeChecked(known.getValue(), states, offers);
            if (over) {
                known.getValue().thread.ifPresent(Thread::interrupt);
            }
            return over;
        });
        offers.forEach((unit, offer) -> {
            var state = states.get(unit);
            if (state != null && state.isUp() && offer.health().isPresent()) {
                var patient = patients.computeIfAbsent(unit, _ -> admitted(unit, state, offer.health().get(), now));
                checked.put(unit, with(state, patient, now));
            }
        });
        return ImmutableSortedMap.copyOfSorted(checked);
    }

    private Duration now() {
        return Duration.ofNanos(world.uptime().read());
    }

    private static boolean isToBeChecked(
            Patient patient, ImmutableSortedMap<UnitName, UnitState> states,
            ImmutableSortedMap<UnitName, Offer> offers) {
        var state = states.get(patient.unit);
        var terms = Optional.ofNullable(offers.get(patient.unit)).flatMap(Offer::health);
        return state != null && state.isUp() && patient.run.isSame(Run.of(state))
                && terms.filter(patient.terms::equals).isPresent();
    }

    private Patient admitted(UnitName unit, UnitState state, HealthCheck terms, Duration now) {
        var run = Run.of(state);
        var known = kept(unit).filter(kept -> kept.run().isSame(run)).map(Kept::diagnosis);
        var patient = new Patient(unit, run, terms, known.orElse(Diagnosis.of(now)), now);
        if (known.isEmpty()) {
            save(patient); // since when it is up
        }
        var thread = world.thread("health of " + unit, () -> attend(patient));
        patient.thread = Optional.of(thread);
        thread.start();
        return patient;
    }

    private void attend(Patient patient) {
        try {
            while (!Thread.currentThread().isInterrupted()) {
                var failure = probes.failure(patient.terms.probe(), patient.terms.timeout());
                world.sleep(learn(patient, failure).rest(patient.terms));
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private Diagnosis learn(Patient patient, Optional<String> failure) {
        Status before;
        Diagnosis after;
        boolean news;
        synchronized (this) {
            var now = now();
            before = patient.diagnosis.status();
            after = patient.diagnosis.after(failure, patient.terms, now);
            patient.diagnosis = after;
            news = patients.get(patient.unit) == patient && !patient.told.equals(after.health(now));
            patient.told = after.health(now);
            if (news) {
                save(patient);
            }
        }
        if (news) {
            say(patient.unit, before, after);
            changed.run();
        }
        return after;
    }

    private static void say(UnitName unit, Status before, Diagnosis after) {
        if (after.status() == Status.UNHEALTHY && before != Status.UNHEALTHY) {
            LOG.warn("unhealthy unit={} because={}", unit, after.because());
        } else if (after.status() != before) {
            LOG.info("healthy unit={}", unit);
        }
    }

    private void save(Patient patient) {
        try {
            files.save(patient.unit, new Kept(patient.run, patient.diagnosis));
        } catch (IOException e) {
            LOG.warn("the next agent will not know how healthy a unit is unit={} because={}",
                    patient.unit, e.toString());
        }
    }

    private Optional<Kept> kept(UnitName unit) {
        try {
            return files.kept(unit);
        } catch (IOException e) {
            LOG.warn("cannot read how healthy a unit was unit={} because={}", unit, e.toString());
            return Optional.empty();
        }
    }

    /// A container may have a check of its own besides: both have to be content.
    private static UnitState with(UnitState state, Patient patient, Duration now) {
        var ours = patient.diagnosis.health(now);
        var status = Stream.of("unhealthy", "starting", "healthy")
                .filter(word -> word.equals(ours.status()) || word.equals(state.health().status()))
                .findFirst()
                .orElseThrow();
        boolean ill = patient.diagnosis.status() == Status.UNHEALTHY && !patient.diagnosis.because().isEmpty();
        var words = ill ? "unhealthy: " + patient.diagnosis.because() : "";
        var message = Stream.of(words, state.message()).filter(one -> !one.isEmpty()).toList();
        return state.withHealth(
                new Health(status, ours.isAiling() || state.health().isAiling()), String.join("; ", message));
    }

    @Override
    public synchronized void close() {
        patients.values().forEach(patient -> patient.thread.ifPresent(Thread::interrupt));
        patients.clear();
    }
}
