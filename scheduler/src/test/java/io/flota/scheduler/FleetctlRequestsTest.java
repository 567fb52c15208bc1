package io.flota.scheduler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The very bytes that fleetctl 1.0's client sends: whole addresses in the request line, names escaped as in a
/// query, the host that it gives to unix sockets, fields sorted by name, a line end after the body.
class FleetctlRequestsTest {
    private final TestCluster cluster = new TestCluster();
    private FleetClient fleet;
    private RawHttp raw;

    @BeforeEach
    void serve() {
        var scheduler = cluster.scheduler("one");
        fleet = new FleetClient(scheduler);
        raw = new RawHttp(scheduler.fleet().orElseThrow().port().orElseThrow());
        await().until(() -> fleet.get("/fleet/v1/units").status() == 200);
    }

    @AfterEach
    void close() {
        fleet.close();
        cluster.close();
    }

    private int sends(String host, String method, String rest, String body) throws IOException {
        boolean hasBody = !body.isEmpty();
        String request = method + " http://" + host + "/fleet/v1/" + rest + " HTTP/1.1\r\n"
                + "Host: " + host + "\r\n"
                + "User-Agent: google-api-go-client/0.5\r\n"
                + (hasBody ? "Content-Length: " + (body.length() + 1) + "\r\nContent-Type: application/json\r\n" : "")
                + "Accept-Encoding: gzip\r\n\r\n"
                + (hasBody ? body + "\n" : "");
        return raw.ask(request.getBytes(StandardCharsets.US_ASCII));
    }

    @ParameterizedTest
    @ValueSource(strings = {"domain-sock", "10.0.0.1:49153", "fleet.example.com"})
    void areUnderstood(String host) throws IOException {
        String create = "{\"desiredState\":\"inactive\",\"name\":\"web@1.service\",\"options\":[{\"name\":\"Description\","
                + "\"section\":\"Unit\",\"value\":\"\\u003cWeb\\u003e \\u0026 more\"},{\"name\":\"ExecStart\",\"section\":"
                + "\"Service\",\"value\":\"/bin/sh -c \\\\\\n  true\"}]}";

        assertThat(sends(host, "GET", "units/web%401.service?alt=json", "")).isEqualTo(404);
        assertThat(sends(host, "PUT", "units/web%401.service?alt=json", create)).isEqualTo(201);
        assertThat(sends(host, "GET", "units/web%401.service?alt=json", "")).isEqualTo(200);
        assertThat(sends(host, "PUT", "units/web%401.service?alt=json",
                "{\"desiredState\":\"launched\",\"name\":\"web@1.service\"}")).isEqualTo(204);
        for (String list : new String[] {"units?alt=json", "state?alt=json", "machines?alt=json&nextPageToken=ZAABAA%3D%3D"}) {
            assertThat(sends(host, "GET", list, "")).isEqualTo(200);
        }
        assertThat(fleet.getUnit("web@1.service").body().at("/options/0/value").asText()).isEqualTo("<Web> & more");
        assertThat(sends(host, "DELETE", "units/web%401.service?alt=json", "")).isEqualTo(204);
    }

    @Test
    void namesThatAreEscapedOfSystemdComeThrough() throws IOException {
        String create = "{\"desiredState\":\"inactive\",\"name\":\"dev-disk-by\\\\x2did:1.mount\",\"options\":[{\"name\":"
                + "\"Where\",\"section\":\"Mount\",\"value\":\"/x\"}]}";

        assertThat(sends("domain-sock", "PUT", "units/dev-disk-by%5Cx2did%3A1.mount?alt=json", create)).isEqualTo(201);
        assertThat(sends("domain-sock", "GET", "units/dev-disk-by%5Cx2did%3A1.mount?alt=json", "")).isEqualTo(200);
    }
}
