package io.flota.scheduler;

import static io.flota.scheduler.FleetClient.unit;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import io.flota.api.v1.ClusterGrpc;
import io.flota.api.v1.GetUnitFileRequest;
import io.flota.scheduler.FleetClient.Answer;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// `/units` of fleet's API, on a real etcd.
class FleetUnitsTest {
    private static final String WEB = "Service.ExecStart=/bin/true";

    private final TestCluster cluster = new TestCluster();
    private FleetClient fleet;
    private Api api;

    @BeforeEach
    void serve() {
        var scheduler = cluster.scheduler("one");
        fleet = new FleetClient(scheduler);
        api = cluster.grpc(scheduler);
        await().until(() -> fleet.get("/fleet/v1/units").status() == 200);
    }

    @AfterEach
    void close() {
        fleet.close();
        cluster.close();
    }

    private static void refused(Answer answer, int status, String message) {
        assertThat(answer.status()).as("%s", answer).isEqualTo(status);
        assertThat(answer.message()).as("%s", answer).isEqualTo(message);
        assertThat(answer.body().at("/error/code").asInt()).isEqualTo(status);
        assertThat(answer.header("Content-Type")).isEqualTo("application/json");
    }

    @Test
    void aNewUnitIsCreatedAndComesBackWithItsOptions() {
        var created = fleet.putUnit("web@1.service", """
                {"name":"web@1.service","desiredState":"inactive","machineID":"x","currentState":"launched","options":[
                 {"section":"Unit","name":"Description","value":"Web %i"},
                 {"section":"Service","name":"ExecStart","value":"/bin/sh -c \\\\\\n  true"},
                 {"section":"Unit","name":"After","value":"network.target"},
                 {"section":"Service","name":"ExecStop"}]}""");

        assertThat(created.status()).as("%s", created).isEqualTo(201);
        assertThat(created.response().body()).isEmpty();
        var unit = fleet.getUnit("web@1.service");
        assertThat(unit.status()).isEqualTo(200);
        assertThat(unit.header("Content-Type")).isEqualTo("application/json");
        assertThat(unit.header("Server")).startsWith("fleetd/1.0.0 flota/");
        assertThat(unit.response().body()).isEqualTo("{\"name\":\"web@1.service\",\"options\":["
                + "{\"section\":\"Unit\",\"name\":\"Description\",\"value\":\"Web %i\"},"
                + "{\"section\":\"Unit\",\"name\":\"After\",\"value\":\"network.target\"},"
                + "{\"section\":\"Service\",\"name\":\"ExecStart\",\"value\":\"/bin/sh -c \\\\\\n  true\"},"
                + "{\"section\":\"Service\",\"name\":\"ExecStop\"}],"
                + "\"desiredState\":\"inactive\",\"currentState\":\"inactive\"}");
        assertThat(file("web@1.service").toStringUtf8()).isEqualTo("""
                [Unit]
                Description=Web %i
                After=network.target

                [Service]
                ExecStart=/bin/sh -c \\
                  true
                ExecStop=
                """);
    }

    private ByteString file(String unit) {
        return api.ask(
                        ClusterGrpc.getGetUnitFileMethod(),
                        GetUnitFileRequest.newBuilder().setName(unit).build())
                .getFile();
    }

    @Test
    void aUnitIsLaunchedStoppedUnloadedAndDestroyed() {
        cluster.machine(1);
        assertThat(fleet.putUnit("web.service", unit("launched", WEB)).status()).isEqualTo(201);

        await().until(() -> state("web.service").equals("launched"));
        assertThat(fleet.getUnit("web.service").body().path("machineID").asText()).isEqualTo(FakeAgent.id(1).value());
        assertThat(fleet.putUnit("web.service", unit("loaded")).status()).isEqualTo(204);
        await().until(() -> state("web.service").equals("loaded"));
        assertThat(fleet.putUnit("web.service", unit("inactive")).status()).isEqualTo(204);
        await().until(() -> state("web.service").equals("inactive"));
        assertThat(fleet.getUnit("web.service").body().has("machineID")).isFalse();
        var gone = fleet.delete("/fleet/v1/units/web.service?alt=json");
        assertThat(gone.status()).isEqualTo(204);
        assertThat(gone.response().body()).isEmpty();
        refused(fleet.getUnit("web.service"), 404, "unit does not exist");
        refused(fleet.delete("/fleet/v1/units/web.service"), 404, "unit does not exist");
    }

