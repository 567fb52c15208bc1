package io.flota.agent.runtime.docker;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSortedMap;
import io.flota.agent.runtime.docker.EngineRefusedException.Reason;
import io.flota.agent.runtime.process.Signal;
import io.flota.agent.runtime.setting.CgroupLimits;
import io.flota.unit.UnitName;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Does what [ContainerSteps] decides, through Docker.
final class ContainerHands {
    private static final Logger LOG = LoggerFactory.getLogger(ContainerHands.class);
    private static final Duration STOP_TIMEOUT = Duration.ofSeconds(10); // Docker's
    /// More at once are no faster, and each keeps a connection.
    private static final int AT_ONCE = 16;

    /// @param cluster tells the containers of several clusters on one Docker apart
    /// @param environment of every container
    /// @param logDriver of a container whose unit names none; empty: Docker's
    record Machine(
            String cluster, String id, ImmutableSortedMap<String, String> environment, Optional<String> logDriver) {}

    /// @param loaded empty if the unit is not loaded any more
    /// @param settings empty if its file cannot be read either
    record Work(
            UnitName unit, Optional<ContainerUnit> loaded, Optional<ContainerSettings> settings, CgroupLimits limits,
            ContainerStep step) {}

    /// What came of it.
    sealed interface Outcome {
        /// @param container as it is now; empty if it has gone meanwhile
        record Done(Optional<SeenContainer> container) implements Outcome {}

        record Gone(String id) implements Outcome {}

        record Refused(String because, boolean noImage) implements Outcome {}

        /// It may have been done or not.
        record Away(String because) implements Outcome {}
    }

    private final Engine engine;
    private final Machine machine;
    private final InstantSource clock;
    private final Semaphore room = new Semaphore(AT_ONCE);

    ContainerHands(Engine engine, Machine machine, InstantSource clock) {
        this.engine = engine;
        this.machine = machine;
        this.clock = clock;
    }

    Outcome does(Work work) {
        try {
            boolean waits = work.step() instanceof ContainerStep.Stop || work.step() instanceof ContainerStep.Restart;
            if (waits) {
                return done(work); // it may take as long as the container likes
            }
            room.acquire();
            try {
                return done(work);
            } finally {
                room.release();
            }
        } catch (EngineRefusedException e) {
            return refused(work, e);
        } catch (EngineException e) {
            return new Outcome.Away(e.getMessage());
        } catch (IOException e) {
            return new Outcome.Refused(e.getMessage(), false);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new Outcome.Away("interrupted");
        }
    }

    private Outcome refused(Work work, EngineRefusedException because) {
        try {
            boolean passes = because.reason() == Reason.NAME_TAKEN && isOurs(work);
            return passes
                    ? new Outcome.Away(because.getMessage())
                    : new Outcome.Refused(because.getMessage(), because.reason() == Reason.NO_IMAGE);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new Outcome.Away("interrupted");
        }
    }

    private Outcome done(Work work) throws EngineException, IOException, InterruptedException {
        var containers = engine.containers();
        LOG.info("container unit={} step={}", work.unit(), work.step());
        return switch (work.step()) {
            case ContainerStep.Create(String run) -> create(work, run);
            case ContainerStep.Start(String id) -> {
                containers.start(id);
                yield new Outcome.Done(containers.inspect(id));
            }
            case ContainerStep.Stop(String id) -> {
                containers.stop(id, stopTimeout(work));
                yield new Outcome.Done(containers.inspect(id));
            }
            case ContainerStep.Kill(String id) -> {
                kill(id);
                yield new Outcome.Done(containers.inspect(id));
            }
            case ContainerStep.Restart(String id) -> {
                containers.stop(id, stopTimeout(work));
                containers.start(id);
                yield new Outcome.Done(containers.inspect(id));
            }
            case ContainerStep.Remove(String id) -> {
                containers.remove(id);
                yield new Outcome.Gone(id);
            }
            case ContainerStep.Limit(String id, CgroupLimits limits) -> {
                containers.limit(id, limits);
                yield new Outcome.Done(containers.inspect(id));
            }
            case ContainerStep.Provide _, ContainerStep.Answer _ ->
                throw new IllegalArgumentException("not for these hands: " + work.step());
        };
    }

    private Outcome create(Work work, String run) throws EngineException, IOException, InterruptedException {
        var unit = work.loaded().orElseThrow();
        var read = work.settings().orElseThrow();
        var settings = read.with(work.limits())
                .with(JournalFields.with(read.logging(), machine.logDriver(), work.unit()));
        var files = MachineFiles.read(settings).under(environment(work.unit()));
        var labels = new ContainerLabels(
                machine.cluster(), machine.id(), work.unit(), unit.file().hash(), unit.placement(), run);
        var id = engine.containers().create(new ContainerPlan(settings, labels, files));
        try {
            engine.containers().start(id);
        } catch (EngineRefusedException e) {
            engine.containers().remove(id);
            throw e;
        }
        return new Outcome.Done(engine.containers().inspect(id));
    }

    /// Whether a name is taken by a container of the same unit, which an earlier call has made or is about to remove.
    private boolean isOurs(Work work) throws InterruptedException {
        try {
            var name = work.settings().map(ContainerSettings::name).orElse("");
            return engine.containers().inspect(name).flatMap(SeenContainer::labels)
                    .filter(own -> own.unit().equals(work.unit()) && own.machine().equals(machine.id()))
                    .isPresent();
        } catch (EngineException _) {
            return true; // it is tried again, and then asked again
        }
    }

    /// What every unit is told of its machine and itself.
    private ImmutableMap<String, String> environment(UnitName unit) {
        var environment = new TreeMap<>(machine.environment());
        environment.put("FLOTA_UNIT", unit.full());
        return ImmutableMap.copyOf(environment);
    }

    private void kill(String id) throws EngineException, InterruptedException {
        try {
            engine.containers().kill(id, Signal.KILL);
        } catch (EngineRefusedException e) {
            if (e.reason() != Reason.CONFLICT) {
                throw e; // it has ended by itself
            }
        }
    }

    private static Duration stopTimeout(Work work) {
        return work.settings().flatMap(settings -> settings.program().stopTimeout()).orElse(STOP_TIMEOUT);
    }

    /// Has the image here, be it by pulling it.
    ///
    /// @param progress is told every now and then
    ImageSight provides(ContainerSettings settings, Consumer<String> progress) {
        var image = settings.image();
        var layers = new Layers(image.toString());
        try {
            var _ = engine.images().provide(image, settings.pull(), news -> layers.heard(news, clock.instant()).ifPresent(progress));
            return new ImageSight.Here(clock.instant());
        } catch (EngineRefusedException e) {
            boolean forGood = settings.pull() == PullPolicy.NEVER;
            return new ImageSight.Missing(e.getMessage(), forGood ? Instant.MAX : clock.instant());
        } catch (EngineException e) {
            return new ImageSight.Missing(e.getMessage(), clock.instant());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new ImageSight.Missing("interrupted", clock.instant());
        }
    }
}
