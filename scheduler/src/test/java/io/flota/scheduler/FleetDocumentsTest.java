package io.flota.scheduler;

import static io.flota.scheduler.FleetClient.unit;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What fleet's API says of itself is what it does.
class FleetDocumentsTest {
    private final TestCluster cluster = new TestCluster();
    private final TreeSet<String> seen = new TreeSet<>();
    private FleetClient fleet;

    @BeforeEach
    void serve() {
        fleet = new FleetClient(cluster.scheduler("one"));
        cluster.machine(1);
        await().until(() -> fleet.get("/fleet/v1/machines").body().path("machines").size() == 1);
    }

    @AfterEach
    void close() {
        fleet.close();
        cluster.close();
    }

    private void does(String method, String template, String path, String body, int status) {
        var answer = fleet.send(path, request -> request
                .header("Content-Type", FleetClient.JSON)
                .method(method, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body)));
        assertThat(answer.status()).as("%s", answer).isEqualTo(status);
        seen.add(method.toLowerCase() + " " + template + " " + status);
    }

    private TreeSet<String> documented() {
        var documented = new TreeSet<String>();
        fleet.get("/openapi.json").body().path("paths").properties().forEach(path -> path.getValue().properties()
                .forEach(operation -> operation.getValue().path("responses").fieldNames().forEachRemaining(code -> {
                    if (!Set.of("408", "429", "503").contains(code)) {
                        documented.add(operation.getKey() + " " + path.getKey() + " " + code);
                    }
                })));
        return documented;
    }

    /// 408 takes its time, 429 a crowd and 503 an outage: other tests see to them.
    @Test
    void eachRouteAndCodeOfTheDescriptionIsWhatTheServerDoesAndNothingElse() {
        String web = unit("launched", "Service.ExecStart=/bin/true");
        String one = "/fleet/v1/units/{unitName}";
        does("PUT", one, "/fleet/v1/units/web.service", web, 201);
        does("PUT", one, "/fleet/v1/units/web.service", web, 204);
        does("PUT", one, "/fleet/v1/units/web", web, 400);
        does("PUT", one, "/fleet/v1/units/new.service", "{}", 409);
        does("PUT", one, "/fleet/v1/units/new.service", " ".repeat(5 << 20), 413);
        assertThat(fleet.send("/fleet/v1/units/new.service", it -> it.PUT(BodyPublishers.ofString(web))).status())
                .isEqualTo(415);
        seen.add("put " + one + " 415");
        does("GET", one, "/fleet/v1/units/web.service", "", 200);
        does("GET", one, "/fleet/v1/units/new.service", "", 404);
        String state = "/fleet/v1/state/{unitName}";
        await().until(() -> fleet.get("/fleet/v1/state/web.service").status() == 200);
        does("GET", state, "/fleet/v1/state/web.service", "", 200);
        does("GET", state, "/fleet/v1/state/new.service", "", 404);
        does("DELETE", one, "/fleet/v1/units/web.service", "", 204);
        does("DELETE", one, "/fleet/v1/units/web.service", "", 404);
        for (String list : new String[] {"/fleet/v1/units", "/fleet/v1/state", "/fleet/v1/machines"}) {
            does("GET", list, list, "", 200);
            does("GET", list, list + "?nextPageToken=x", "", 400);
        }
        String patch = "[{\"op\":\"add\",\"path\":\"/" + FakeAgent.id(1) + "/metadata/a\",\"value\":\"b\"}]";
        does("PATCH", "/fleet/v1/machines", "/fleet/v1/machines", patch, 204);
        does("PATCH", "/fleet/v1/machines", "/fleet/v1/machines", "{}", 400);
        does("PATCH", "/fleet/v1/machines", "/fleet/v1/machines", patch.replace("01/", "09/"), 404);
        does("PATCH", "/fleet/v1/machines", "/fleet/v1/machines", " ".repeat(5 << 20), 413);
        for (String plain : new String[] {"/fleet/v1/discovery", "/flota/v1/endpoints", "/metrics", "/openapi.json"}) {
            does("GET", plain, plain, "", 200);
        }
        does("GET", "/flota/v1/endpoints/{service}", "/flota/v1/endpoints/web", "", 200);
        does("GET", "/flota/v1/endpoints/{service}", "/flota/v1/endpoints/%5B", "", 400);

        assertThat(seen).isEqualTo(documented());
    }

    @Test
    void theDiscoveryDocumentHasTheMethodsThatGoogleClientsAreMadeFrom() {
        var document = fleet.get("/v1-alpha/discovery").body();

        assertThat(document).isEqualTo(fleet.get("/fleet/v1/discovery").body());
        assertThat(document.path("rootUrl").asText()).isEqualTo("$ENDPOINT/");
        assertThat(document.path("servicePath").asText()).isEqualTo("fleet/v1/");
        var described = fleet.get("/openapi.json").body().path("paths");
        document.path("resources").forEach(resource -> resource.path("methods").forEach(method -> {
            String path = "/fleet/v1/" + method.path("path").asText();
            assertThat(described.path(path).has(method.path("httpMethod").asText().toLowerCase())).as(path).isTrue();
            for (String kind : new String[] {"request", "response"}) {
                method.path(kind).path("$ref").forEach(name ->
                        assertThat(document.path("schemas").has(name.asText())).isTrue());
            }
        }));
    }

    @Test
    void whatIsToldHasTheFieldsThatAreDescribed() {
        fleet.putUnit("web.service", unit("launched", "Service.ExecStart=/bin/true"));
        await().until(() -> fleet.get("/fleet/v1/state/web.service").status() == 200);
        var schemas = fleet.get("/openapi.json").body().at("/components/schemas");

        described(schemas.path("Unit"), fleet.getUnit("web.service").body());
        described(schemas.path("UnitOption"), fleet.getUnit("web.service").body().at("/options/0"));
        described(schemas.path("UnitState"), fleet.get("/fleet/v1/state/web.service").body());
        described(schemas.path("Machine"), fleet.get("/fleet/v1/machines").body().at("/machines/0"));
        described(schemas.path("UnitPage"), fleet.get("/fleet/v1/units").body());
        described(schemas.path("Error"), fleet.get("/fleet/v1/units/none.service").body());
    }

    private static void described(JsonNode schema, JsonNode value) {
        assertThat(value.properties()).isNotEmpty().allSatisfy(field ->
                assertThat(schema.path("properties").has(field.getKey())).as("%s of %s", field, schema).isTrue());
    }

    @ParameterizedTest(name = "{0} {1} is {2}: {3}")
    @CsvSource(delimiter = '|', textBlock = """
            GET    | /                              | 405 | ''
            GET    | /fleet/v1                      | 405 | ''
            GET    | /v1-alpha                      | 405 | ''
            GET    | /fleet                         | 404 | ''
            GET    | /fleet/v1/                     | 404 | ''
            GET    | /fleet/v1/units/               | 404 | ''
            GET    | /fleet/v1/units/a/b            | 404 | ''
            GET    | /fleet/v1/machines/            | 404 | ''
            GET    | /fleet/v1/state/               | 404 | ''
            GET    | /fleet/v1/machines/a           | 404 | ''
            GET    | /fleet/v1/jobs                 | 404 | ''
            GET    | /fleet/v2/units                | 404 | ''
            GET    | /flota/v1/endpoints/           | 404 | ''
            GET    | /flota/v1/endpoints/a/b        | 404 | ''
            POST   | /fleet/v1/units                | 405 | only GET supported against this resource
            PUT    | /fleet/v1/units                | 405 | only GET supported against this resource
            POST   | /fleet/v1/units/web.service    | 405 | only GET, PUT and DELETE supported against this resource
            PATCH  | /v1-alpha/units/web.service    | 405 | only GET, PUT and DELETE supported against this resource
            DELETE | /fleet/v1/state                | 405 | only GET supported against this resource
            PUT    | /fleet/v1/state/web.service    | 405 | only GET supported against this resource
            PUT    | /fleet/v1/machines             | 405 | only GET and PATCH supported against this resource
            POST   | /fleet/v1/discovery            | 400 | only HTTP GET supported against this resource
            POST   | /metrics                       | 405 | only GET supported against this resource
            PUT    | /openapi.json                  | 405 | only GET supported against this resource
            DELETE | /flota/v1/endpoints            | 405 | only GET supported against this resource
            """)
    void whatIsNotThereOrNotDoneIsSaid(String method, String path, int status, String message) {
        var answer = fleet.send(path, request -> request.method(method, BodyPublishers.noBody()));

        assertThat(answer.status()).as("%s", answer).isEqualTo(status);
        assertThat(answer.response().body())
                .isEqualTo("{\"error\":{\"code\":" + status + ",\"message\":\"" + message + "\"}}");
        assertThat(answer.header("Server")).startsWith("fleetd/1.0.0 ");
    }
}
