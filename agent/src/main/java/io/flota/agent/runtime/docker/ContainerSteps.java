package io.flota.agent.runtime.docker;

import io.flota.agent.runtime.docker.Ask.Verb;
import io.flota.agent.runtime.docker.ContainerSettings.HealthOnFailure;
import io.flota.agent.runtime.docker.SeenContainer.Health;
import io.flota.agent.runtime.docker.SeenContainer.Status;
import io.flota.agent.runtime.process.Signal;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.stream.Stream;

/// Decides what is to be done next for one container's unit. Pure.
///
/// The unit's service asks, see [Ask]; a container is there for as long as somebody asks for it to run, and what it
/// ends with is the answer. A container that nobody asks for goes.
final class ContainerSteps {
    /// The exit code of one that could not be run, as of `docker run`.
    static final int NOT_RUN = 125;
    private static final int OF_SIGNAL = 128;
    private static final int KILLED = 137;
    /// For so long is an image taken for granted that was had ahead of the start.
    private static final Duration FRESH = Duration.ofMinutes(1);
    private static final Duration LATE = Duration.ofSeconds(10);

    private final ContainerSight sight;

    private ContainerSteps(ContainerSight sight) {
        this.sight = sight;
    }

    /// Empty if there is nothing to do until something happens.
    static Optional<ContainerStep> next(ContainerSight sight) {
        var steps = new ContainerSteps(sight);
        if (sight.underway().isPresent()) {
            return steps.image();
        }
        return Stream.<Optional<ContainerStep>>of(
                        steps.removal(), steps.image(), steps.stop(), steps.run(), steps.ready())
                .flatMap(Optional::stream)
                .findFirst();
    }

    /// When something is to be done though nothing happens; empty if nothing is.
    static Optional<Instant> due(ContainerSight sight) {
        var pull = sight.image() instanceof ImageSight.Missing(_, var again) && again.isAfter(sight.now())
                && !again.equals(Instant.MAX)
                ? Optional.of(again)
                : Optional.<Instant>empty();
        var late = sight.asked(Verb.RUN).isEmpty()
                ? sight.asked(Verb.READY).map(ask -> late(ask, sight.now())).filter(sight.now()::isBefore)
                : Optional.<Instant>empty();
        return Stream.of(pull, late).flatMap(Optional::stream).min(Instant::compareTo);
    }

    /// From when on nobody else is waited for who may come after this question.
    private static Instant late(Ask ask, Instant now) {
        return (ask.asked().isBefore(now) ? ask.asked() : now).plus(LATE);
    }

    /// What is left of former activations, and all of a unit that is down or was told to be cleared. What still runs is
    /// stopped first: the runtime does not ask for that where a unit was not quite up.
    private Optional<ContainerStep> removal() {
        for (var container : sight.containers()) {
            if (!stays(container) && container.status() != Status.REMOVING) {
                boolean stops = container.runs() && !sight.stopping().contains(container.id());
                return Optional.of(stops
                        ? new ContainerStep.Stop(container.id())
                        : new ContainerStep.Remove(container.id()));
            }
        }
        boolean cleared = sight.containers().stream().allMatch(this::isEvidence);
        return sight.asked(Verb.CLEAR).filter(_ -> cleared).map(ask -> answer(ask, 0, ""));
    }

    private boolean stays(SeenContainer container) {
        var wanted = sight.asked(Verb.RUN).map(Ask::run);
        if (wanted.isPresent()) {
            return sight.of(wanted.get()).filter(container::equals).isPresent();
        }
        // Nobody asks while the unit is up if the folder of questions was removed.
        boolean unclear = sight.asked(Verb.CLEAR).isEmpty() && sight.up() && sight.loaded();
        return unclear || isEvidence(container);
    }

    /// One that has failed is kept until the unit's next start, for whoever asks why: its output, and what Docker knows.
    private boolean isEvidence(SeenContainer container) {
        boolean over = container.status() == Status.EXITED || container.status() == Status.DEAD;
        return over && container.exitCode() != 0 && sight.settings().isPresent()
                && !sight.stopping().contains(container.id());
    }

    private Optional<ContainerStep> image() {
        var ask = sight.asked(Verb.IMAGE);
        if (sight.settings().isEmpty()) {
            return ask.map(left -> answer(left, NOT_RUN, "the unit is no container any more"));
        }
        return switch (sight.image()) {
            case ImageSight.Wanted _ -> Optional.of(new ContainerStep.Provide());
            case ImageSight.Here(var since) ->
                ask.map(waits -> since.plus(FRESH).isAfter(sight.now())
                        ? answer(waits, 0, "")
                        : new ContainerStep.Provide()); // it may have been removed since
            case ImageSight.Used _ -> ask.map(_ -> new ContainerStep.Provide());
            case ImageSight.Coming _ -> Optional.empty();
            case ImageSight.Missing(String because, var again) when again.equals(Instant.MAX) ->
                ask.map(waits -> answer(waits, NOT_RUN, because));
            case ImageSight.Missing(_, var again) when !again.isAfter(sight.now()) ->
                Optional.of(new ContainerStep.Provide());
            case ImageSight.Missing _ -> Optional.empty();
        };
    }

