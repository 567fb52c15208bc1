package io.flota.examples;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// A cluster of fleet moves to a real one of Flota. What fleet answers is written down, in two pages.
class ImportFleetIT {
    private static final String FIRST = """
            {"units":[
              {"name":"pin.service","desiredState":"launched","currentState":"launched","machineID":"x","options":[
                {"section":"Service","name":"ExecStart","value":"/bin/sleep infinity"},
                {"section":"X-Fleet","name":"MachineMetadata","value":"role=web"}]},
              {"name":"web@.service","desiredState":"inactive","currentState":"inactive","options":[
                {"section":"Unit","name":"Description","value":"Web %i"},
                {"section":"Service","name":"ExecStart","value":"/bin/sh -c 'exec \\\\\\nsleep infinity'"}]}],
             "nextPageToken":"ZAACAA=="}""";
    private static final String SECOND = """
            {"units":[
              {"name":"web@1.service","desiredState":"launched","options":[
                {"section":"Unit","name":"Description","value":"Web %i"},
                {"section":"Service","name":"ExecStart","value":"/bin/sh -c 'exec \\\\\\nsleep infinity'"}]},
              {"name":"web@2.service","desiredState":"loaded","options":[
                {"section":"Unit","name":"Description","value":"Web %i"},
                {"section":"Service","name":"ExecStart","value":"/bin/sleep infinity"}]}]}""";

    @RegisterExtension
    final LocalCluster cluster = LocalCluster.with("--machines", "2");

    private HttpServer fleet;

    @BeforeEach
    void startFleet() throws IOException {
        fleet = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        fleet.start();
    }

    @AfterEach
    void endFleet() {
        fleet.stop(0);
    }

    @Test
    void unitsRunWithTheirStatesAndOnTheMachinesThatTheirMetadataNames() {
        String machine =
                cluster.unitctl("list-machines", "--full", "--no-legend", "--fields", "machine").lines().getLast();
        tell(Map.of(
                "/fleet/v1/units", FIRST,
                "/fleet/v1/units?nextPageToken=ZAACAA%3D%3D", SECOND,
                "/fleet/v1/state", "{}",
                "/fleet/v1/machines",
                        "{\"machines\":[{\"id\":\"" + machine + "\",\"metadata\":{\"role\":\"web\"}}]}"));
        String url = "http://127.0.0.1:" + fleet.getAddress().getPort();

        var result = cluster.unitctl("import-fleet", "--endpoint", url);

        assertThat(result.lines()).hasSize(5);
        Units.eventually(() -> assertThat(states())
                .anyMatch(("pin.service active " + machine)::equals)
                .anyMatch(line -> line.startsWith("web@1.service active"))
                .anyMatch(line -> line.startsWith("web@2.service inactive")));
        assertThat(cluster.unitctl("cat", "web@1").ok()).isEqualTo("""
                [Unit]
                Description=Web %i

                [Service]
                ExecStart=/bin/sh -c 'exec \\
                sleep infinity'
                """);
        assertThat(cluster.unitctl("import-fleet", "--endpoint", url, "--dry-run").ok()).isEmpty();
    }

    private List<String> states() {
        return cluster.unitctl("list-units", "--no-legend", "--full", "--fields", "unit,active,machine").lines().stream()
                .map(line -> line.replaceAll("\t+", " ").replaceAll("/.*", ""))
                .toList();
    }

    private void tell(Map<String, String> answers) {
        fleet.createContext("/", exchange -> {
            try (exchange) {
                var answer = answers.getOrDefault(exchange.getRequestURI().toString(), "{}");
                var bytes = answer.getBytes(StandardCharsets.UTF_8);
                exchange.getResponseHeaders().add("Content-Type", "application/json");
                exchange.sendResponseHeaders(200, bytes.length);
                exchange.getResponseBody().write(bytes);
            }
        });
    }
}
