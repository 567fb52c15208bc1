package io.flota.examples;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableList;
import io.flota.registry.Codec;
import io.flota.registry.Fact.EndpointFact;
import io.flota.registry.Keys;
import io.flota.store.EtcdSettings;
import io.flota.store.EtcdStore;
import io.flota.store.Store;
import io.flota.store.StoreException;
import io.flota.store.Watch;
import io.flota.store.WatchListener;
import io.flota.unit.Endpoint;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Units with `Announce=` are to be found while they can serve, and not a moment longer.
class EndpointsIT {
    private static final Keys KEYS = Keys.DEFAULT;
    private static final Duration DRAIN = Duration.ofSeconds(4);

    @RegisterExtension
    final LocalCluster cluster = LocalCluster.with("--machines", "2", "--ttl", "6s");

    private final Codec codec = new Codec(KEYS);
    /// When each endpoint was seen to go, last.
    private final Map<String, Instant> gone = new ConcurrentHashMap<>();
    private Api api;
    private Store store;
    private Watch watch;

    @BeforeEach
    void connect() throws Exception {
        api = new Api(cluster.endpoint());
        store = new EtcdStore(EtcdSettings.of(List.of(URI.create(cluster.etcdEndpoint()))));
        watch = store.watch(KEYS.endpoints(), store.read(KEYS.endpoints()).revision() + 1, new Departures());
        for (int i = 1; i <= 2; i++) {
            Files.createDirectories(cluster.folder().resolve("pages-" + i));
            Files.writeString(page(i), "fine");
        }
        Units.text(cluster.folder(), "web@.service", """
                [Service]
                ExecStart=/usr/bin/python3 -m http.server 824%%i --bind ${COREOS_PRIVATE_IPV4} --directory %s/pages-%%i
                ExecStopPost=/bin/sh -c 'date +%%%%s%%%%3N > %s/stopped-%%i'

                [X-Flota]
                Announce=web:824%%i weight=10
                AnnounceDrain=%ds
                HealthHttp=/page
                HealthInterval=300ms
                HealthRetries=2
                """.formatted(cluster.folder(), cluster.folder(), DRAIN.toSeconds()));
    }

    @AfterEach
    void disconnect() {
        watch.close();
        store.close();
        api.close();
    }

    private Path page(int i) {
        return cluster.folder().resolve("pages-" + i).resolve("page");
    }

    private final class Departures implements WatchListener {
        @Override
        public void changed(long revision, ImmutableList<Event> events) {
            events.stream()
                    .flatMap(event -> event instanceof Deleted(var key) ? Stream.of(key) : Stream.empty())
                    .forEach(key -> gone.put(key, Instant.now()));
        }

        @Override
        public void broken(String reason) {
            throw new AssertionError(reason);
        }
    }

    private Map<String, Endpoint> endpoints() throws StoreException {
        var found = new TreeMap<String, Endpoint>();
        for (var entry : store.read(KEYS.endpoints()).entries().values()) {
            if (codec.decode(entry).orElseThrow() instanceof EndpointFact(var endpoint, _)) {
                found.put(endpoint.service() + "/" + endpoint.unit().stem(), endpoint);
            }
        }
        return found;
    }

    private void announced(String... names) {
        Units.eventually(() -> assertThat(endpoints().keySet()).containsExactlyInAnyOrder(names));
    }

    private Endpoint endpoint(String name) throws StoreException {
        return endpoints().get(name);
    }

    private String hostOf(Endpoint endpoint) {
        return api.hosts().get(endpoint.machine().value());
    }

    private static boolean answers(Endpoint endpoint) {
        return Traffic.answers(URI.create("http://" + endpoint.address() + ":" + endpoint.port() + "/"));
    }

