package io.flota.agent.runtime.docker;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSortedSet;
import io.flota.unit.UnitName;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeoutException;

/// What is known of this machine's containers. Docker is asked only for those of which something was heard, and every
/// now and then for all, in case that something was not.
final class Sightings {
    private static final Duration RESYNC = Duration.ofSeconds(60);

    private final Containers containers;
    private final ImmutableMap<String, String> labels;
    private final InstantSource clock;

    private final TreeMap<String, SeenContainer> seen = new TreeMap<>();
    private final Set<String> unseen = new HashSet<>();
    /// Those of which more is known than a look that is under way can say.
    private final Set<String> touched = new HashSet<>();
    /// Until when those are let be that Docker cannot tell about: it would hold up all others.
    private final Map<String, Instant> hung = new TreeMap<>();
    private boolean allUnseen = true;
    private Instant listed = Instant.MIN;

    Sightings(Containers containers, ImmutableMap<String, String> labels, InstantSource clock) {
        this.containers = containers;
        this.labels = labels;
        this.clock = clock;
    }

    /// Something became of it.
    synchronized void heard(String id) {
        unseen.add(id);
    }

    /// Anything may have become of any.
    synchronized void lost() {
        allUnseen = true;
    }

    synchronized void saw(SeenContainer container) {
        touched.add(container.id());
        seen.put(container.id(), container);
        notifyAll();
    }

    synchronized void gone(String id) {
        touched.add(id);
        seen.remove(id);
        notifyAll();
    }

    /// Whether all that there are were seen once.
    synchronized boolean isComplete() {
        return listed.isAfter(Instant.MIN);
    }

    /// Sees what may have changed.
    ///
    /// @throws EngineException if Docker is away; the next look sees all
    void look() throws EngineException, InterruptedException {
        boolean all;
        ImmutableSortedSet<String> due;
        synchronized (this) {
            all = allUnseen || !clock.instant().isBefore(listed.plus(RESYNC));
            due = ImmutableSortedSet.copyOf(unseen);
            unseen.clear();
            touched.clear();
            allUnseen = false;
        }
        try {
            var ids = all ? containers.ids(labels) : due;
            var found = new TreeMap<String, Optional<SeenContainer>>();
            for (var id : ids) {
                inspect(id).ifPresent(state -> found.put(id, state));
            }
            take(all, ids, found);
        } catch (EngineException | RuntimeException e) {
            lost();
            throw e;
        }
    }

    /// @return empty if Docker does not tell: then it is as it was seen last
    private Optional<Optional<SeenContainer>> inspect(String id) throws EngineException, InterruptedException {
        synchronized (this) {
            if (hung.getOrDefault(id, Instant.MIN).isAfter(clock.instant())) {
                return Optional.empty();
            }
        }
        try {
            return Optional.of(containers.inspect(id));
        } catch (EngineAwayException e) {
            if (!(e.getCause() instanceof TimeoutException)) {
                throw e;
            }
            synchronized (this) {
                hung.put(id, clock.instant().plus(RESYNC));
                unseen.add(id);
            }
            return Optional.empty();
        }
    }

    private synchronized void take(
            boolean all, Collection<String> ids, Map<String, Optional<SeenContainer>> found) {
        if (all) {
            seen.keySet().removeIf(id -> !ids.contains(id) && !touched.contains(id));
            hung.keySet().retainAll(ids);
            listed = clock.instant();
        }
        found.forEach((id, state) -> {
            if (touched.contains(id)) {
                return;
            }
            if (state.isPresent()) {
                seen.put(id, state.get());
            } else {
                seen.remove(id);
            }
        });
        notifyAll();
    }

    /// Waits until something has become of some container; not for long, as not all is told.
    synchronized void awaitChange(Duration limit) throws InterruptedException {
        wait(limit.toMillis());
    }

    synchronized boolean isEmpty() {
        return seen.isEmpty();
    }

    synchronized Optional<SeenContainer> get(String id) {
        return Optional.ofNullable(seen.get(id));
    }

    synchronized List<SeenContainer> of(UnitName unit) {
        return seen.values().stream()
                .filter(container -> container.labels().filter(own -> own.unit().equals(unit)).isPresent())
                .toList();
    }

    /// All of a unit, whatever became of them, in the order in which they began.
    List<SeenContainer> inOrder(UnitName unit) {
        return of(unit).stream()
                .sorted(Comparator.comparing(container -> container.started().orElse(Instant.MAX)))
                .toList();
    }

    Optional<SeenContainer> running(UnitName unit) {
        return of(unit).stream().filter(SeenContainer::runs).findFirst();
    }

    /// Those that have containers.
    synchronized Set<UnitName> units() {
        var units = new TreeSet<UnitName>();
        seen.values().forEach(container -> container.labels().ifPresent(own -> units.add(own.unit())));
        return units;
    }
}