    private String state(String unit) {
        return fleet.getUnit(unit).body().path("currentState").asText();
    }

    @Test
    void fleetctlRestartsAUnitThoughItLooksForLaunchedOnceItHasAskedForLoaded() {
        cluster.machine(1);
        fleet.putUnit("web.service", unit("launched", WEB));
        await().until(() -> state("web.service").equals("launched"));

        fleet.putUnit("web.service", unit("loaded"));
        await().until(() -> api.unit("web.service").getMachines(0).getState().getActive().equals("inactive"));
        assertThat(state("web.service")).isEqualTo("launched");
        fleet.putUnit("web.service", unit("launched"));

        await().until(() -> state("web.service").equals("launched"));
        assertThat(api.unit("web.service").getGeneration()).isEqualTo(2);
    }

    @Test
    void aGlobalUnitHasNeitherStateNorMachine() {
        cluster.machine(1);
        fleet.putUnit("all.service", unit("launched", WEB, "X-Fleet.Global=true"));

        await().until(() -> fleet.get("/fleet/v1/state/all.service").status() == 200);
        var unit = fleet.getUnit("all.service").body();
        assertThat(unit.has("currentState")).isFalse();
        assertThat(unit.has("machineID")).isFalse();
        assertThat(unit.path("desiredState").asText()).isEqualTo("launched");
    }

    @Test
    void anotherFileReplacesTheOneBeforeAndStopsTheUnitUnlessMoreIsSaid() {
        fleet.putUnit("web.service", unit("launched", WEB));

        assertThat(fleet.putUnit("web.service", unit("", "Service.ExecStart=/bin/false")).status()).isEqualTo(201);
        assertThat(fleet.getUnit("web.service").body().path("desiredState").asText()).isEqualTo("inactive");
        assertThat(fleet.getUnit("web.service").body().at("/options/0/value").asText()).isEqualTo("/bin/false");

        assertThat(fleet.putUnit("web.service", unit("launched", WEB)).status()).isEqualTo(201);
        assertThat(fleet.getUnit("web.service").body().path("desiredState").asText()).isEqualTo("launched");
        refused(fleet.putUnit("web.service", unit("launched", WEB, "X-Fleet.MachineID=" + "a".repeat(32),
                "X-Fleet.Global=true")), 400, "MachineID cannot be used with Global");
        assertThat(fleet.getUnit("web.service").body().path("options")).hasSize(1);
    }

    @Test
    void theSameFileIsNoChangeWhateverCommentsTheRegisteredOneHas() {
        api.apply(TestCluster.submit("web.service", "# a comment", "[Service]", "ExecStart = /bin/true"));

        refused(fleet.putUnit("web.service", unit("", WEB)), 409, "must provide DesiredState to update existing unit");
        assertThat(fleet.putUnit("web.service", unit("loaded", WEB)).status()).isEqualTo(204);
        assertThat(file("web.service").toStringUtf8()).startsWith("# a comment");
    }

