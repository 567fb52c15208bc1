package io.flota.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import io.flota.daemon.ListenAddress;
import io.flota.registry.Keys;
import io.flota.scheduler.leading.Caution;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FleetServingTest {
    /// @param advertised, @param named by `--fleet-listen`: - for not at all
    @ParameterizedTest(name = "advertised {0}, named {1}, bound {2}: {3}")
    @CsvSource(textBlock = """
            -,              localhost:0,     127.0.0.1, localhost:7
            -,              127.0.0.1:0,     127.0.0.1, 127.0.0.1:7
            10.1.1.9:4470,  127.0.0.1:0,     127.0.0.1, 127.0.0.1:7
            10.1.1.9:4470,  0.0.0.0:0,       0.0.0.0,   10.1.1.9:7
            10.1.1.9:4470,  10.1.1.8:0,      10.1.1.8,  10.1.1.9:7
            -,              10.1.1.8:0,      10.1.1.8,  10.1.1.8:7
            -,              10.1.1.8:49153,  127.0.0.1, 127.0.0.1:7
            -,              -,               10.1.1.7,  10.1.1.7:7
            -,              -,               0.0.0.0,   10.1.1.1:7
            -,              -,               ::1,       [0:0:0:0:0:0:0:1]:7
            """)
    void theLeaderIsAskedWhereItListens(String advertised, String named, String bound, String expected) {
        var listen = new ListenAddress("10.1.1.1", 4470);
        var config = new SchedulerConfig(
                Keys.DEFAULT, "one", true, Duration.ofSeconds(5), listen, listen, Optional.empty(), address(advertised),
                Optional.empty(), new FleetConfig(address(named), true, List.of(), 100), Caution.DEFAULT);

        assertThat(FleetServing.address(config, new InetSocketAddress(bound, 7))).isEqualTo(expected);
    }

    private static Optional<ListenAddress> address(String text) {
        return text.equals("-") ? Optional.empty() : Optional.of(ListenAddress.parse(text));
    }
}
