package io.flota.agent.runtime.health;

import com.google.common.base.Ascii;
import io.flota.unit.HealthCheck;
import io.flota.unit.UnitState;
import java.time.Duration;
import java.util.Optional;

/// What is known of the health of one run of a unit. Pure. Times are of [io.flota.loop.World#uptime]: whoever sets the
/// calendar makes no unit ill, and keeps none well.
///
/// | from | a try | to |
/// |---|---|---|
/// | starting, unhealthy | succeeds | healthy |
/// | starting | fails, and the start period and that of all retries are over | unhealthy |
/// | healthy | fails as often as there are retries | unhealthy |
///
/// @param failures in a row
/// @param begun when the unit was first seen to be active
/// @param since when this status began
/// @param because why the last try failed; empty if it did not
record Diagnosis(Status status, int failures, Duration begun, Duration since, String because) {
    enum Status {
        STARTING,
        HEALTHY,
        UNHEALTHY
    }

    /// A unit that has been unhealthy for so long counts as failed, as a container does.
    static final Duration PATIENCE = Duration.ofSeconds(30);

    /// A unit that is still starting is asked soon again, and then ever more rarely.
    private static final Duration FIRST_REST = Duration.ofMillis(100);

    private static final Duration LAST_REST = Duration.ofSeconds(1);
    private static final int MOST_DOUBLINGS = 10;

    static Diagnosis of(Duration begun) {
        return new Diagnosis(Status.STARTING, 0, begun, begun, "");
    }

    /// @param failure why a try failed; empty if it succeeded
    Diagnosis after(Optional<String> failure, HealthCheck terms, Duration now) {
        if (failure.isEmpty()) {
            return new Diagnosis(Status.HEALTHY, 0, begun, status == Status.HEALTHY ? since : now, "");
        }
        boolean over = switch (status) {
            case STARTING -> now.minus(begun)
                    .compareTo(terms.startPeriod().plus(terms.interval().multipliedBy(terms.retries()))) >= 0;
            case HEALTHY -> failures + 1 >= terms.retries();
            case UNHEALTHY -> true;
        };
        boolean falls = over && status != Status.UNHEALTHY;
        return new Diagnosis(over ? Status.UNHEALTHY : status, failures + 1, begun, falls ? now : since, failure.get());
    }

    /// Until the next try.
    Duration rest(HealthCheck terms) {
        return switch (status) {
            case HEALTHY, UNHEALTHY -> terms.interval();
            case STARTING -> {
                var longer = FIRST_REST.multipliedBy(1L << Math.min(failures, MOST_DOUBLINGS));
                var rest = longer.compareTo(LAST_REST) < 0 ? longer : LAST_REST;
                yield rest.compareTo(terms.interval()) < 0 ? rest : terms.interval();
            }
        };
    }

    UnitState.Health health(Duration now) {
        boolean ailing = status == Status.UNHEALTHY && now.minus(since).compareTo(PATIENCE) >= 0;
        return new UnitState.Health(Ascii.toLowerCase(status.name()), ailing);
    }
}
