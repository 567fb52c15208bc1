package io.flota.agent.socket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableSortedMap;
import io.flota.agent.announce.EndpointName;
import io.flota.agent.socket.EndpointCall.All;
import io.flota.agent.socket.EndpointCall.Hold;
import io.flota.agent.socket.EndpointCall.NotAllowed;
import io.flota.agent.socket.EndpointCall.Parameter;
import io.flota.agent.socket.EndpointCall.Release;
import io.flota.agent.socket.EndpointCall.Unknown;
import io.flota.unit.UnitName;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EndpointCallTest {
    private static final EndpointName WEB = new EndpointName("web", new UnitName("apache@1.service"));

    private static EndpointCall call(String method, String path, String query) {
        var parameters = Splitter.on('&').omitEmptyStrings().splitToStream(query)
                .map(pair -> pair.split("=", 2))
                .map(pair -> new Parameter(pair[0], pair[1]))
                .toList();
        return EndpointCall.of(method, path, parameters);
    }

    @Test
    void anEndpointIsHeldWithAPortAndPerhapsATimeAndAttributes() {
        assertThat(call("PUT", "/v1/endpoints/web/apache@1", "port=8081&weight=10&ttl=90s"))
                .isEqualTo(new Hold(WEB, 8081, ImmutableSortedMap.of("weight", "10"), Duration.ofSeconds(90)));
        assertThat(call("PUT", "/v1/endpoints/web/apache@1.service", "port=80"))
                .isEqualTo(new Hold(WEB, 80, ImmutableSortedMap.of(), Duration.ofSeconds(60)));
    }

    @Test
    void anEndpointIsReleasedAndAllOrThoseOfAServiceAreListed() {
        assertThat(call("DELETE", "/v1/endpoints/web/apache@1", "")).isEqualTo(new Release(WEB));
        assertThat(call("GET", "/v1/endpoints", "")).isEqualTo(new All(Optional.empty()));
        assertThat(call("GET", "/v1/endpoints/", "")).isEqualTo(new All(Optional.empty()));
        assertThat(call("GET", "/v1/endpoints/web", "")).isEqualTo(new All(Optional.of("web")));
    }

    @Test
    void whatIsNotThereOrCannotBeDoneIsSaid() {
        assertThat(call("GET", "/v1/machines", "")).isEqualTo(new Unknown());
        assertThat(call("GET", "/v1/endpointsweb", "")).isEqualTo(new Unknown());
        assertThat(call("GET", "/v1/endpoints/web/apache@1/x", "")).isEqualTo(new Unknown());
        assertThat(call("PUT", "/v1/endpoints/web", "")).isEqualTo(new NotAllowed("GET"));
        assertThat(call("POST", "/v1/endpoints/web/apache@1", "port=80")).isEqualTo(new NotAllowed("PUT, DELETE"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            web/apache@1 | ttl=90s              | there is no port. Write it as ?port=8080, and after it ttl=90s and attributes as &NAME=VALUE
            web/apache@1 | port=http            | "http" is not a port. Ports are 1 to 65535
            web/apache@1 | port=80&ttl=soon     | "soon" is not a span of time. Write it as 90, 1min 30s, 500ms or infinity
            web/apache@1 | port=80&ttl=2d       | ttl=2d is not between 1s and 1d
            web/apache@1 | port=80&a=1&a=2      | "a" is given twice. Remove one of them
            web/apache@1 | port=80& =2          | " =2" is no attribute. Write it as NAME=VALUE, the name of letters, digits and "._-"
            Web/apache@1 | port=80              | "Web" is no name of a service. Write up to 63 of a-z, 0-9 and "-", the last not at either end
            web/apache@  | port=80              | apache@.service is a template, which never runs. Name an instance
            web/a b      | port=80              | invalid character ' ' in unit name
            """)
    void whatCannotBeMeantIsRefusedInOneLine(String name, String query, String message) {
        assertThatThrownBy(() -> call("PUT", "/v1/endpoints/" + name, query))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
    }
}
