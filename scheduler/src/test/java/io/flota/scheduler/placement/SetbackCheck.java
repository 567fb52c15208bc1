package io.flota.scheduler.placement;

import io.flota.machine.MachineId;
import io.flota.registry.Fact.FailuresFact;
import io.flota.scheduler.cluster.Cluster;
import io.flota.scheduler.cluster.RegisteredUnit;
import io.flota.scheduler.cluster.RegisteredUnit.Readable;
import io.flota.scheduler.placement.Decision.GiveUp;
import io.flota.unit.Failures;
import io.flota.unit.UnitName;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// What a plan makes of units that have failed.
///
/// @param breaches where it tells every promise that is broken
record SetbackCheck(Cluster cluster, List<String> breaches) {
    private static final Duration MEMORY = Duration.ofHours(1);
    private static final Duration LONGEST_REST = Duration.ofMinutes(5);

    /// A failure is counted: it must be one, and the first of this start.
    void givenUp(GiveUp decision) {
        var placement = decision.placement().placement();
        var unit = decision.unit().unit();
        var state = cluster.statesOf(unit.name()).get(placement.machine());
        breachIf(
                state == null
                        || !(state.active().equals("failed") || state.health().isAiling())
                        || !state.placementId().equals(placement.id())
                        || state.generation() != unit.generation()
                        || placement.generation() != unit.generation()
                        || !placement.fileHash().equals(unit.fileHash())
                        || !(decision.unit().contents() instanceof Readable(var file, _)
                                && !List.of("no", "on-success").contains(file.last("Service", "Restart").orElse("no"))),
                "gives up what has not failed for good: " + decision);
        int expected = decision.before()
                        .map(FailuresFact::failures)
                        .filter(it -> it.areOf(unit) && it.last().plus(MEMORY).isAfter(cluster.moment()))
                        .map(Failures::count)
                        .orElse(0)
                + 1;
        breachIf(decision.after().count() != expected, "miscounts: " + decision);
        breachIf(!decision.after().areOf(unit), "remembers what another unit did: " + decision);
    }

    /// A unit starts on a machine: if it has failed, its time must be over.
    void started(RegisteredUnit unit, MachineId machine) {
        int all = 0;
        var last = Optional.<Instant>empty();
        for (var fact : cluster.failuresOf(unit.name()).values()) {
            var failed = fact.failures();
            if (!failed.areOf(unit.unit())) {
                continue;
            }
            last = last.filter(failed.last()::isBefore).or(() -> Optional.of(failed.last()));
            var ago = Duration.between(failed.last(), cluster.moment());
            if (!ago.isNegative() && ago.compareTo(MEMORY) < 0) {
                all += failed.count();
                long seconds = Math.min(300, 10L * Math.round(Math.pow(2, failed.count() - 1)));
                breachIf(
                        fact.machine().equals(machine) && ago.compareTo(Duration.ofSeconds(seconds)) < 0,
                        unit.name() + " comes to " + machine + ", where it failed " + ago + " ago");
                breachIf(
                        !unit.isGlobal() && ago.compareTo(Duration.ofSeconds(1)) < 0,
                        unit.name() + " starts " + ago + " after a failure");
            }
        }
        int failures = all;
        last.ifPresent(latest -> {
            var ago = Duration.between(latest, cluster.moment());
            long seconds = Math.min(300, Math.round(Math.pow(2, failures - 1)));
            breachIf(
                    !unit.isGlobal() && !ago.isNegative() && ago.compareTo(Duration.ofSeconds(seconds)) < 0,
                    unit.name() + " starts " + ago + " after the last of " + failures + " failures");
        });
    }

    /// Whether a unit failed so lately that machines may be avoided for it; a leader's calendar may also be set back
    /// behind its last failure.
    boolean mayStillRest(UnitName unit) {
        return cluster.failuresOf(unit).values().stream()
                .anyMatch(fact -> fact.failures().last().plus(LONGEST_REST).isAfter(cluster.moment()));
    }

    private void breachIf(boolean breach, String words) {
        if (breach) {
            breaches.add(words);
        }
    }
}
