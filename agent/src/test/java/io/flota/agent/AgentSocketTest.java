package io.flota.agent;

import static io.flota.agent.TestCluster.HERE;
import static io.flota.unit.DesiredState.LAUNCHED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.common.collect.ImmutableSortedMap;
import com.google.protobuf.ByteString;
import io.flota.agent.runtime.SimulatedRuntime;
import io.flota.machine.MachineId;
import io.flota.registry.Codec;
import io.flota.registry.Fact.EndpointFact;
import io.flota.store.Transaction;
import io.flota.testing.EtcdServer;
import io.flota.unit.Endpoint;
import io.flota.unit.UnitName;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What a sidecar sees: an agent's socket, between a real etcd and a simulated runtime.
class AgentSocketTest {
    private static final UnitName WEB = new UnitName("web@1.service");
    private static final UnitName SIDECAR = new UnitName("elsewhere.service");
    private static EtcdServer etcd;

    @TempDir
    private Path folder;

    private final ArrayDeque<AutoCloseable> open = new ArrayDeque<>();
    private final SimulatedRuntime runtime = SimulatedRuntime.prompt();
    private TestCluster cluster;
    private Path socket;

    /// @param text without the blank lines at its ends
    private record Answer(int status, String text) {
        JsonNode json() throws IOException {
            return new ObjectMapper().readTree(text);
        }
    }

    @BeforeAll
    static void startEtcd() {
        etcd = EtcdServer.start();
    }

    @AfterAll
    static void stopEtcd() {
        etcd.close();
    }

    @BeforeEach
    void start() throws Exception {
        socket = folder.resolve("agent.sock");
        cluster = new TestCluster(etcd);
        open.push(cluster);
        agent();
        cluster.until(() -> cluster.machine().isPresent());
    }

    private Agent agent() throws IOException {
        var store = cluster.newStore();
        open.push(store);
        var agent = new Agent(cluster.config("a", "boot-1", socket), store, runtime);
        open.push(agent);
        return agent;
    }

    @AfterEach
    void close() throws Exception {
        while (!open.isEmpty()) {
            open.pop().close();
        }
    }

    private Answer ask(String method, String target) throws IOException {
        try (var channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            channel.connect(UnixDomainSocketAddress.of(socket));
            var request = method + " " + target + " HTTP/1.1\r\nHost: flota\r\nConnection: close\r\n\r\n";
            channel.write(ByteBuffer.wrap(request.getBytes(StandardCharsets.US_ASCII)));
            var answer = new String(Channels.newInputStream(channel).readAllBytes(), StandardCharsets.UTF_8);
            var text = answer.substring(answer.indexOf("\r\n\r\n") + 4).strip();
            return new Answer(Integer.parseInt(answer.split(" ")[1]), text);
        }
    }

    private Optional<Endpoint> endpoint(String service, UnitName unit) throws Exception {
        return cluster.entry(cluster.keys.endpoint(service, unit))
                .flatMap(new Codec(cluster.keys)::decode)
                .map(fact -> ((EndpointFact) fact).endpoint());
    }

    /// Such as by a loop that was left running on the machine that the unit was on before.
    @Test
    void whatAnotherMachineAnnouncesIsNotTakenFromItByASidecarWhoseUnitIsNotHere() throws Exception {
        var there = new Endpoint(
                "web", WEB, new MachineId("f".repeat(32)), "10.0.0.8", 8081, ImmutableSortedMap.of(), 1, Instant.EPOCH,
                Optional.empty(), ByteString.EMPTY);
        var store = cluster.newStore();
        open.push(store);
        var _ = store.commit(Transaction.of(List.of(), List.of(new Codec(cluster.keys).encode(there, 0))));

        var answer = ask("PUT", "/v1/endpoints/web/web@1?port=8081");

        assertThat(answer.status()).isEqualTo(409);
        assertThat(answer.text()).isEqualTo("machine " + "f".repeat(32) + " announces it, and web@1.service is not up here."
                + " It can be announced here once that one is gone");
        assertThat(endpoint("web", WEB)).contains(there);
    }

    @Test
    void aFileIsNoSocketAndStays() throws Exception {
        var file = Files.writeString(folder.resolve("agent.toml"), "ttl = \"5s\"");
        var store = cluster.newStore();
        open.push(store);

        assertThatThrownBy(() -> new Agent(cluster.config("a", "boot-1", file), store, runtime))
                .isInstanceOf(IOException.class)
                .hasMessage("cannot serve at " + file + " (--socket): it is a file. Give another path");
        assertThat(file).hasContent("ttl = \"5s\"");
    }

    @Test
    void anEndpointIsInEtcdUnderTheMachinesLeaseOnceItsSidecarIsAnswered() throws Exception {
        var answer = ask("PUT", "/v1/endpoints/web/web@1?port=8081&weight=10&ttl=90s");

        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        var endpoint = endpoint("web", WEB).orElseThrow();
        assertThat(endpoint.machine()).isEqualTo(HERE);
        assertThat(endpoint.address()).isEqualTo("10.0.0.7");
        assertThat(endpoint.port()).isEqualTo(8081);
        assertThat(cluster.entry(cluster.keys.endpoint("web", WEB)).orElseThrow().leaseId())
                .isEqualTo(cluster.lease().id());
        assertThat(answer.json().get("target").asText()).isEqualTo("10.0.0.7");
        assertThat(answer.json().get("epoch").asLong()).isEqualTo(endpoint.epoch());
    }

