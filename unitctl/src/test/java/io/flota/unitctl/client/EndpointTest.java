package io.flota.unitctl.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EndpointTest {
    @Test
    void severalAreSeparatedByCommasAndPortsMayLack() {
        assertThat(Endpoint.list("10.0.0.1:4471, node-2 ,[::1]:5,[::2]"))
                .isEqualTo(List.of(
                        new Endpoint("10.0.0.1", 4471),
                        new Endpoint("node-2", 4470),
                        new Endpoint("::1", 5),
                        new Endpoint("::2", 4470)));
        assertThat(Endpoint.list("[::1]:5").getFirst()).hasToString("[::1]:5");
    }

    @ParameterizedTest(name = "{0} is {1}")
    @CsvSource(textBlock = """
            http://10.0.0.1:49153,      10.0.0.1:4470
            http://10.0.0.1,            10.0.0.1:4470
            https://node-2:8443/fleet/, node-2:4470
            http://[fd00::1]:49153,     [fd00::1]:4470
            """)
    void fleetsAddressIsTheSchedulerOfTheSameHost(String url, String endpoint) {
        assertThat(Endpoint.ofUrl(url)).map(Endpoint::toString).contains(endpoint);
    }

    @ParameterizedTest
    @ValueSource(strings = {"unix:///var/run/fleet.sock", "file:///var/run/fleet.sock"})
    void fleetsSocketIsNoSchedulerInParticular(String url) {
        assertThat(Endpoint.ofUrl(url)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"ftp://a", "http://", "http:///x", "unix://var/run/fleet.sock", "http://a b", "://a", "unix:x://"})
    void whatFleetctlWouldNotTakeIsRefused(String url) {
        assertThatThrownBy(() -> Endpoint.ofUrl(url)).isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a,", "http://a:1", "a:", "a:0", "a:65536", "a:x", "a:-1", "::1", ":4470", "a:1:2"})
    void whatIsNoEndpointIsRefused(String text) {
        assertThatThrownBy(() -> Endpoint.list(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("is not an endpoint: write host:port");
    }
}
