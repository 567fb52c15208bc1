package io.flota.examples;

import static io.flota.examples.Units.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableSortedMap;
import com.google.protobuf.ByteString;
import com.sun.net.httpserver.HttpServer;
import io.flota.machine.MachineId;
import io.flota.registry.Codec;
import io.flota.registry.Keys;
import io.flota.store.EtcdSettings;
import io.flota.store.EtcdStore;
import io.flota.store.StoreException;
import io.flota.store.Transaction;
import io.flota.store.Transaction.Delete;
import io.flota.unit.Endpoint;
import io.flota.unit.UnitName;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.StandardProtocolFamily;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// nginx and HAProxy whose configurations are rendered from endpoints that appear in etcd.
class RenderIT {
    private static final Keys KEYS = Keys.DEFAULT;
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    @RegisterExtension
    static final LocalCluster CLUSTER = LocalCluster.with("--machines", "1");

    private final List<HttpServer> servers = new ArrayList<>();
    private EtcdStore store;
    private int port;

    @BeforeAll
    static void serversAreThere() {
        for (var server : List.of("nginx", "haproxy")) {
            assertThat(Path.of("/usr/sbin/" + server))
                    .as("this test runs %s; install it: apt-get install %s", server, server)
                    .exists();
        }
    }

    @BeforeEach
    void serve() throws IOException {
        store = new EtcdStore(new EtcdSettings(
                List.of(URI.create(CLUSTER.etcdEndpoint())), Optional.empty(), Optional.empty(), Units.LIMIT));
        var address = InetAddress.getByName(CLUSTER.ipOf("machine-1"));
        for (int i = 0; i < 3; i++) {
            var name = "server " + (i + 1);
            var server = HttpServer.create(new InetSocketAddress(address, 0), 0);
            server.createContext("/", exchange -> {
                exchange.sendResponseHeaders(200, name.length());
                try (var body = exchange.getResponseBody()) {
                    body.write(name.getBytes(StandardCharsets.UTF_8));
                }
            });
            server.start();
            servers.add(server);
        }
        try (var free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
    }

    @AfterEach
    void end() throws StoreException, IOException {
        servers.forEach(server -> server.stop(0));
        for (int i = 1; i <= 3; i++) {
            gone(i);
        }
        store.close();
        var units = CLUSTER.unitctl("list-unit-files", "--no-legend", "--fields", "unit").lines();
        units.forEach(unit -> CLUSTER.unitctl("destroy", unit).ok());
        Files.deleteIfExists(file("nginx.conf"));
        Files.deleteIfExists(file("haproxy.cfg"));
    }

    /// `web@NUMBER` announces one of the servers, 1 to 3.
    private void announce(int number, int server, Map<String, String> attributes) throws StoreException {
        var endpoint = new Endpoint(
                "web", new UnitName("web@" + number + ".service"), new MachineId("f".repeat(32)), CLUSTER.ipOf("machine-1"),
                servers.get(server - 1).getAddress().getPort(), ImmutableSortedMap.copyOf(attributes), 1, Instant.now(),
                Optional.empty(), ByteString.EMPTY);
        var _ = store.commit(Transaction.of(List.of(), List.of(new Codec(KEYS).encode(endpoint, 0))));
    }

    private void announce(int number, int server) throws StoreException {
        announce(number, server, Map.of());
    }

    private void gone(int number) throws StoreException {
        var _ = store.commit(Transaction.of(
                List.of(), List.of(new Delete(KEYS.endpoint("web", new UnitName("web@" + number + ".service"))))));
    }

    /// What several requests are answered with; what is no answer of a server counts as well.
    private TreeSet<String> answers() throws Exception {
        var answers = new TreeSet<String>();
        for (int i = 0; i < 12; i++) {
            var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/")).build();
            answers.add(HTTP.send(request, HttpResponse.BodyHandlers.ofString()).body());
        }
        return answers;
    }

    private Path file(String name) {
        return CLUSTER.folder().resolve(name);
    }

    private String message(String unit) {
        return CLUSTER.unitctl("status", unit).out();
    }

    private void nginx() {
        Units.text(CLUSTER.folder(), "nginx.service", """
                [Service]
                ExecStart=/usr/sbin/nginx -c %1$s/nginx.conf -g 'daemon off;'
                ExecReload=/bin/kill -HUP $MAINPID

                [X-Flota]
                Render=nginx.conf:%1$s/nginx.conf
                RenderCheck=/usr/sbin/nginx -t -c {file} -g 'daemon off;'

                [X-Flota-Template nginx.conf]
                Line=pid %1$s/nginx.pid;
                Line=error_log %1$s/nginx.log;
                Line=events {}
                Line=http {
                Line=  access_log off;
                Line=  upstream web {
                Line={%% for e in endpoints.web %%}
                Line=|    server {{ e.address }}:{{ e.port }} weight={{ e.attributes.weight | default(1) }};
                Line={%% else %%}
                Line=|    server 127.0.0.1:1 down;
                Line={%% endfor %%}
                Line=  }
                Line=  server {
                Line=    listen 127.0.0.1:%2$d;
                Line=    location / { proxy_pass http://web; }
                Line=  }
                Line=}
                """.formatted(CLUSTER.folder(), port));
    }

    @Test
    void nginxFollowsTheEndpointsAndABadOneLeavesItAsItIs() throws Exception {
        announce(1, 1);
        nginx();
        CLUSTER.unitctl("start", "nginx").ok();
        eventually(() -> assertThat(answers()).containsExactly("server 1"));
        var pid = Files.readString(file("nginx.pid"));

        announce(2, 2);
        eventually(() -> assertThat(answers()).containsExactly("server 1", "server 2"));
        var served = Files.readString(file("nginx.conf"));
        announce(3, 3, Map.of("weight", "heavy"));

        eventually(() -> assertThat(message("nginx"))
                .containsPattern("RenderCheck= refuses its rendered files, the old ones stay: .*\\[emerg] .*invalid parameter"
                        + " \"weight=heavy\" in " + file("nginx.conf") + ":"));
        assertThat(Files.readString(file("nginx.conf"))).isEqualTo(served);
        assertThat(answers()).containsExactly("server 1", "server 2");

        announce(3, 3, Map.of("weight", "2"));
        gone(1);
        eventually(() -> assertThat(answers()).containsExactly("server 2", "server 3"));
        eventually(() -> assertThat(message("nginx")).doesNotContain("RenderCheck="));
        assertThat(Files.readString(file("nginx.pid"))).as("reloaded, never started anew").isEqualTo(pid);
    }

    @Test
    void aUnitWaitsForItsFirstFile() throws Exception {
        announce(1, 1, Map.of("weight", "heavy"));
        nginx();
        CLUSTER.unitctl("start", "--no-block", "nginx").ok();
        eventually(() -> assertThat(message("nginx"))
                .contains("not started before its files are rendered: RenderCheck= refuses its rendered files")
                .contains("inactive"));
        assertThat(file("nginx.conf")).doesNotExist();

        announce(1, 1);
        eventually(() -> assertThat(answers()).containsExactly("server 1"));
    }

    @Test
    void aUnitMayBeStartedAnewForItsFiles() throws Exception {
        announce(1, 1);
        Units.text(CLUSTER.folder(), "plain.service", """
                [Service]
                ExecStart=/bin/sh -c 'cat %1$s/plain; exec sleep infinity'
                ExecStop=/bin/sh -c 'curl -sS --unix-socket "$$FLOTA_AGENT_SOCKET" http://flota/v1/endpoints/plain > %1$s/at-stop'

                [X-Flota]
                Render=plain:%1$s/plain
                OnRender=restart
                Announce=plain:9

                [X-Flota-Template plain]
                Line={%% for e in endpoints.web %%}{{ e.name }} {%% endfor %%}
                """.formatted(CLUSTER.folder()));
        CLUSTER.unitctl("start", "plain").ok();
        eventually(() -> assertThat(CLUSTER.unitctl("list-endpoints", "plain").ok()).contains("plain.service"));

        announce(2, 2);

        eventually(() -> assertThat(CLUSTER.unitctl("journal", "plain").ok()).containsSubsequence("web-1 \n", "web-1 web-2 \n"));
        eventually(() -> assertThat(message("plain")).contains("Active: active (running)"));
        assertThat(Files.readString(file("at-stop"))).as("withdrawn before it was stopped").isEqualTo("{\"endpoints\":[]}\n");
    }

    @Test
    void whatUnitsAnnounceIsServed() throws Exception {
        haproxy();
        CLUSTER.unitctl("start", "haproxy").ok();
        for (int i = 1; i <= 2; i++) {
            Units.text(CLUSTER.folder(), "web@" + i + ".service", """
                    [Service]
                    ExecStart=/bin/sleep infinity
                    [X-Flota]
                    Announce=web:%d
                    """.formatted(servers.get(i - 1).getAddress().getPort()));
            CLUSTER.unitctl("start", "web@" + i).ok();
        }
        eventually(() -> assertThat(answers()).containsExactly("server 1", "server 2"));
        var worker = worker();

        CLUSTER.unitctl("stop", "web@1").ok();

        assertThat(answers()).as("gone before the unit is down").containsExactly("server 2");
        assertThat(worker()).isEqualTo(worker);
    }

    @Test
    void haproxyTakesAddressesWithoutAReloadAndAllElseByOne() throws Exception {
        announce(1, 1);
        haproxy();
        CLUSTER.unitctl("start", "haproxy").ok();
        eventually(() -> assertThat(answers()).containsExactly("server 1"));
        var worker = worker();

        announce(1, 2); // another address
        eventually(() -> assertThat(answers()).containsExactly("server 2"));
        announce(2, 3); // a slot that was empty
        eventually(() -> assertThat(answers()).containsExactly("server 2", "server 3"));
        gone(1);
        eventually(() -> assertThat(answers()).containsExactly("server 3"));
        assertThat(worker()).as("the process that has served from the beginning").isEqualTo(worker);
        assertThat(Files.readString(file("haproxy.cfg"))).contains("server s1 127.0.0.1:1 weight 1 disabled");

        announce(1, 1, Map.of("mode", "tcp")); // which the template makes more of
        eventually(() -> assertThat(worker()).isNotEqualTo(worker));
        eventually(() -> assertThat(answers()).containsExactly("server 1", "server 3"));
    }

    private void haproxy() {
        Units.text(CLUSTER.folder(), "haproxy.service", """
                [Service]
                Type=notify
                ExecStart=/usr/sbin/haproxy -Ws -f %1$s/haproxy.cfg -p %1$s/haproxy.pid
                ExecReload=/bin/kill -USR2 $MAINPID
                SuccessExitStatus=143

                [X-Flota]
                Render=haproxy.cfg:%1$s/haproxy.cfg
                RenderCheck=/usr/sbin/haproxy -c -f {file}
                RenderSocket=%1$s/haproxy.sock

                [X-Flota-Template haproxy.cfg]
                Line=global
                Line=|    stats socket %1$s/haproxy.sock mode 600 level admin
                Line=defaults
                Line=|    mode http
                Line=|    timeout connect 2s
                Line=|    timeout client 10s
                Line=|    timeout server 10s
                Line=|    option redispatch
                Line=listen web
                Line=|    bind 127.0.0.1:%2$d
                Line={%% for s in slots(endpoints.web, 4) %%}
                Line={%% if s.used %%}
                Line=|    server s{{ s.slot }} {{ s.address }}:{{ s.port }} weight 1
                Line={%% if (s.attributes.mode | default('')) != '' %%}
                Line=|    retries 2
                Line={%% endif %%}
                Line={%% else %%}
                Line=|    server s{{ s.slot }} 127.0.0.1:1 weight 1 disabled
                Line={%% endif %%}
                Line={%% endfor %%}
                """.formatted(CLUSTER.folder(), port));
    }

    private String worker() throws IOException {
        try (var channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            channel.connect(UnixDomainSocketAddress.of(file("haproxy.sock")));
            channel.write(ByteBuffer.wrap("show info\n".getBytes(StandardCharsets.UTF_8)));
            var said = new String(Channels.newInputStream(channel).readAllBytes(), StandardCharsets.UTF_8);
            return said.lines().filter(line -> line.startsWith("Pid:")).findFirst().orElseThrow();
        }
    }
}