    @Test
    void aUnitIsAnnouncedWhileItIsUpAndHealthyAndGoneOnceItIsNot() throws Exception {
        Files.delete(page(2));
        cluster.unitctl("start", "web@1", "web@2").ok();
        announced("web/web@1");
        assertThat(endpoint("web/web@1").attributes()).containsEntry("weight", "10");
        assertThat(endpoint("web/web@1").address()).isEqualTo(cluster.ipOf(hostOf(endpoint("web/web@1"))));
        assertThat(answers(endpoint("web/web@1"))).isTrue();

        Files.writeString(page(2), "fine");
        announced("web/web@1", "web/web@2");
        assertThat(api.units().get("web@2.service").getMachines(0).getState().getHealth()).isEqualTo("healthy");

        Files.delete(page(2));
        announced("web/web@1");
        Units.eventually(() -> assertThat(api.units().get("web@2.service").getMachines(0).getState().getMessage())
                .startsWith("unhealthy: http://")
                .endsWith("/page answers 404"));

        ProcessHandle.of(api.active().get("web@1.service").pid()).orElseThrow().destroyForcibly();
        announced();
    }

    @Test
    void aUnitIsWithdrawnForTheTimeOfItsDrainBeforeItStopsOrStartsAnew() throws Exception {
        cluster.unitctl("start", "web@1").ok();
        announced("web/web@1");
        var first = endpoint("web/web@1");

        cluster.unitctl("restart", "web@1").ok();

        assertThat(between("web/web@1.service", 1)).isGreaterThan(DRAIN.dividedBy(2));
        announced("web/web@1");
        assertThat(endpoint("web/web@1").epoch()).isGreaterThan(first.epoch());
        Files.delete(cluster.folder().resolve("stopped-1"));

        cluster.unitctl("stop", "web@1").ok();

        assertThat(between("web/web@1.service", 1)).isGreaterThan(DRAIN.dividedBy(2));
        announced();
    }

    /// From the end of an endpoint to that of its unit.
    private Duration between(String name, int i) throws IOException {
        var stopped = Files.readString(cluster.folder().resolve("stopped-" + i)).strip();
        return Duration.between(gone.get(KEYS.endpoints() + name), Instant.ofEpochMilli(Long.parseLong(stopped)));
    }

    @Test
    void anAgentThatIsReplacedKeepsWhatItAnnounced() throws Exception {
        cluster.unitctl("start", "web@1", "web@2").ok();
        announced("web/web@1", "web/web@2");
        var before = endpoints();

        cluster.restartAgent("machine-1");
        cluster.restartAgent("machine-2");

        Units.eventually(() -> assertThat(endpoints()).allSatisfy((name, endpoint) ->
                assertThat(endpoint.epoch()).isGreaterThan(before.get(name).epoch())));
        announced("web/web@1", "web/web@2");
        assertThat(gone).isEmpty();
    }

    /// A sidecar as fleet's users wrote them: it runs where its unit does, as long as that does.
    @Test
    void aSidecarHoldsAnEndpointWithCurlOrUnitctlUntilItsUnitIsDown() throws Exception {
        plain("curl", """
                ExecStart=/bin/sh -c 'while :; do curl -sS --fail-with-body --unix-socket "$$FLOTA_AGENT_SOCKET" -X PUT \
                    "http://flota/v1/endpoints/curl/plain-curl?port=8251&weight=10&ttl=20s"; sleep 1; done'
                ExecStopPost=-/usr/bin/curl -sS --unix-socket %1$s -X DELETE http://flota/v1/endpoints/curl/plain-curl
                """);
        plain("unitctl", """
                ExecStart=/bin/sh -c 'while :; do \
                    %2$s announce unitctl plain-unitctl --port 8252 --ttl 20s weight=10; sleep 1; done'
                """);

        cluster.unitctl("start", "plain-curl", "plain-unitctl", "announce-curl", "announce-unitctl").ok();

        announced("curl/plain-curl", "unitctl/plain-unitctl");
        for (var endpoint : endpoints().values()) {
            assertThat(endpoint.attributes()).containsEntry("weight", "10");
            assertThat(endpoint.until()).isPresent();
            assertThat(endpoint.address()).isEqualTo(cluster.ipOf(hostOf(endpoint)));
        }
        cluster.unitctl("stop", "announce-curl").ok(); // which withdraws it
        announced("unitctl/plain-unitctl");
        cluster.unitctl("stop", "announce-unitctl").ok(); // which leaves it until its time is over
        assertThat(endpoints()).containsKey("unitctl/plain-unitctl");
        ProcessHandle.of(api.active().get("plain-unitctl.service").pid()).orElseThrow().destroyForcibly();
        announced();
    }

