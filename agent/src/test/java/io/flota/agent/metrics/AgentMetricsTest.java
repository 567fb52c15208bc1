package io.flota.agent.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableSortedMap;
import io.flota.unit.UnitName;
import io.flota.unit.UnitState;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class AgentMetricsTest {
    private static final UnitName OLD = new UnitName("old.service");
    private static final UnitName NEW = new UnitName("new.service");

    private final AgentMetrics metrics = new AgentMetrics();

    @Test
    void restartsUnderAnEarlierAgentAreNotCountedAgain() {
        metrics.reported(ImmutableSortedMap.of(OLD, state(7)));
        assertThat(metrics.scrape()).contains("flota_agent_restarts_total 0.0");

        metrics.reported(ImmutableSortedMap.of(OLD, state(8), NEW, state(2)));
        assertThat(metrics.scrape()).contains("flota_agent_restarts_total 3.0");
    }

    private static UnitState state(int restarts) {
        return new UnitState("loaded", "active", "running", "f", "p", 1, Instant.EPOCH, "", 1, restarts);
    }
}
