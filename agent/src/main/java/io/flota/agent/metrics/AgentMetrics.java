package io.flota.agent.metrics;

import com.google.common.collect.ImmutableSortedMap;
import io.flota.store.MeteredStore;
import io.flota.unit.UnitName;
import io.flota.unit.UnitState;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.TimeGauge;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/// One agent's metrics.
public final class AgentMetrics {
    private static final List<String> ACTIVE_STATES =
            List.of("active", "reloading", "inactive", "failed", "activating", "deactivating");

    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final Counter restarts;
    private final Counter renewalsFailed;
    private volatile ImmutableSortedMap<UnitName, UnitState> states = ImmutableSortedMap.of();
    private boolean begun;

    public AgentMetrics() {
        restarts = Counter.builder("flota.agent.restarts")
                .description("How often Restart= has started a unit anew")
                .register(registry);
        renewalsFailed = Counter.builder("flota.agent.lease.renewals.failed")
                .description("How often the machine's lease could not be renewed")
                .register(registry);
        MeteredStore.CALLS.forEach(this::storeErrors);
        for (var active : ACTIVE_STATES) {
            Gauge.builder("flota.agent.units", () -> count(active))
                    .description("Units of this machine by active state")
                    .tag("active", active)
                    .register(registry);
        }
    }

    /// @param remaining how long the machine counts as alive for certain; zero while it has no lease
    public void measureLease(Supplier<Duration> remaining) {
        TimeGauge.builder("flota.agent.lease.remaining", () -> remaining.get().toMillis(), TimeUnit.MILLISECONDS)
                .description("How long the machine's lease lives for certain")
                .register(registry);
    }

    /// In Prometheus's text format.
    public String scrape() {
        return registry.scrape();
    }

    /// @param call one of [MeteredStore#CALLS]
    public void storeFailed(String call) {
        storeErrors(call).increment();
        if (call.equals("renew")) {
            renewalsFailed.increment();
        }
    }

    /// The units' states as they are reported. Called by one thread at a time. Those of the first time are what earlier
    /// agents left, who have counted them.
    public void reported(ImmutableSortedMap<UnitName, UnitState> now) {
        if (begun) {
            now.forEach((unit, state) -> {
                int before = states.containsKey(unit) ? states.get(unit).restarts() : 0;
                restarts.increment(Math.max(0, state.restarts() - before));
            });
        }
        begun = true;
        states = now;
    }

    private long count(String active) {
        return states.values().stream().filter(state -> state.active().equals(active)).count();
    }

    private Counter storeErrors(String call) {
        return Counter.builder("flota.store.errors")
                .description("Calls of etcd that failed")
                .tag("call", call)
                .register(registry);
    }
}