    /// A unit without `Announce=`, and its sidecar. They are told apart by the machine that they are on.
    private void plain(String name, String commands) {
        var machine = name.equals("curl") ? "1" : "2";
        var socket = cluster.folder().resolve("machine-" + machine).resolve("run/agent.sock");
        Units.text(cluster.folder(), "plain-" + name + ".service", """
                [Service]
                ExecStart=/bin/sleep infinity
                [X-Fleet]
                MachineMetadata=machine=%s
                """.formatted(machine));
        Units.text(cluster.folder(), "announce-" + name + ".service", """
                [Unit]
                BindsTo=plain-%1$s.service
                After=plain-%1$s.service
                [Service]
                %2$s
                [X-Fleet]
                MachineOf=plain-%1$s.service
                """.formatted(name, commands.formatted(socket, Unitctl.home().resolve("bin/unitctl"))));
    }

    @Test
    void unitctlAnnounceSaysWhatIsWrongInOneLine() {
        var socket = cluster.folder().resolve("machine-1/run/agent.sock").toString();

        var refused = cluster.unitctl("announce", "Web", "nobody", "--port", "80", "--socket", socket);
        assertThat(refused.exitCode()).isEqualTo(1);
        assertThat(refused.err().lines()).containsExactly("\"Web\" is no name of a service. Write up to 63 of a-z, 0-9"
                + " and \"-\", the last not at either end");

        cluster.unitctl("announce", "web", "nobody", "--port", "80", "--socket", socket).ok();
        announced("web/nobody");
        cluster.unitctl("announce", "web", "nobody", "--withdraw", "--socket", socket).ok();
        announced();

        var nowhere = cluster.unitctl("announce", "web", "nobody", "--port", "80", "--socket", "/nowhere.sock");
        assertThat(nowhere.exitCode()).isEqualTo(1);
        assertThat(nowhere.err().lines()).singleElement().asString()
                .startsWith("cannot ask this machine's agent at /nowhere.sock: ")
                .endsWith("is flota-agent running? (--socket, FLOTA_AGENT_SOCKET)");
    }

    @Test
    void theUnitsOfALostMachineAreAnnouncedByTheOtherOneAndNeverAgainByTheFirst() throws Exception {
        cluster.unitctl("start", "web@1", "web@2").ok();
        announced("web/web@1", "web/web@2");
        var lost = endpoints().entrySet().stream()
                .filter(one -> hostOf(one.getValue()).equals("machine-2"))
                .findFirst()
                .orElseThrow();

        cluster.local("pause", "--agent", "machine-2").ok();

        Units.eventually(() -> assertThat(Optional.ofNullable(endpoint(lost.getKey()))).hasValueSatisfying(now -> {
            assertThat(now.machine()).isNotEqualTo(lost.getValue().machine());
            assertThat(now.epoch()).isGreaterThan(lost.getValue().epoch());
        }));
        assertThat(gone).containsKey(KEYS.endpoints() + lost.getKey() + ".service");
        var moved = endpoint(lost.getKey());
        cluster.resume("machine-2");

        Units.eventually(() -> assertThat(api.hosts()).containsValue("machine-2"));
        Units.eventually(() -> assertThat(api.units().values()).allMatch(unit -> unit.getMachinesCount() == 1));
        assertThat(endpoint(lost.getKey())).isEqualTo(moved);
        assertThat(answers(moved)).isTrue();
    }
}
