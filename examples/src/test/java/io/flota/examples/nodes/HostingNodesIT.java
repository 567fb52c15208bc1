package io.flota.examples.nodes;

import static io.flota.examples.nodes.TestNodes.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.flota.examples.Api;
import io.flota.examples.Customers;
import io.flota.examples.Traffic;
import io.flota.examples.Unitctl;
import java.io.IOException;
import java.net.Proxy;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Customers' sites of `examples/hosting` under systemd, on machines that can really die.
@RealNodes
class HostingNodesIT {
    private static final Proxy FRONT = Traffic.by("10.88.0.100", 8080);
    private static final List<String> NAMES = List.of("acme", "globex", Customers.MALLORY);

    @RegisterExtension
    static final TestNodes NODES = TestNodes.with("--services");

    private Customers customers;
    private Api api;

    @BeforeEach
    void start() throws IOException {
        api = TestNodes.api("node-1");
        eventually(() -> assertThat(api.hosts()).hasSize(3));
        customers = new Customers(TestNodes.home().resolve("shared/hosting"));
        for (var name : NAMES) {
            customers.add(name);
        }
        unitctl(Stream.concat(
                        Stream.of("start", "hosting-front", "hosting-address"), NAMES.stream().map(name -> "site@" + name))
                .toArray(String[]::new))
                .ok();
        eventually(HostingNodesIT::allServe);
    }

    @AfterEach
    void asBefore() throws IOException {
        try {
            TestNodes.mend();
            unitctl(Stream.concat(Stream.of("destroy"), api.units().keySet().stream()).toArray(String[]::new));
            customers.clear();
        } finally {
            api.close();
        }
    }

    private static Unitctl.Result unitctl(String... arguments) {
        return TestNodes.unitctl(Path.of("hosting").toAbsolutePath()).run(arguments);
    }

    private static void allServe() throws IOException {
        for (var name : NAMES) {
            assertThat(Traffic.get(Customers.page(name, "/"), FRONT)).isEqualTo(name);
        }
    }

    @Test
    void aSiteSeesNothingOfTheOthersAndHasNoNetwork() throws IOException {
        var seen = Traffic.get(Customers.page(Customers.MALLORY, "/look"), FRONT).lines().toList();

        assertThat(Integer.parseInt(seen.getFirst())).as("a user of its own").isBetween(61184, 65519);
        assertThat(seen.subList(1, 4)).containsExactly("folders: mallory", "sockets: site-mallory", "no network");
        assertThat(seen.subList(4, seen.size())).hasSize(2).allMatch(line -> line.contains("cannot touch"));
        assertThat(TestNodes.names().stream()
                        .flatMap(node -> TestNodes.on(node, "cd /run; stat -c %u flota-*/site-* 2> /dev/null || true").lines()))
                .as("users, of which each customer has one")
                .hasSize(NAMES.size())
                .doesNotHaveDuplicates();
    }

    @Test
    void aNodeDiesAndAllSitesAreBackAtTheSameAddress() {
        var victim = api.hosts().get(api.machinesOf("site@globex.service").findFirst().orElseThrow());

        TestNodes.run("kill", victim);

        eventually(HostingNodesIT::allServe);
    }
}
