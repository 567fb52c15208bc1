package io.flota.scheduler;

import static io.flota.scheduler.FleetClient.unit;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.collect.ImmutableSortedMap;
import com.google.protobuf.ByteString;
import io.flota.api.v1.UnitIntent;
import io.flota.machine.MachineId;
import io.flota.registry.Codec;
import io.flota.store.Transaction;
import io.flota.unit.Endpoint;
import io.flota.unit.UnitName;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Lists of fleet's API, on a real etcd.
class FleetListsTest {
    private static final String[] WEB = {"[Service]", "ExecStart=/bin/true"};
    /// SHA-1 of the same in fleet's normal form, by sha1sum.
    private static final String HASH = "86943ac9f3754cb90f8dd38bf6da7b0cad074592";

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

    private static List<String> texts(List<JsonNode> items, String field) {
        return items.stream().map(item -> item.path(field).asText()).toList();
    }

    private void submit(int units) {
        api.apply(IntStream.range(0, units)
                .mapToObj(i -> TestCluster.submit("web@%04d.service".formatted(i), WEB))
                .toArray(UnitIntent[]::new));
    }

    @Test
    void aThousandUnitsComeInTenPagesSortedByName() {
        submit(1000);

        var pages = new ArrayList<JsonNode>();
        String token = "";
        do {
            var answer = fleet.get("/fleet/v1/units?alt=json&nextPageToken=" + (token.isEmpty() ? "ZAABAA==" : token));
            assertThat(answer.status()).isEqualTo(200);
            pages.add(answer.body());
            token = answer.body().path("nextPageToken").asText("");
        } while (!token.isEmpty());

        assertThat(pages).hasSize(10).allSatisfy(page -> assertThat(page.path("units")).hasSize(100));
        assertThat(pages.getFirst().path("nextPageToken").asText()).isEqualTo("ZAACAA==");
        assertThat(texts(fleet.all("/fleet/v1/units", "units"), "name"))
                .containsExactlyElementsOf(IntStream.range(0, 1000).mapToObj("web@%04d.service"::formatted).toList());
        assertThat(fleet.get("/fleet/v1/units?nextPageToken=ZAALAA==").response().body()).isEqualTo("{}");
        assertThat(fleet.get("/fleet/v1/units?nextPageToken=ZAD__w==").response().body()).isEqualTo("{}");
    }

    @Test
    void whatIsEmptyIsLeftOut() {
        for (String list : List.of("units", "state", "machines")) {
            var answer = fleet.get("/v1-alpha/" + list);
            assertThat(answer.status()).isEqualTo(200);
            assertThat(answer.response().body()).isEqualTo("{}");
            assertThat(answer.header("Content-Type")).isEqualTo("application/json");
        }
    }

    @ParameterizedTest(name = "{0}: {1}")
    @CsvSource(delimiter = '|', textBlock = """
            nextPageToken=ZAABAA==&nextPageToken=ZAACAA== | too many values for page token
            nextPageToken=ZQABAA==                        | token limit must be 100
            nextPageToken=ZAAAAA==                        | token page must be greater than zero
            nextPageToken=                                | page token is none: take the nextPageToken of the page before
            nextPageToken=ZA==                            | page token is none: take the nextPageToken of the page before
            nextPageToken=***                             | page token is none: take the nextPageToken of the page before
            """)
    void aPageTokenThatIsNoneOfOursIsRefused(String query, String message) {
        for (String list : List.of("units", "state", "machines")) {
            var answer = fleet.get("/fleet/v1/" + list + "?" + query.replace("*", "%2A"));
            assertThat(answer.status()).as("%s", answer).isEqualTo(400);
            assertThat(answer.message()).isEqualTo(message);
            assertThat(answer.header("Content-Type")).isEqualTo("application/json");
        }
    }

    @Test
    void theSizeOfAPageIsAnOption() {
        submit(7);
        cluster.tokenLimit(3);
        try (var three = new FleetClient(cluster.scheduler("two"))) {
            await().until(() -> three.get("/fleet/v1/units").status() == 200);

            assertThat(three.get("/fleet/v1/units").body().path("units")).hasSize(3);
            assertThat(three.all("/fleet/v1/units", "units")).hasSize(7);
            assertThat(three.get("/fleet/v1/units?nextPageToken=ZAABAA==").message()).isEqualTo("token limit must be 3");
        }
    }

