package io.flota.examples.nodes;

import static io.flota.examples.nodes.TestNodes.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.flota.examples.Api;
import io.flota.examples.Unitctl;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// The web example the native way on machines with systemd: pages of a shared folder that is mounted on all of them.
@RealNodes
class WebNodesIT {
    private static final String VICTIM = "node-3";
    private static final String MOUNT = "srv-pages.mount";
    private static final List<String> APACHES = List.of("apache@1", "apache@2", "apache@3");

    @RegisterExtension
    static final TestNodes NODES = TestNodes.with("--services");

    private final HttpClient http = HttpClient.newHttpClient();
    private Path pages;
    private Api api;

    @BeforeEach
    void share() throws IOException {
        pages = Files.createDirectories(TestNodes.home().resolve("shared/pages"));
        Files.writeString(pages.resolve("hello.html"), "hello");
        api = TestNodes.api("node-1");
        eventually(() -> assertThat(api.hosts()).hasSize(3));
    }

    @AfterEach
    void end() {
        try {
            TestNodes.mend();
            unitctl(Stream.concat(Stream.of("destroy"), api.units().keySet().stream()).toArray(String[]::new)).ok();
        } finally {
            api.close();
        }
    }

    private static Unitctl.Result unitctl(String... arguments) {
        return TestNodes.unitctl(Path.of("web/native").toAbsolutePath()).run(arguments);
    }

    /// Where a unit is in this state, as the cluster says.
    private List<String> nodes(String unit, String sub) {
        var hosts = api.hosts();
        return api.units().get(unit).getMachinesList().stream()
                .filter(machine -> machine.getState().getSub().equals(sub))
                .map(machine -> hosts.get(machine.getMachineId()))
                .sorted()
                .toList();
    }

    private List<String> mounted() {
        return nodes(MOUNT, "mounted");
    }

    /// What each Apache answers, and nginx.
    private List<String> answers(String page) throws Exception {
        var answers = new ArrayList<String>();
        for (var apache : APACHES) {
            var port = "808" + apache.substring(apache.indexOf('@') + 1);
            answers.add(get(nodes(apache + ".service", "running").getFirst(), port + page));
        }
        answers.add(get(nodes("nginx.service", "running").getFirst(), "8080" + page));
        return answers;
    }

    private String get(String node, String portAndPage) throws IOException, InterruptedException {
        var url = URI.create("http://" + TestNodes.address(node) + ":" + portAndPage);
        return http.send(HttpRequest.newBuilder(url).build(), BodyHandlers.ofString()).body();
    }

    @Test
    void allApachesServeThePagesOfOneFolderAlsoOnAMachineThatComesBack() throws Exception {
        unitctl(Stream.of(Stream.of("start", MOUNT), APACHES.stream(), Stream.of("nginx"))
                        .flatMap(words -> words)
                        .toArray(String[]::new))
                .ok();

        eventually(() -> assertThat(mounted()).containsExactly("node-1", "node-2", "node-3"));
        eventually(() -> assertThat(answers("/pages/hello.html")).containsOnly("hello"));
        assertThat(answers("/")).allMatch(page -> page.contains("apache@"));

        Files.writeString(pages.resolve("hello.html"), "hello again");
        assertThat(answers("/pages/hello.html")).containsOnly("hello again");

        TestNodes.run("kill", VICTIM);
        eventually(() -> assertThat(api.hosts()).hasSize(2));
        eventually(() -> assertThat(answers("/pages/hello.html")).containsOnly("hello again"));
        TestNodes.run("boot", VICTIM);
        eventually(() -> assertThat(mounted()).containsExactly("node-1", "node-2", "node-3"));
        assertThat(TestNodes.on(VICTIM, "cat /srv/pages/hello.html")).isEqualTo("hello again");

        unitctl("destroy", MOUNT).ok();
        eventually(() -> TestNodes.names().forEach(node ->
                assertThat(TestNodes.on(node, "mountpoint -q /srv/pages || echo gone")).isEqualTo("gone\n")));
    }
}
