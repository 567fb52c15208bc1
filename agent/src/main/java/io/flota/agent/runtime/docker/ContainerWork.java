package io.flota.agent.runtime.docker;

import io.flota.agent.runtime.docker.ContainerUnit.Reading.Readable;
import io.flota.agent.runtime.setting.CgroupLimits;
import io.flota.unit.UnitName;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What goes on beside the loop, one thing for a unit at a time: what [ContainerHands] do, and pulls. What came of it is
/// kept in the unit's cell.
final class ContainerWork {
    private static final Logger LOG = LoggerFactory.getLogger(ContainerWork.class);
    private static final Duration PAUSE = Duration.ofSeconds(1);

    private final ContainerHands hands;
    private final Sightings sightings;
    private final LoadedContainers loaded;
    private final InstantSource clock;
    private volatile boolean closing;

    ContainerWork(ContainerHands hands, Sightings sightings, LoadedContainers loaded, InstantSource clock) {
        this.hands = hands;
        this.sightings = sightings;
        this.loaded = loaded;
        this.clock = clock;
    }

    /// Comes back at once. Nobody else may change the cell meanwhile.
    void begin(UnitName unit, ContainerCell cell, ContainerStep step, ContainerSight sight) {
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
        beside("container of " + unit, () -> {
            var outcome = hands.does(work);
            loaded.change(() -> ended(cell, work, outcome));
        });
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
        cell.underway = Optional.empty();
        switch (outcome) {
            case ContainerHands.Outcome.Done(var container) -> container.ifPresent(found -> done(cell, work, found));
            case ContainerHands.Outcome.Gone(String id) -> sightings.gone(id);
            case ContainerHands.Outcome.Refused(String because, boolean noImage) -> {
                refused(cell, work, because);
                if (noImage) {
                    cell.image = new ImageSight.Used();
                }
            }
            case ContainerHands.Outcome.Away(String because) -> {
                cell.note = because;
                cell.rests = clock.instant().plus(PAUSE);
                if (work.step() instanceof ContainerStep.Stop(String id)) {
                    cell.stopsAnew(id);
                }
                sightings.lost(); // it may have been done
            }
        }
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
                cell.rests = clock.instant().plus(PAUSE);
                sightings.lost();
            }
        }
    }

    private void provide(UnitName unit, ContainerCell cell, Readable readable) {
        var pull = new Object();
        cell.pull = pull;
        cell.image = new ImageSight.Coming(readable.settings().image().toString());
        beside("image of " + unit, () -> {
            var sight = hands.provides(readable.settings(), progress ->
                    loaded.change(() -> pulled(cell, pull, new ImageSight.Coming(progress))));
            loaded.change(() -> pulled(cell, pull, sight));
        });
    }

    /// What a pull of an earlier file, or one that has ended, still tells is left out.
    private void pulled(ContainerCell cell, Object pull, ImageSight sight) {
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

    /// What fails from now on does so because of that.
    void close() {
        closing = true;
    }
}
