package io.flota.agent.runtime.health;

import static org.assertj.core.api.Assertions.assertThat;

import io.flota.agent.runtime.health.Diagnosis.Status;
import io.flota.unit.HealthCheck;
import io.flota.unit.HealthCheck.Tcp;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class DiagnosisTest {
    private static final Optional<String> WELL = Optional.empty();
    private static final Optional<String> ILL = Optional.of("it does not answer");
    private static final HealthCheck TERMS = new HealthCheck(
            new Tcp("", 80), Duration.ofSeconds(5), Duration.ofSeconds(3), 3, Duration.ofSeconds(10));

    private Duration now = Duration.ZERO;
    private Diagnosis diagnosis = Diagnosis.of(now);

    private Status after(Optional<String> failure, int seconds) {
        now = now.plusSeconds(seconds);
        diagnosis = diagnosis.after(failure, TERMS, now);
        return diagnosis.status();
    }

    @Test
    void aUnitIsStartingUntilItIsHealthyForTheFirstTime() {
        assertThat(diagnosis.health(now).status()).isEqualTo("starting");
        assertThat(after(ILL, 1)).isEqualTo(Status.STARTING);
        assertThat(after(WELL, 1)).isEqualTo(Status.HEALTHY);
        assertThat(diagnosis.health(now).status()).isEqualTo("healthy");
    }

    @Test
    void aUnitThatIsStartingMayFailForItsStartPeriodAndAllItsRetries() {
        assertThat(after(ILL, 24)).isEqualTo(Status.STARTING);
        assertThat(after(ILL, 1)).isEqualTo(Status.UNHEALTHY);
        assertThat(after(WELL, 1)).isEqualTo(Status.HEALTHY);
    }

    @Test
    void aHealthyUnitIsUnhealthyOnceAllRetriesInARowHaveFailed() {
        after(WELL, 1);
        assertThat(after(ILL, 5)).isEqualTo(Status.HEALTHY);
        assertThat(after(ILL, 5)).isEqualTo(Status.HEALTHY);
        assertThat(after(WELL, 5)).isEqualTo(Status.HEALTHY);
        assertThat(after(ILL, 5)).isEqualTo(Status.HEALTHY);
        assertThat(after(ILL, 5)).isEqualTo(Status.HEALTHY);
        assertThat(after(ILL, 5)).isEqualTo(Status.UNHEALTHY);
        assertThat(diagnosis.because()).isEqualTo("it does not answer");
    }

    @Test
    void whoIsUnhealthyForHalfAMinuteIsAiling() {
        after(WELL, 1);
        after(ILL, 5);
        after(ILL, 5);
        after(ILL, 5);
        assertThat(diagnosis.health(now).isAiling()).isFalse();
        after(ILL, 29);
        assertThat(diagnosis.health(now).isAiling()).isFalse();
        after(ILL, 1);
        assertThat(diagnosis.health(now).isAiling()).isTrue();
        after(WELL, 5);
        assertThat(diagnosis.health(now).isAiling()).isFalse();
    }

    @Test
    void whoIsStartingIsAskedEverMoreRarelyAndAtLeastEverySecond() {
        assertThat(diagnosis.rest(TERMS)).isEqualTo(Duration.ofMillis(100));
        after(ILL, 0);
        assertThat(diagnosis.rest(TERMS)).isEqualTo(Duration.ofMillis(200));
        for (int i = 0; i < 100; i++) {
            after(ILL, 0);
        }
        assertThat(diagnosis.rest(TERMS)).isEqualTo(Duration.ofSeconds(1));
        after(WELL, 0);
        assertThat(diagnosis.rest(TERMS)).isEqualTo(Duration.ofSeconds(5));
    }
}
