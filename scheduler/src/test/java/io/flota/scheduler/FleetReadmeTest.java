package io.flota.scheduler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The examples of fleet's API in the README, run as they stand there, but for where this cluster is.
class FleetReadmeTest {
    private static final Path README = Path.of("../README.md");
    private static final Pattern CODE = Pattern.compile("# (\\d{3})\\b");
    private static final String CURL = "curl() { command curl -sS --max-time 60 -o \"$body\" -w '%{http_code}' \"$@\"; }\n";

    @TempDir
    Path folder;

    /// @param code that it says it answers; empty if it is no question
    private record Example(String command, String code) {}

    private static List<Example> examples() throws IOException {
        String section = Files.readString(README).split("\n## fleet's HTTP API\n", 2)[1];
        String block = section.split("```sh\n", 2)[1].split("```", 2)[0];
        var examples = new ArrayList<Example>();
        var command = new StringBuilder();
        for (String line : block.lines().toList()) {
            command.append(line).append('\n');
            var code = CODE.matcher(line);
            if (code.find() || line.startsWith("api=")) {
                examples.add(new Example(command.toString(), line.startsWith("api=") ? "" : code.group(1)));
                command.setLength(0);
            }
        }
        assertThat(command.toString()).isBlank();
        return examples;
    }

    @Test
    void eachExampleIsAnsweredAsItSays() throws Exception {
        var socket = folder.resolve("fleet.sock");
        try (var cluster = new TestCluster()) {
            cluster.fleetSocket(socket);
            var scheduler = cluster.scheduler("one");
            cluster.machine(1);
            String port = scheduler.fleet().orElseThrow().port().orElseThrow().toString();
            try (var fleet = new FleetClient(scheduler)) {
                await().until(() -> fleet.get("/fleet/v1/machines").body().path("machines").size() == 1);
            }
            String settings = "";
            int asked = 0;
            for (var example : examples()) {
                String command = example.command()
                        .replace("127.0.0.1:49153", "127.0.0.1:" + port)
                        .replace("85c0c5959f4d4e5e8d5d9d3d0a0f0001", FakeAgent.id(1).value())
                        .replace("/var/run/fleet.sock", socket.toString());
                if (example.code().isEmpty()) {
                    settings = command;
                } else {
                    assertThat(run(settings + command)).as(command).isEqualTo(example.code());
                    asked++;
                }
            }
            assertThat(asked).isGreaterThanOrEqualTo(12);
        }
    }

    private String run(String script) throws IOException, InterruptedException {
        var builder = new ProcessBuilder("sh", "-ec", CURL + script).redirectErrorStream(true);
        builder.environment().put("body", folder.resolve("body").toString());
        var process = builder.start();
        var said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        process.waitFor();
        return said;
    }
}