    @Test
    void statesAreToldByUnitAndMachineAndSelectedExactly() {
        cluster.machine(2);
        cluster.machine(1);
        await().until(() -> fleet.get("/fleet/v1/machines").body().path("machines").size() == 2);
        fleet.putUnit("web.service", unit("launched", "Service.ExecStart=/bin/true"));
        fleet.putUnit("all.service", unit("launched", "Service.ExecStart=/bin/true", "X-Fleet.Global=true"));
        fleet.putUnit("none.service", unit("inactive", "Service.ExecStart=/bin/true"));
        await().until(() -> fleet.all("/fleet/v1/state", "states").size() == 3);

        var states = fleet.all("/fleet/v1/state?alt=json", "states");
        assertThat(texts(states, "name")).containsExactly("all.service", "all.service", "web.service");
        assertThat(texts(states, "machineID").subList(0, 2))
                .containsExactly(FakeAgent.id(1).value(), FakeAgent.id(2).value());
        assertThat(states.getLast()).hasToString("{\"name\":\"web.service\",\"hash\":\"" + HASH + "\",\"machineID\":\""
                + states.getLast().path("machineID").asText() + "\",\"systemdLoadState\":\"loaded\","
                + "\"systemdActiveState\":\"active\",\"systemdSubState\":\"running\"}");
        assertThat(fleet.all("/fleet/v1/state?unitName=all.service", "states")).hasSize(2);
        assertThat(fleet.all("/fleet/v1/state?unitName=all", "states")).isEmpty();
        var one = "&machineID=" + FakeAgent.id(2);
        assertThat(texts(fleet.all("/fleet/v1/state?unitName=all.service" + one, "states"), "machineID"))
                .containsExactly(FakeAgent.id(2).value());

        assertThat(fleet.get("/fleet/v1/state/web.service").body()).isEqualTo(states.getLast());
        assertThat(fleet.get("/fleet/v1/state/all.service").status()).isEqualTo(200);
        var unknown = fleet.get("/fleet/v1/state/unknown.service");
        assertThat(unknown.status()).isEqualTo(404);
        assertThat(unknown.message()).isEqualTo("unit does not exist");
        assertThat(fleet.get("/fleet/v1/state/none.service").message()).isEqualTo("unit state does not exist");
    }

    @Test
    void machinesAreToldByIdWithTheMetadataThatCounts() {
        cluster.machine(2);
        cluster.machine(1);
        await().until(() -> fleet.get("/fleet/v1/machines").body().path("machines").size() == 2);

        assertThat(fleet.get("/fleet/v1/machines?alt=json").response().body()).isEqualTo("{\"machines\":["
                + "{\"id\":\"" + FakeAgent.id(1) + "\",\"primaryIP\":\"10.0.0.1\",\"metadata\":{\"rack\":\"r1\"}},"
                + "{\"id\":\"" + FakeAgent.id(2) + "\",\"primaryIP\":\"10.0.0.2\",\"metadata\":{\"rack\":\"r2\"}}]}");
    }

    @Test
    void endpointsAreToldInTheWordsOfDns() throws Exception {
        var store = cluster.store();
        var lease = store.grant(Duration.ofSeconds(60));
        for (String service : List.of("web", "db")) {
            var endpoint = new Endpoint(
                    service, new UnitName(service + ".service"), new MachineId("a".repeat(32)), "10.0.0.1", 8081,
                    ImmutableSortedMap.of("weight", "10", "path", "/x"), 1, Instant.ofEpochMilli(5), Optional.empty(),
                    ByteString.EMPTY);
            store.commit(Transaction.of(List.of(), List.of(new Codec(TestCluster.KEYS).encode(endpoint, lease.id()))));
        }
        await().until(() -> fleet.get("/flota/v1/endpoints").body().size() == 2);

        assertThat(fleet.get("/flota/v1/endpoints/web").response().body()).isEqualTo("[{\"service\":\"web\","
                + "\"unit\":\"web.service\",\"machine\":\"" + "a".repeat(32) + "\",\"target\":\"10.0.0.1\",\"port\":8081,"
                + "\"priority\":0,\"weight\":10,\"attributes\":{\"path\":\"/x\",\"weight\":\"10\"}}]");
        assertThat(fleet.get("/flota/v1/endpoints/%2A").body()).hasSize(2);
        assertThat(fleet.get("/flota/v1/endpoints/none").response().body()).isEqualTo("[]");
        assertThat(fleet.get("/flota/v1/endpoints/%5B").status()).isEqualTo(400);
    }

    @Test
    void metricsAreTold() {
        var answer = fleet.get("/metrics");

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.header("Content-Type")).startsWith("text/plain");
        assertThat(answer.response().body()).contains("flota_units{");
    }
}
