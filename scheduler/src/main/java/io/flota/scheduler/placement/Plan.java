package io.flota.scheduler.placement;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSetMultimap;
import io.flota.registry.PlacementChange;
import io.flota.scheduler.placement.Decision.Wait;
import io.flota.unit.Placement;
import io.flota.unit.UnitName;
import java.time.Instant;
import java.util.Optional;
import java.util.stream.Stream;

/// What the leader does about a cluster, in the order in which it is to be carried out, and why the rest waits.
/// Plans that decide the same are equal.
public final class Plan {
    private final ImmutableList<Decision> decisions;
    private final Refusals refusals;
    private final ImmutableList<PlacementChange> forgotten;
    private final Optional<Instant> next;

    Plan(Draft draft) {
        decisions = ImmutableList.copyOf(draft.decisions());
        refusals = new Refusals(draft);
        forgotten = forgotten(draft);
        next = Stream.of(draft.setbacks().next(), draft.standbys().next())
                .flatMap(Optional::stream)
                .min(Instant::compareTo);
    }

    /// All decisions, the waiting units among them.
    public ImmutableList<Decision> decisions() {
        return decisions;
    }

    /// The decisions that write something.
    public ImmutableList<Decision> changes() {
        return decisions.stream()
                .filter(decision -> !(decision instanceof Wait))
                .collect(ImmutableList.toImmutableList());
    }

    /// The failures that are not remembered any more, each as it was and as it is to be.
    public ImmutableList<PlacementChange> forgotten() {
        return forgotten;
    }

    /// When time alone makes another plan of the same cluster; empty: never.
    public Optional<Instant> next() {
        return next;
    }

    /// Who is given up now is remembered with that.
    private static ImmutableList<PlacementChange> forgotten(Draft draft) {
        var givenUp = draft.decisions().stream()
                .filter(Decision.GiveUp.class::isInstance)
                .map(decision -> ((Decision.GiveUp) decision).placement().placement())
                .collect(ImmutableSetMultimap.toImmutableSetMultimap(Placement::unit, Placement::machine));
        return draft.setbacks().forgotten().stream()
                .filter(it -> !givenUp.containsEntry(it.unit(), it.machine()))
                .collect(ImmutableList.toImmutableList());
    }

    /// Why a unit is not where it might be, machine by machine in the order of their ids. Empty for an ordinary unit
    /// that has its place, and for one that is not wanted; a global unit is refused by the machines that lack it.
    /// Worked out when asked: a cluster may have very many units that wait.
    public ImmutableList<Refusal> refusals(UnitName unit) {
        return refusals.of(unit);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Plan plan && decisions.equals(plan.decisions);
    }

    @Override
    public int hashCode() {
        return decisions.hashCode();
    }

    /// One decision a line.
    @Override
    public String toString() {
        return String.join("\n", decisions.stream().map(Decision::toString).toList());
    }
}