    @Test
    void whatAPutCannotMeanIsRefusedInFleetsWords() {
        fleet.putUnit("web.service", unit("inactive", WEB));
        fleet.putUnit("web@.service", unit("inactive", WEB));

        refused(fleet.putUnit("new.service", unit("launched")), 409, "unit does not exist and options field empty");
        refused(fleet.putUnit("web@1.service", unit("launched")), 409, "unit does not exist and options field empty");
        refused(fleet.putUnit("web.service", "{}"), 409, "must provide DesiredState to update existing unit");
        refused(fleet.putUnit("web.service", "{\"name\":\"b.service\"}"), 400,
                "name in URL \"web.service\" differs from unit name in request body \"b.service\"");
        refused(fleet.putUnit("web@.service", unit("launched")), 400, "cannot activate template \"web@.service\"");
        refused(fleet.putUnit("new@.service", unit("launched", WEB)), 400, "cannot activate template \"new@.service\"");
        refused(fleet.putUnit("web.service", unit("running")), 400,
                "invalid desiredState \"running\": expect inactive, loaded, or launched");
        refused(fleet.putUnit("new.service", unit("running", WEB)), 400,
                "invalid desiredState \"running\": expect inactive, loaded, or launched");
        assertThat(fleet.all("/fleet/v1/units", "units")).hasSize(2);
        assertThat(fleet.getUnit("web.service").body().path("desiredState").asText()).isEqualTo("inactive");
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', textBlock = """
            %20                  | unit name must contain "."
            web                  | unit name must contain "."
            web.                 | unit name cannot end in "."
            web.exe              | invalid unit type: "exe"
            web.container        | invalid unit type: "container"
            web@1.mount          | invalid unit type for template: "mount"
            we%20b.service       | invalid character ' ' in unit name
            %40.service          | unit name cannot start in "@"
            """)
    void badNamesAreRefusedInFleetsWords(String path, String message) {
        refused(fleet.put("/fleet/v1/units/" + path, unit("inactive", WEB)), 400, message);
    }

    @Test
    void aNameThatIsTooLongIsRefused() {
        refused(fleet.putUnit("x".repeat(249) + ".service", unit("inactive", WEB)), 400,
                "unit name exceeds maximum length (256)");
        assertThat(fleet.putUnit("x".repeat(248) + ".service", unit("inactive", WEB)).status()).isEqualTo(201);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', textBlock = """
            MachineOf=a.service, Conflicts=a*      | unresolvable requirements: peer "a.service" matches conflict "a*"
            MachineOf=a.service, Replaces=a*       | unresolvable requirements: peer "a.service" matches replace "a*"
            MachineID=aaaaaaaa, MachineOf=a.service| MachineID cannot be used with Peers
            MachineID=aaaaaaaa, Conflicts=a*       | MachineID cannot be used with Conflicts
            MachineID=aaaaaaaa, Global=true        | MachineID cannot be used with Global
            MachineID=aaaaaaaa, Replaces=a*        | MachineID cannot be used with Replaces
            Global=true, MachineOf=a.service       | Global cannot be used with Peers
            Global=true, Replaces=a*               | Global cannot be used with Replaces
            Conflicts=a*, Replaces=b*              | Conflicts cannot be used with Replaces
            """)
    void whatFleetRefusedTogetherIsRefusedInItsWords(String options, String message) {
        var lines = List.of(options.split(", ")).stream().map("X-Fleet."::concat).toArray(String[]::new);

        refused(fleet.putUnit("web.service", unit("inactive", lines)), 400, message);
    }

    @ParameterizedTest(name = "{0}")
    @ValueSource(strings = {
        "{\"section\":\"Service\",\"name\":\"A\",\"value\":\"b\\n[X-Fleet]\\nGlobal=true\"}",
        "{\"section\":\"Service]\\n[X\",\"name\":\"A\",\"value\":\"b\"}",
        "{\"section\":\"Service\",\"name\":\"A=b\\nC\",\"value\":\"d\"}",
        "{\"section\":\"Service\",\"name\":\"#A\",\"value\":\"d\"}",
        "{\"section\":\"Service\",\"name\":\"\",\"value\":\"d\"}",
        "{\"section\":\"\",\"name\":\"A\",\"value\":\"d\"}",
        "{\"section\":\"Service\",\"name\":\"A\",\"value\":\"a\\u0000b\"}",
        "{}"
    })
    void anOptionThatIsMoreOrLessThanOneIsRefused(String option) {
        var answer = fleet.putUnit("web.service", "{\"options\":[" + option + "]}");

        assertThat(answer.status()).as("%s", answer).isEqualTo(400);
        assertThat(answer.message()).isNotEmpty().doesNotContain("Exception");
    }

    @Test
    void theBodyHasToBeJsonAndSaidToBe() {
        String body = unit("inactive", WEB);
        for (String type : List.of("text/plain", "application/jsonx", "application/x-www-form-urlencoded")) {
            var answer = fleet.send("/fleet/v1/units/web.service",
                    request -> request.header("Content-Type", type).PUT(BodyPublishers.ofString(body)));
            assertThat(answer.status()).isEqualTo(415);
            assertThat(answer.header("Connection")).isEqualTo("close");
        }
        assertThat(fleet.send("/fleet/v1/units/web.service", request -> request.PUT(BodyPublishers.ofString(body)))
                        .status())
                .isEqualTo(415);
        assertThat(fleet.send("/fleet/v1/units/web.service", request -> request.header("Content-Type", FleetClient.JSON)
                                .header("Content-Type", FleetClient.JSON)
                                .PUT(BodyPublishers.ofString(body)))
                        .status())
                .isEqualTo(415);
        assertThat(fleet.send("/fleet/v1/units/web.service", request -> request
                                .header("Content-Type", "Application/JSON; charset=utf-8")
                                .PUT(BodyPublishers.ofString(body)))
                        .status())
                .isEqualTo(201);
        for (String wrong : List.of("", "{", "[]", "\"x\"", "{\"name\":7}", "{\"options\":{}}", "{\"options\":[null]}")) {
            var answer = fleet.putUnit("web.service", wrong);
            assertThat(answer.status()).as("%s", answer).isEqualTo(400);
            assertThat(answer.message()).startsWith("unable to decode body: ").doesNotContain("java");
        }
    }

    @Test
    void fieldsAreReadInAnyCaseAndUnknownOnesPassedOver() {
        var answer = fleet.putUnit("web.service", """
                {"Name":"web.service","DESIREDSTATE":"loaded","more":[1,{}],"kind":"x",
                 "Options":[{"Section":"Service","NAME":"ExecStart","value":" /bin/true "}]} and more""");

        assertThat(answer.status()).as("%s", answer).isEqualTo(201);
        assertThat(fleet.getUnit("web.service").body().at("/options/0/value").asText()).isEqualTo("/bin/true");
    }

    @Test
    void escapedNamesAreWhatTheyStandFor() {
        String name = "srv-a\\x2db@1:2.service";
        String path = "/fleet/v1/units/srv-a%5Cx2db%401%3A2.service?alt=json&prettyPrint=false";
        assertThat(fleet.put(path, unit("inactive", WEB)).status()).isEqualTo(201);

        assertThat(fleet.get(path).body().path("name").asText()).isEqualTo(name);
        assertThat(api.unit(name).getName()).isEqualTo(name);
        assertThat(fleet.get("/v1-alpha/units/srv-a%5cx2db@1:2.service").status()).isEqualTo(200);
        assertThat(fleet.delete(path).status()).isEqualTo(204);
    }

    @Test
    void aBodyInChunksIsRead() {
        var body = unit("inactive", WEB).getBytes(java.nio.charset.StandardCharsets.UTF_8);

        var answer = fleet.send("/fleet/v1/units/web.service", request -> request
                .header("Content-Type", FleetClient.JSON)
                .PUT(BodyPublishers.ofInputStream(() -> new java.io.ByteArrayInputStream(body))));

        assertThat(answer.status()).isEqualTo(201);
    }

    @Test
    void anInstanceThatIsDestroyedMeanwhileDoesNotComeBackByItsTemplate() throws Exception {
        fleet.putUnit("web@.service", unit("inactive", WEB));
        try (var clients = Executors.newFixedThreadPool(6)) {
            for (int round = 0; round < 40; round++) {
                assertThat(fleet.putUnit("web@1.service", unit("inactive", WEB)).status()).isEqualTo(201);
                var calls = IntStream.range(0, 6)
                        .<Callable<Answer>>mapToObj(i -> () -> i == 2
                                ? fleet.delete("/fleet/v1/units/web@1.service")
                                : fleet.putUnit("web@1.service", unit(i % 2 == 0 ? "launched" : "loaded")))
                        .toList();

                for (var call : clients.invokeAll(calls)) {
                    assertThat(call.get().status()).as("%s", call.get()).isIn(204, 409);
                }
                assertThat(fleet.getUnit("web@1.service").status()).isEqualTo(404);
            }
        }
    }

    @Test
    void ofManyEditsAtOnceEachIsDoneOrRefusedAndTheLastOneStands() throws Exception {
        fleet.putUnit("web.service", unit("inactive", WEB));
        try (var clients = Executors.newFixedThreadPool(8)) {
            var edits = IntStream.range(0, 80)
                    .<Callable<Answer>>mapToObj(i -> () -> i % 2 == 0
                            ? fleet.putUnit("web.service", unit("loaded", "Service.ExecStart=/bin/echo " + i % 5))
                            : fleet.putUnit("web.service", unit(i % 4 == 1 ? "launched" : "inactive")))
                    .toList();

            for (var edit : clients.invokeAll(edits)) {
                assertThat(edit.get().status()).as("%s", edit.get()).isIn(201, 204, 409);
            }
        }

        var last = fleet.getUnit("web.service").body();
        assertThat(last.path("options")).hasSize(1);
        assertThat(last.at("/options/0/value").asText()).startsWith("/bin/echo ");
        assertThat(fleet.putUnit("web.service", unit("launched", WEB)).status()).isEqualTo(201);
        assertThat(fleet.getUnit("web.service").body().at("/options/0/value").asText()).isEqualTo("/bin/true");
    }
}
