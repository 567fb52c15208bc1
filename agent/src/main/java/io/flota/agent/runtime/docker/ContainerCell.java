package io.flota.agent.runtime.docker;

import com.google.common.base.Ascii;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import io.flota.agent.runtime.docker.ContainerUnit.Reading.Readable;
import io.flota.agent.runtime.docker.SeenContainer.Health;
import io.flota.agent.runtime.setting.CgroupLimits;
import io.flota.loop.Backoff;
import io.flota.unit.UnitProperties;
import io.flota.unit.UnitState;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;

/// What is known and under way for one unit that has containers, or had. Guarded by whoever owns it.
final class ContainerCell {
    private static final Duration FIRST_PULL = Duration.ofSeconds(1);
    /// For so long may a container be unhealthy before its unit counts as failed.
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Duration LAST_PULL = Duration.ofMinutes(5);

    /// Empty if it is not loaded here any more.
    Optional<ContainerUnit> unit = Optional.empty();
    /// Whether it goes once the machine's runtime has forgotten it.
    boolean leaves;
    /// What the agent was asked to start last, of one that cannot be read.
    long generation;
    Instant since = Instant.EPOCH;
    ImageSight image = new ImageSight.Used();
    /// The pull that counts; what another one tells is late.
    Object pull = new Object();
    /// What operators have set, of one that cannot be read: nobody else keeps it.
    UnitProperties properties = UnitProperties.NONE;
    /// What is being done.
    Optional<ContainerStep> underway = Optional.empty();
    /// Not before is anything tried again.
    Instant rests = Instant.MIN;
    /// What an operator should know.
    String note = "";
    /// Since when its container is unhealthy.
    Optional<Instant> ill = Optional.empty();

    private final Backoff pulls = new Backoff(FIRST_PULL, LAST_PULL, new SplittableRandom());
    private final Map<String, CgroupLimits> limited = new HashMap<>();
    private final Set<String> stopping = new HashSet<>();
    private final Map<String, String> failed = new HashMap<>();
    private final Map<String, Integer> ended = new HashMap<>();
    private final Set<String> ran = new HashSet<>();

    Optional<Readable> readable() {
        return unit.map(ContainerUnit::reading).filter(Readable.class::isInstance).map(Readable.class::cast);
    }

    /// @param properties empty if they are not known just now
    ContainerSight sight(
            boolean up, List<Ask> asks, List<SeenContainer> containers, Optional<UnitProperties> properties,
            Instant now) {
        var runs = asks.stream().map(Ask::run).toList();
        failed.keySet().retainAll(runs);
        ran.retainAll(runs);
        containers.stream().filter(SeenContainer::runs).flatMap(container -> container.labels().stream())
                .map(ContainerLabels::run)
                .filter(runs::contains)
                .forEach(ran::add);
        var ids = containers.stream().map(SeenContainer::id).toList();
        limited.keySet().retainAll(ids);
        stopping.retainAll(ids);
        var settings = readable().map(Readable::settings);
        var limits = settings.flatMap(own -> properties.map(own.limits()::with));
        return new ContainerSight(
                unit.isPresent(), settings, up, underway, ImmutableList.copyOf(asks), ImmutableList.copyOf(containers),
                image, limits, ImmutableMap.copyOf(limited), ImmutableList.copyOf(stopping),
                ImmutableMap.copyOf(failed), ImmutableSet.copyOf(ran), ImmutableMap.copyOf(ended), now);
    }

    /// @return when it counts as failed if nothing changes
    Optional<Instant> sees(Optional<SeenContainer> running, Instant now) {
        boolean isIll = running.flatMap(SeenContainer::health).filter(Health.UNHEALTHY::equals).isPresent();
        ill = isIll ? ill.or(() -> Optional.of(now)) : Optional.empty();
        return ill.map(since -> since.plus(PATIENCE)).filter(now::isBefore);
    }

    UnitState.Health health(Optional<SeenContainer> running, Instant now) {
        return running.flatMap(SeenContainer::health)
                .map(health -> new UnitState.Health(
                        Ascii.toLowerCase(health.name()),
                        ill.filter(since -> !now.isBefore(since.plus(PATIENCE))).isPresent()))
                .orElse(UnitState.Health.UNCHECKED);
    }

    void limited(String id, CgroupLimits limits) {
        limited.put(id, limits);
    }

    void stops(String id) {
        stopping.add(id);
    }

    /// It is not known whether it was told.
    void stopsAnew(String id) {
        stopping.remove(id);
    }

    void failed(String run, String because) {
        failed.put(run, because);
        note = because;
    }

    void ended(String run, int status) {
        ended.clear();
        ended.put(run, status);
    }

    void provided(Instant now) {
        pulls.reset();
        image = new ImageSight.Here(now);
    }

    void missing(String because, Instant now) {
        image = new ImageSight.Missing(because, now.plus(pulls.next()));
    }
}
