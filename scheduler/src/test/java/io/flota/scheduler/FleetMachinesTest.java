package io.flota.scheduler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.flota.registry.Registry;
import java.net.http.HttpRequest.BodyPublishers;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The metadata patch of fleet's API, on a real etcd.
class FleetMachinesTest {
    private final TestCluster cluster = new TestCluster();
    private FleetClient fleet;

    @BeforeEach
    void serve() {
        fleet = new FleetClient(cluster.scheduler("one"));
        cluster.machine(1);
        cluster.machine(2);
        await().until(() -> fleet.get("/fleet/v1/machines").body().path("machines").size() == 2);
    }

    @AfterEach
    void close() {
        fleet.close();
        cluster.close();
    }

    private JsonNode metadata(int machine) {
        return fleet.get("/fleet/v1/machines").body().at("/machines/" + (machine - 1) + "/metadata");
    }

    private void patches(String operations) {
        var answer = fleet.patch(operations.replace("{1}", FakeAgent.id(1).value()).replace("{2}", FakeAgent.id(2).value()));
        assertThat(answer.status()).as("%s", answer).isEqualTo(204);
        assertThat(answer.response().body()).isEmpty();
    }

    @Test
    void metadataIsAddedReplacedAndRemovedOnSeveralMachinesAtOnce() {
        patches("""
                [{"op":"add","path":"/{1}/metadata/foo","value":"bar"},
                 {"op":"replace","path":"/{2}/metadata/ping","value":{"value":"splat"}}]""");

        assertThat(metadata(1)).hasToString("{\"foo\":\"bar\",\"rack\":\"r1\"}");
        assertThat(metadata(2)).hasToString("{\"ping\":\"splat\",\"rack\":\"r2\"}");
        patches("""
                [{"op":"remove","path":"/{1}/metadata/foo"},{"op":"remove","path":"/{1}/metadata/rack","value":"x"},
                 {"op":"remove","path":"/{2}/metadata/ping"},{"op":"add","path":"/{2}/metadata/rack","value":"a"},
                 {"op":"replace","path":"/{2}/metadata/rack","value":"b b"}]""");
        assertThat(metadata(1).isMissingNode()).isTrue();
        assertThat(metadata(2)).hasToString("{\"rack\":\"b b\"}");
    }

    @Test
    void nothingToDoIsDoneAndTheTypeOfTheBodyDoesNotMatter() {
        patches("[]");
        patches("null");
        var answer = fleet.send("/v1-alpha/machines", request -> request
                .header("Content-Type", "text/plain")
                .method("PATCH", BodyPublishers.ofString("[]")));
        assertThat(answer.status()).isEqualTo(204);
    }

    @ParameterizedTest(name = "{0}: {2}")
    @CsvSource(delimiter = '|', textBlock = """
            [{"op":"noop","path":"/{1}/metadata/a","value":"b"}]      | 400 | invalid op: expect add, remove, or replace
            [{"op":"test","path":"/{1}/metadata/a","value":"b"}]      | 400 | invalid op: expect add, remove, or replace
            [{"op":"move","path":"/{1}/metadata/a","from":"/x"}]      | 400 | invalid op: expect add, remove, or replace
            [{"path":"/{1}/metadata/a","value":"b"}]                  | 400 | invalid op: expect add, remove, or replace
            [null]                                                    | 400 | invalid op: expect add, remove, or replace
            [7]                                                       | 400 | invalid op: expect add, remove, or replace
            [{"op":"add","path":"/{1}/a","value":"b"}]                | 400 | machine metadata path invalid
            [{"op":"add","path":"/{1}/metadata/","value":"b"}]        | 400 | machine metadata path invalid
            [{"op":"add","path":"/{1}/metadata/a b","value":"b"}]     | 400 | machine metadata path invalid
            [{"op":"add","path":"/{1}/metadata/a~1b","value":"b"}]    | 400 | machine metadata path invalid
            [{"op":"add","path":"/{1}/metadata/a/b","value":"b"}]     | 400 | machine metadata path invalid
            [{"op":"add","path":"{1}/metadata/a","value":"b"}]        | 400 | machine metadata path invalid
            [{"op":"add","value":"b"}]                                | 400 | machine metadata path invalid
            [{"op":"add","path":"/{1}/metadata/a","value":""}]        | 400 | invalid value: add and replace require a value
            [{"op":"add","path":"/{1}/metadata/a"}]                   | 400 | invalid value: add and replace require a value
            [{"op":"add","path":"/{1}/metadata/a","value":7}]         | 400 | invalid value: add and replace require a value
            [{"op":"add","path":"/{1}/metadata/a","value":{}}]        | 400 | invalid value: add and replace require a value
            [{"op":"add","path":"/{1}/metadata/a","value":{"value":{"value":"b"}}}] | 400 | invalid value: add and replace require a value
            [{"op":"add","path":"/unknown/metadata/a","value":"b"}]   | 404 | machine does not exist
            {"op":"add","path":"/{1}/metadata/a","value":"b"}         | 400 | a JSON Patch is an array of operations
            "x"                                                       | 400 | a JSON Patch is an array of operations
            """)
    void ofABadPatchNothingIsDone(String patch, int status, String message) throws Exception {
        String good = "{\"op\":\"add\",\"path\":\"/" + FakeAgent.id(1) + "/metadata/good\",\"value\":\"x\"}";
        String both = patch.startsWith("[") ? "[" + good + "," + patch.substring(1) : patch;

        var answer = fleet.patch(both.replace("{1}", FakeAgent.id(1).value()));

        assertThat(answer.status()).as("%s", answer).isEqualTo(status);
        assertThat(answer.message()).isEqualTo(message);
        assertThat(new Registry(cluster.store(), TestCluster.KEYS).policies()).isEmpty();
    }

    @Test
    void anUnknownMachineIsNotRememberedForEver() throws Exception {
        String good = "{\"op\":\"add\",\"path\":\"/" + FakeAgent.id(1) + "/metadata/good\",\"value\":\"x\"}";

        var answer = fleet.patch("[" + good + ",{\"op\":\"add\",\"path\":\"/" + FakeAgent.id(9)
                + "/metadata/a\",\"value\":\"b\"}]");

        assertThat(answer.status()).isEqualTo(404);
        assertThat(new Registry(cluster.store(), TestCluster.KEYS).policies()).isEmpty();
    }

    @Test
    void whatIsNoJsonIsRefused() {
        for (String body : new String[] {"", "[", "[{]", "nothing"}) {
            var answer = fleet.patch(body);
            assertThat(answer.status()).isEqualTo(400);
            assertThat(answer.message()).startsWith("unable to decode body: ");
        }
    }
}
