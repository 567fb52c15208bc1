package io.flota.scheduler.metrics;

import io.flota.registry.Fact.LeaderFact;
import io.flota.scheduler.leading.PassListener;
import io.flota.scheduler.model.Model;
import io.flota.scheduler.model.View;
import io.flota.scheduler.placement.Decision;
import io.flota.scheduler.placement.Plan;
import io.flota.unit.DesiredState;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Timer;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.function.ToIntFunction;
import java.util.stream.Stream;

/// One scheduler's metrics. What can be seen in its view is read from there when Prometheus asks.
public final class SchedulerMetrics implements PassListener {
    private static final List<String> ACTIVE_STATES =
            List.of("active", "reloading", "inactive", "failed", "activating", "deactivating");
    private static final List<String> STORE_CALLS = List.of("read", "commit", "grant", "renew", "revoke");
    /// From a plan of a few units to one of very many.
    private static final Duration[] PLAN_TIMES = {
        Duration.ofMillis(1), Duration.ofMillis(5), Duration.ofMillis(25), Duration.ofMillis(100),
        Duration.ofMillis(500), Duration.ofSeconds(2), Duration.ofSeconds(10)
    };

    /// Counted once for each view.
    private record Counted(View view, ViewCounts counts) {}

    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final String self;
    private final Model model;
    private final Timer planTime;
    private final Counter leaderChanges;
    private volatile Optional<Counted> counted = Optional.empty();
    private volatile long waiting;
    private long followed;

    /// @param self the id of this scheduler
    public SchedulerMetrics(String self, Model model) {
        this.self = self;
        this.model = model;
        planTime = Timer.builder("flota.plan")
                .description("Time that the leader takes to plan")
                .serviceLevelObjectives(PLAN_TIMES)
                .register(registry);
        leaderChanges = Counter.builder("flota.leader.changes")
                .description("How often this scheduler has seen somebody come to lead")
                .register(registry);
        Stream.of(Decision.class.getPermittedSubclasses())
                .filter(kind -> kind != Decision.Wait.class)
                .forEach(kind -> decisions(kind(kind)));
        STORE_CALLS.forEach(this::storeErrors);
        gauges();
        model.onChange(this::seeLeader);
    }

    /// In Prometheus's text format.
    public String scrape() {
        return registry.scrape();
    }

    /// @param call one of [io.flota.store.MeteredStore]
    public void storeFailed(String call) {
        storeErrors(call).increment();
    }

    @Override
    public void planned(Plan plan, Duration took) {
        planTime.record(took);
        waiting = plan.decisions().size() - plan.changes().size();
    }

    @Override
    public void written(List<Decision> decisions) {
        decisions.forEach(decision -> decisions(kind(decision.getClass())).increment());
    }

    private void gauges() {
        gauge("flota.leader", "Whether this scheduler leads", () -> leads() ? 1 : 0);
        gauge("flota.view.current", "Whether this scheduler can reach etcd", () -> model.latest().isCurrent() ? 1 : 0);
        gauge("flota.machines.live", "Machines that are registered", () -> counts().live());
        gauge("flota.machines.lost", "Machines that units are placed on and that are away", () -> counts().lost());
        gauge("flota.valve.closed", "Whether so many machines are away that no unit is moved for it",
                () -> model.latest().cluster().isValveClosed() ? 1 : 0);
        gauge("flota.units.waiting", "Units that are wanted and cannot be placed, by the leader's last plan",
                () -> leads() ? waiting : 0);
        for (var desired : DesiredState.values()) {
            tagged("flota.units", "Registered units by desired state", "desired",
                    desired.name().toLowerCase(Locale.ROOT), counts -> counts.desired().count(desired));
        }
        for (var active : ACTIVE_STATES) {
            tagged("flota.unit.states", "What machines report of units, by active state", "active", active,
                    counts -> counts.active().count(active));
        }
    }

    private void gauge(String name, String description, Supplier<Number> value) {
        Gauge.builder(name, value).description(description).register(registry);
    }

    private void tagged(String name, String description, String tag, String word, ToIntFunction<ViewCounts> count) {
        Gauge.builder(name, () -> count.applyAsInt(counts()))
                .description(description)
                .tag(tag, word)
                .register(registry);
    }

    private Counter decisions(String kind) {
        return Counter.builder("flota.decisions")
                .description("Decisions that this scheduler has written as the leader")
                .tag("kind", kind)
                .register(registry);
    }

    private Counter storeErrors(String call) {
        return Counter.builder("flota.store.errors")
                .description("Calls of etcd that failed")
                .tag("call", call)
                .register(registry);
    }

    private ViewCounts counts() {
        var view = model.latest();
        var known = counted.filter(it -> it.view() == view).orElseGet(() -> new Counted(view, ViewCounts.of(view.cluster())));
        counted = Optional.of(known);
        return known.counts();
    }

    private boolean leads() {
        var view = model.latest();
        return view.isCurrent()
                && view.cluster().leader().filter(fact -> fact.leader().schedulerId().equals(self)).isPresent();
    }

    /// Called by the model's one writing thread.
    private void seeLeader() {
        long since = model.latest().cluster().leader().map(LeaderFact::createRevision).orElse(followed);
        if (since != followed) {
            followed = since;
            leaderChanges.increment();
        }
    }

    /// `place`, `move` …
    private static String kind(Class<?> decision) {
        return decision.getSimpleName().toLowerCase(Locale.ROOT);
    }
}
