package io.flota.scheduler.placement;

import com.google.common.collect.ImmutableList;
import io.flota.scheduler.placement.Decision.Wait;
import io.flota.unit.UnitName;

/// What the leader does about a cluster, in the order in which it is to be carried out, and why the rest waits.
/// Plans that decide the same are equal.
public final class Plan {
    private final ImmutableList<Decision> decisions;
    private final Refusals refusals;

    Plan(Draft draft) {
        decisions = ImmutableList.copyOf(draft.decisions());
        refusals = new Refusals(draft);
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
