package io.flota.scheduler.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import io.flota.unit.UnitName;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class RecentStopsTest {
    private static final UnitName WEB = new UnitName("web.service");

    @Test
    void aStopIsRecentForAMomentUnlessTheUnitIsWantedAgain() {
        var nanos = new AtomicLong();
        var stops = new RecentStops(new com.google.common.base.Ticker() {
            @Override
            public long read() {
                return nanos.get();
            }
        });

        stops.begin(WEB);
        assertThat(stops.isRecent(WEB)).isTrue();
        nanos.addAndGet(Duration.ofMillis(2999).toNanos());
        assertThat(stops.isRecent(WEB)).isTrue();
        nanos.addAndGet(Duration.ofMillis(2).toNanos());
        assertThat(stops.isRecent(WEB)).isFalse();

        stops.begin(WEB);
        stops.end(WEB);
        assertThat(stops.isRecent(WEB)).isFalse();
    }
}