    private Optional<ContainerStep> stop() {
        var ask = sight.asked(Verb.STOP);
        if (ask.isEmpty()) {
            return Optional.empty();
        }
        return sight.containers().stream()
                .filter(SeenContainer::runs)
                .findFirst()
                .<ContainerStep>map(container -> new ContainerStep.Stop(container.id()))
                .or(() -> ask.filter(_ -> sight.asked(Verb.RUN).isEmpty()).map(waits -> answer(waits, 0, "")));
    }

    private Optional<ContainerStep> run() {
        var ask = sight.asked(Verb.RUN);
        if (ask.isEmpty()) {
            return Optional.empty();
        }
        var container = sight.of(ask.get().run());
        var failure = sight.failed().get(ask.get().run());
        if (failure != null) {
            return Optional.of(answer(ask.get(), NOT_RUN, failure));
        }
        if (container.isPresent()) {
            return of(ask.get(), container.get());
        }
        boolean goes = sight.containers().stream().anyMatch(other -> other.status() == Status.REMOVING);
        if (goes) {
            return Optional.empty(); // its name and ports are still taken
        }
        if (sight.ran().contains(ask.get().run())) {
            return Optional.of(answer(ask.get(), KILLED, "its container was removed by somebody else"));
        }
        if (sight.settings().isEmpty()) {
            return Optional.of(answer(ask.get(), NOT_RUN, "the unit is no container any more"));
        }
        boolean ends = sight.asked(Verb.STOP).isPresent();
        return Optional.of(ends ? answer(ask.get(), 0, "") : new ContainerStep.Create(ask.get().run()));
    }

    private Optional<ContainerStep> of(Ask ask, SeenContainer container) {
        return switch (container.status()) {
            case CREATED -> Optional.of(new ContainerStep.Start(container.id()));
            case RUNNING, PAUSED, RESTARTING -> whileRunning(container);
            case REMOVING -> Optional.empty();
            case EXITED, DEAD -> Optional.of(ended(ask, container));
        };
    }

    private Optional<ContainerStep> whileRunning(SeenContainer container) {
        var has = Optional.ofNullable(sight.limited().get(container.id()));
        if (sight.limits().isPresent() && !has.equals(sight.limits())) {
            return Optional.of(new ContainerStep.Limit(container.id(), sight.limits().get()));
        }
        boolean ill = container.health().filter(Health.UNHEALTHY::equals).isPresent();
        if (!ill || sight.stopping().contains(container.id())) {
            return Optional.empty();
        }
        return switch (sight.settings().map(ContainerSettings::onUnhealthy).orElse(HealthOnFailure.NONE)) {
            case NONE -> Optional.empty();
            case KILL -> Optional.of(new ContainerStep.Kill(container.id()));
            case RESTART -> Optional.of(new ContainerStep.Restart(container.id()));
            case STOP -> Optional.of(new ContainerStep.Stop(container.id()));
        };
    }

    /// Whoever was told to stop, and did so, has not failed.
    private ContainerStep ended(Ask ask, SeenContainer container) {
        boolean told = sight.asked(Verb.STOP).isPresent() || sight.stopping().contains(container.id());
        int code = container.exitCode();
        if (container.killedForMemory()) {
            return answer(ask, code == 0 ? NOT_RUN : code, "killed by the kernel: out of memory");
        }
        return answer(ask, told && code == OF_SIGNAL + stopSignal().number() ? 0 : code, "");
    }

    private Signal stopSignal() {
        return sight.settings().flatMap(settings -> settings.program().stopSignal()).orElse(Signal.TERM);
    }

    /// A container that has ended well before anybody looked was up.
    private Optional<ContainerStep> ready() {
        var ask = sight.asked(Verb.READY);
        if (ask.isEmpty()) {
            return Optional.empty();
        }
        var end = sight.ended().get(ask.get().run());
        if (end != null) {
            return ask.map(waits -> answer(waits, end == 0 && !waitsForHealth() ? 0 : 1, ""));
        }
        var container = sight.of(ask.get().run());
        if (container.isEmpty()) {
            // Who runs it may be later than this one; or an earlier agent has told it the end.
            boolean over = sight.asked(Verb.RUN).isEmpty() && !late(ask.get(), sight.now()).isAfter(sight.now());
            return over ? ask.map(waits -> answer(waits, NOT_RUN, "")) : Optional.empty();
        }
        boolean unchecked = container.get().health().isEmpty();
        boolean healthy = container.get().health().filter(Health.HEALTHY::equals).isPresent();
        boolean ill = container.get().health().filter(Health.UNHEALTHY::equals).isPresent();
        return switch (container.get().status()) {
            case RUNNING, PAUSED, RESTARTING -> {
                if (!waitsForHealth() || healthy) {
                    yield ask.map(waits -> answer(waits, 0, ""));
                }
                if (unchecked) {
                    yield ask.map(waits -> answer(
                            waits, 1, "Notify=healthy waits for ever: its image has no health check; add HealthCmd="));
                }
                yield ill ? ask.map(waits -> answer(waits, 1, "it is unhealthy")) : Optional.empty();
            }
            case EXITED, DEAD, CREATED, REMOVING -> Optional.empty();
        };
    }

    private boolean waitsForHealth() {
        return sight.settings().filter(ContainerSettings::notifyHealthy).isPresent();
    }

    private static ContainerStep answer(Ask ask, int status, String words) {
        return new ContainerStep.Answer(ask, status, words);
    }
}