    @Test
    void allEndpointsOfTheClusterAreListedInTheWordsOfDns() throws Exception {
        ask("PUT", "/v1/endpoints/web/web@1?port=8081&weight=10&priority=high");
        ask("PUT", "/v1/endpoints/db/elsewhere?port=3306");

        cluster.until(() -> ask("GET", "/v1/endpoints").json().get("endpoints").size() == 2);

        var web = ask("GET", "/v1/endpoints/web").json().get("endpoints");
        assertThat(web).hasSize(1);
        assertThat(web.get(0).get("service").asText()).isEqualTo("web");
        assertThat(web.get(0).get("unit").asText()).isEqualTo("web@1.service");
        assertThat(web.get(0).get("port").asInt()).isEqualTo(8081);
        assertThat(web.get(0).get("weight").asInt()).isEqualTo(10);
        assertThat(web.get(0).get("priority").asInt()).as("not a number").isZero();
        assertThat(web.get(0).get("attributes").get("priority").asText()).isEqualTo("high");
    }

    @Test
    void askingAgainKeepsTheEpochAndAskingAfterAReleaseHasAHigherOne() throws Exception {
        ask("PUT", "/v1/endpoints/web/web@1?port=8081");
        long first = endpoint("web", WEB).orElseThrow().epoch();

        ask("PUT", "/v1/endpoints/web/web@1?port=8082");
        assertThat(endpoint("web", WEB).orElseThrow().epoch()).isEqualTo(first);
        assertThat(endpoint("web", WEB).orElseThrow().port()).isEqualTo(8082);

        assertThat(ask("DELETE", "/v1/endpoints/web/web@1").status()).isEqualTo(200);
        cluster.until(() -> endpoint("web", WEB).isEmpty());
        assertThat(ask("DELETE", "/v1/endpoints/web/web@1"))
                .isEqualTo(new Answer(404, "nobody holds web/web@1.service here"));
        ask("PUT", "/v1/endpoints/web/web@1?port=8081");
        assertThat(endpoint("web", WEB).orElseThrow().epoch()).isGreaterThan(first);
    }

    @Test
    void anEndpointIsGoneWhenItsTimeIsOver() throws Exception {
        ask("PUT", "/v1/endpoints/db/elsewhere?port=3306&ttl=1s");
        assertThat(endpoint("db", SIDECAR)).isPresent();

        cluster.until(() -> endpoint("db", SIDECAR).isEmpty());
    }

    @Test
    void anEndpointIsGoneWithItsUnitAndCannotBeHeldForOneThatIsDown() throws Exception {
        cluster.place(WEB, LAUNCHED, 1, "p1");
        cluster.until(() -> cluster.reports(WEB, "active", "p1"));
        assertThat(ask("PUT", "/v1/endpoints/web/web@1?port=8081").status()).isEqualTo(200);

        cluster.place(WEB, io.flota.unit.DesiredState.LOADED, 1, "p1");

        cluster.until(() -> endpoint("web", WEB).isEmpty());
        assertThat(ask("PUT", "/v1/endpoints/web/web@1?port=8081")).isEqualTo(
                new Answer(409, "web@1.service is not up here but inactive. Announce it once it is active"));
    }

    @Test
    void badInputIsOneLineWithStatus400() throws Exception {
        assertThat(ask("PUT", "/v1/endpoints/web/web@1?port=0"))
                .isEqualTo(new Answer(400, "\"0\" is not a port. Ports are 1 to 65535"));
        assertThat(ask("PUT", "/v1/endpoints/Web/web@1?port=1").status()).isEqualTo(400);
        assertThat(ask("PUT", "/v1/endpoints/web/web@1?port=1&x=%zz").status()).isEqualTo(400);
        assertThat(ask("POST", "/v1/endpoints/web/web@1?port=1").status()).isEqualTo(405);
        assertThat(ask("GET", "/nothing").status()).isEqualTo(404);
    }

    @Test
    void theSocketIsForItsUserAndGroupAndTakenOverFromAnAgentThatWasKilled() throws Exception {
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(socket))).isEqualTo("rw-rw----");
        assertThatThrownBy(this::agent).isInstanceOf(IOException.class).hasMessageEndingWith(
                "agent.sock (--socket): somebody else does. Give another path");
        open.pop(); // the store of the agent that did not begin
        open.pop().close();
        assertThat(socket).doesNotExist();
        try (var killed = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            killed.bind(UnixDomainSocketAddress.of(socket));
        }
        assertThat(socket).exists();

        agent();

        cluster.until(() -> ask("GET", "/v1/endpoints").status() == 200);
        assertThat(List.of(ask("GET", "/v1/endpoints/web").text())).containsExactly("{\"endpoints\":[]}");
    }
}
