package io.flota.examples.nodes;

import static io.flota.examples.nodes.TestNodes.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.flota.examples.Api;
import java.io.IOException;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// What fleet's functional tests assert of its API, of real machines, asked at the socket where a fleetd had it: the
/// machine's agent passes each request on to the scheduler that leads.
@RealNodes
class FleetNodesIT {
    private static final String ASKED = "node-1";
    /// Whose scheduler systemd passes a socket to.
    private static final String PASSED = "node-3";

    @RegisterExtension
    static final TestNodes NODES = TestNodes.with("--ttl", "5s");

    private Api api;

    /// @param type of the content
    private record Answer(int status, String type, String body) {
        JsonNode json() throws IOException {
            return new ObjectMapper().readTree(body);
        }
    }

    @BeforeAll
    static void serve() {
        TestNodes.on(ASKED, """
                echo 'fleet-socket = "/run/fleet.sock"' >> /etc/flota/agent.toml
                systemctl restart flota-agent
                """);
    }

    @AfterAll
    static void asItWas() {
        TestNodes.on(ASKED, "sed -i '/^fleet-socket/d' /etc/flota/agent.toml; systemctl restart flota-agent");
    }

    @BeforeEach
    void connect() {
        api = TestNodes.api(ASKED);
        eventually(() -> assertThat(api.hosts()).hasSize(3));
        eventually(() -> assertThat(get("/machines").status()).isEqualTo(200));
    }

    @AfterEach
    void asBefore() throws IOException {
        try {
            TestNodes.mend();
            eventually(() -> assertThat(get("/units").status()).isEqualTo(200));
            for (var unit : get("/units").json().path("units")) {
                assertThat(ask("DELETE", "/units/" + unit.path("name").asText(), "").status()).isEqualTo(204);
            }
            eventually(() -> assertThat(api.units()).isEmpty());
        } finally {
            api.close();
        }
    }

    private static Answer get(String path) {
        return ask("GET", path, "");
    }

    private static Answer ask(String method, String path, String body) {
        var said = TestNodes.on(ASKED, """
                curl -sS -m 20 --unix-socket /run/fleet.sock -X %s -H 'Content-Type: application/json' -d '%s' \
                  -w '\\n%%{http_code} %%{content_type}' 'http://fleet/fleet/v1%s'
                """.formatted(method, body, path));
        int end = said.stripTrailing().lastIndexOf('\n');
        var status = said.substring(end + 1).strip().split(" ", 2);
        return new Answer(Integer.parseInt(status[0]), status.length > 1 ? status[1] : "", said.substring(0, Math.max(0, end)));
    }

    private static Map<String, String> metadata() throws IOException {
        var metadata = new TreeMap<String, String>();
        for (var machine : get("/machines").json().path("machines")) {
            metadata.put(machine.path("id").asText(), machine.path("metadata").toString());
        }
        return metadata;
    }

    /// TestMachinesList, TestMachinesListBadNextPageToken
    @Test
    void machinesAreListedAndAForeignTokenIsRefused() throws IOException {
        var machines = get("/machines");
        assertThat(machines.type()).isEqualTo("application/json");
        assertThat(metadata().keySet()).isEqualTo(api.hosts().keySet());

        var refused = get("/machines?nextPageToken=EwABAA%3D%3D");
        assertThat(refused.status()).isEqualTo(400);
        assertThat(refused.type()).isEqualTo("application/json");
        assertThat(refused.json().at("/error/message").asText()).isEqualTo("token limit must be 100");
    }

    /// TestMachinesPatchAddModify, TestMachinesPatchDelete, TestMachinesPatchBad
    @Test
    void metadataIsAddedChangedAndRemovedAndABadPatchDoesNothing() throws IOException {
        var before = metadata();
        var ids = before.keySet().stream().toList();
        assertThat(ask("PATCH", "/machines", """
                [{"op":"add","path":"/%s/metadata/foo","value":"bar"},
                 {"op":"replace","path":"/%s/metadata/ping","value":{"value":"splat"}}]
                """.formatted(ids.get(0), ids.get(1))).status()).isEqualTo(204);
        eventually(() -> {
            assertThat(metadata().get(ids.get(0))).contains("\"foo\":\"bar\"", "\"node\"");
            assertThat(metadata().get(ids.get(1))).contains("\"ping\":\"splat\"", "\"node\"");
        });

        for (var bad : new String[] {
            "[{\"op\":\"noop\",\"path\":\"/" + ids.get(0) + "/metadata/foo\",\"value\":\"x\"}]",
            "[{\"op\":\"add\",\"path\":\"/" + ids.get(0) + "/foo\",\"value\":\"x\"}]",
            "[{\"op\":\"add\",\"path\":\"/" + ids.get(0) + "/metadata/foo\",\"value\":\"\"}]"
        }) {
            assertThat(ask("PATCH", "/machines", bad).status()).as(bad).isEqualTo(400);
        }
        assertThat(metadata().get(ids.get(0))).contains("\"foo\":\"bar\"");

        assertThat(ask("PATCH", "/machines", """
                [{"op":"remove","path":"/%s/metadata/foo"},{"op":"remove","path":"/%s/metadata/ping"}]
                """.formatted(ids.get(0), ids.get(1))).status()).isEqualTo(204);
        eventually(() -> assertThat(metadata()).isEqualTo(before));
    }

    /// TestUnitRunnable and TestNodeShutdown, by the API alone: a unit runs, and elsewhere when its machine dies, also that
    /// of the scheduler that was asked.
    @Test
    void aUnitRunsAndGoesOnElsewhereWhenItsMachineDies() throws IOException {
        assertThat(ask("PUT", "/units/steady.service", """
                {"desiredState":"launched","options":[
                 {"section":"Service","name":"ExecStart","value":"/bin/sleep infinity"},
                 {"section":"X-Fleet","name":"MachineMetadata","value":"node=2"},
                 {"section":"X-Fleet","name":"MachineMetadata","value":"node=3"}]}
                """).status()).isEqualTo(201);
        eventually(() -> assertThat(get("/state/steady.service").json().path("systemdActiveState").asText()).isEqualTo("active"));
        var first = get("/units/steady.service").json().path("machineID").asText();
        assertThat(get("/units/steady.service").json().path("currentState").asText()).isEqualTo("launched");

        TestNodes.run("kill", api.hosts().get(first));

        eventually(() -> {
            var unit = get("/units/steady.service").json();
            assertThat(unit.path("machineID").asText()).isNotIn("", first);
            assertThat(unit.path("currentState").asText()).isEqualTo("launched");
        });
        assertThat(metadata()).hasSize(2).doesNotContainKey(first);
    }

    /// As the README has it.
    @Test
    void aSocketOfSystemdsServesTheApiOfThePackagedScheduler() {
        try {
            TestNodes.on(PASSED, """
                    systemctl enable flota-scheduler.socket && systemctl stop flota-scheduler &&
                        systemctl start flota-scheduler.socket flota-scheduler
                    """);

            assertThat(TestNodes.on(PASSED, "stat -L -c '%a %G' /var/run/fleet.sock")).isEqualTo("660 flota\n");
            eventually(() -> assertThat(TestNodes.on(
                            PASSED, "curl -sSf -m 20 --unix-socket /var/run/fleet.sock http://fleet/fleet/v1/machines"))
                    .contains(api.hosts().keySet()));
        } finally {
            TestNodes.on(PASSED, "systemctl disable --now flota-scheduler.socket; systemctl restart flota-scheduler");
        }
    }
}
