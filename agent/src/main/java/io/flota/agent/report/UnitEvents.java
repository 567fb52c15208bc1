package io.flota.agent.report;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSortedMap;
import io.flota.agent.steps.Step;
import io.flota.agent.steps.Turn;
import io.flota.machine.MachineId;
import io.flota.registry.EventLog;
import io.flota.registry.Fact.EventFact;
import io.flota.registry.Happening;
import io.flota.registry.Happening.Kind;
import io.flota.store.Lease;
import io.flota.unit.UnitName;
import io.flota.unit.UnitState;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.Optional;
import java.util.TreeMap;

/// What this machine has to tell of its units: started, stopped and failed, as their states turn, and whatever other
/// parts of the agent [#tell]. It is kept until it is written, which may be long after an outage; an event that may
/// have been written is written again under the same id.
public final class UnitEvents {
    /// What waits for a store that is away. What comes beyond it is counted and left out.
    private static final int MOST_PENDING = 1000;
    /// What ended while no agent was there is found in the moment before this one begins.
    private static final Duration BEFORE_BEGIN = Duration.ofSeconds(5);

    private final EventLog log;
    private final MachineId machine;
    private final InstantSource clock;
    private final Instant begun;
    private final TreeMap<String, EventFact> pending = new TreeMap<>();
    /// The last state of each unit that was neither up nor down only in passing.
    private final TreeMap<UnitName, UnitState> settled = new TreeMap<>();
    private final TreeMap<UnitName, String> whyStarted = new TreeMap<>();
    private final TreeMap<UnitName, String> whyStopped = new TreeMap<>();
    private boolean adopted;

    public UnitEvents(EventLog log, MachineId machine, InstantSource clock) {
        this.log = log;
        this.machine = machine;
        this.clock = clock;
        this.begun = clock.instant();
    }

    /// A step that is about to be taken: the reason of what comes of it.
    public synchronized void because(Step step) {
        switch (step) {
            case Step.Start(var unit, _, var because) -> whyStarted.put(unit, because);
            case Step.Stop(var unit, var because) -> whyStopped.put(unit, because);
            case Step.Drain _, Step.Load _, Step.Unload _, Step.SetProperties _ -> {}
        }
    }

    /// Tells what the states do not.
    public synchronized void tell(Kind kind, UnitName unit, String reason) {
        tell(kind, unit, reason, settled.getOrDefault(unit, Turn.NONE).placementId());
    }

    private void tell(Kind kind, UnitName unit, String reason, String placementId) {
        var happening = new Happening(
                clock.instant(), kind, Optional.of(unit), Optional.of(machine), reason, machine.value(), placementId);
        boolean room = pending.size() < MOST_PENDING;
        var draft = room ? log.draft(happening) : new EventLog.Draft(happening, Optional.empty(), false);
        log.done(draft);
        draft.event().ifPresent(event -> pending.put(event.id(), event));
    }

    /// All states of this machine's units, as they are now.
    synchronized void see(ImmutableSortedMap<UnitName, UnitState> states) {
        states.forEach((unit, state) -> {
            if (!Turn.isBetween(state)) {
                turn(unit, before(unit, state), state);
                settled.put(unit, state);
            }
        });
        settled.entrySet().removeIf(known -> {
            boolean gone = !states.containsKey(known.getKey());
            if (gone) {
                turn(known.getKey(), known.getValue(), Turn.NONE);
                whyStarted.remove(known.getKey());
                whyStopped.remove(known.getKey());
            }
            return gone;
        });
        adopted = true;
    }

    /// What is still to be written, in the order in which it happened.
    synchronized ImmutableList<EventFact> pending() {
        if (pending.size() < MOST_PENDING) {
            for (var due : log.due()) {
                log.done(due);
                due.event().ifPresent(event -> pending.put(event.id(), event));
            }
        }
        return ImmutableList.copyOf(pending.values());
    }

    synchronized void written(Collection<EventFact> events) {
        events.forEach(event -> pending.remove(event.id()));
    }

    Optional<Lease> lease() {
        return log.lease();
    }

    void doubtLease() {
        log.doubtLease();
    }

    Optional<Duration> untilDue() {
        return log.untilDue();
    }

    /// A unit that an earlier agent left is as it was then, unless it ended meanwhile.
    private UnitState before(UnitName unit, UnitState now) {
        if (adopted || settled.containsKey(unit)) {
            return settled.getOrDefault(unit, Turn.NONE);
        }
        boolean endedMeanwhile =
                now.isDown() && now.generation() != 0 && now.since().isAfter(begun.minus(BEFORE_BEGIN));
        return endedMeanwhile
                ? new UnitState(
                        now.load(), "active", "", now.fileHash(), now.placementId(), now.generation(), Instant.EPOCH, "",
                        0, now.restarts())
                : now;
    }

    private void turn(UnitName unit, UnitState before, UnitState now) {
        String placement = now.placementId().isEmpty() ? before.placementId() : now.placementId();
        for (var turn : Turn.between(before, now)) {
            switch (turn.kind()) {
                case STARTED -> tell(Kind.STARTED, unit, started(unit, now, turn), placement);
                case STOPPED -> tell(Kind.STOPPED, unit, stopped(unit, turn), placement);
                case FAILED -> tell(Kind.FAILED, unit, failed(unit, turn), placement);
            }
        }
    }

    private String started(UnitName unit, UnitState now, Turn turn) {
        whyStopped.remove(unit);
        var asked = Optional.ofNullable(whyStarted.remove(unit));
        if (turn.byItself()) {
            return joined("Restart= started it again", turn.words());
        }
        String unasked = now.generation() == 0 ? "another unit needs it" : "it is placed here";
        return joined(asked.orElse(unasked), turn.words());
    }

    private String stopped(UnitName unit, Turn turn) {
        String unasked = turn.byItself() ? "it ended by itself" : "another unit took it down";
        return joined(Optional.ofNullable(whyStopped.remove(unit)).orElse(unasked), turn.words());
    }

    private String failed(UnitName unit, Turn turn) {
        whyStarted.remove(unit);
        var stopped = Optional.ofNullable(whyStopped.remove(unit)).map(why -> "told to stop: " + why);
        return joined(stopped.orElse(""), turn.words().isEmpty() ? "it does not say why" : turn.words());
    }

    private static String joined(String first, String second) {
        return first.isEmpty() || second.isEmpty() ? first + second : first + "; " + second;
    }
}
