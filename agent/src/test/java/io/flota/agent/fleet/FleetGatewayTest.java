package io.flota.agent.fleet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.flota.daemon.HttpListener;
import io.flota.daemon.HttpListener.Place;
import io.flota.daemon.HttpListener.Tcp;
import io.flota.daemon.HttpListener.UnixSocket;
import io.flota.daemon.ListenAddress;
import io.flota.registry.Codec;
import io.flota.registry.Fact.Leader;
import io.flota.registry.Keys;
import io.flota.store.EtcdSettings;
import io.flota.store.EtcdStore;
import io.flota.store.Store;
import io.flota.store.Transaction;
import io.flota.testing.Certificates;
import io.flota.testing.EtcdServer;
import io.flota.tls.PemFiles;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
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
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.opentest4j.TestAbortedException;

/// What a machine's clients see, between a real etcd and listeners that stand where schedulers would.
class FleetGatewayTest {
    private static final Duration HOPELESS = Duration.ofSeconds(30);
    private static EtcdServer etcd;

    @TempDir
    private Path folder;

    private final Keys keys = new Keys("/test/" + UUID.randomUUID() + "/");
    private final Store store = new EtcdStore(EtcdSettings.of(List.of(etcd.endpoint())));
    private final HttpClient client = HttpClient.newHttpClient();
    private final ArrayDeque<AutoCloseable> open = new ArrayDeque<>(List.of(store, client));

    @BeforeAll
    static void startEtcd() {
        etcd = EtcdServer.start();
    }

    @AfterAll
    static void stopEtcd() {
        etcd.close();
    }

    @AfterEach
    void closeAll() throws Exception {
        while (!open.isEmpty()) {
            open.pop().close();
        }
    }

    /// Tells what it was asked.
    private static final class Mirror extends Handler.Abstract {
        private final String name;

        Mirror(String name) {
            this.name = name;
        }

        @Override
        public boolean handle(Request request, Response response, Callback callback) throws Exception {
            var uri = request.getHttpURI();
            response.setStatus(409);
            response.getHeaders().put("Server", "fleetd/1.0.0 " + name);
            response.getHeaders().put("Content-Type", "application/json");
            Content.Sink.write(response, true, "%s %s %s [%s]".formatted(
                    request.getMethod(), uri.getPathQuery(), request.getHeaders().get("Content-Type"),
                    Content.Source.asString(request, StandardCharsets.UTF_8)), callback);
            return true;
        }
    }

    /// Takes a request, and dies of it.
    private static final class Mortal extends Handler.Abstract {
        @Override
        public boolean handle(Request request, Response response, Callback callback) throws Exception {
            var _ = Content.Source.asString(request, StandardCharsets.UTF_8);
            request.getConnectionMetaData().getConnection().getEndPoint().close();
            callback.failed(new IOException("dead"));
            return true;
        }
    }

    private HttpListener scheduler(String name, Optional<PemFiles> tls) throws Exception {
        return scheduler(name, tls, new Mirror(name));
    }

    private HttpListener scheduler(String name, Optional<PemFiles> tls, Handler answers) throws Exception {
        var place = new Tcp("--fleet-listen", new ListenAddress("127.0.0.1", 0), tls);
        var listener = HttpListener.open(name, List.of(place), answers, Refusal::malformed);
        open.push(listener);
        return listener;
    }

    private void leads(HttpListener scheduler, String name) throws Exception {
        leads(name, "127.0.0.1:" + scheduler.port().orElseThrow());
    }

    private void leads(String name, String address) throws Exception {
        var put = new Codec(keys).encode(new Leader(name, "127.0.0.1:4470", address), 0);
        store.commit(Transaction.of(List.of(), List.of(put)));
    }

    private void serves(HttpListener scheduler, String name) throws Exception {
        serves(name, scheduler.port().orElseThrow());
    }

    private void serves(String name, int port) throws Exception {
        var put = new Codec(keys).encodeServing(new Leader(name, "127.0.0.1:4470", "127.0.0.1:" + port), 0);
        store.commit(Transaction.of(List.of(), List.of(put)));
    }

    private URI gateway(Optional<PemFiles> tls, Place... besides) throws Exception {
        var places = new ArrayList<>(List.of(besides));
        places.add(new Tcp("--fleet-listen", new ListenAddress("127.0.0.1", 0), Optional.empty()));
        var gateway = FleetGateway.open(places, store, keys, tls);
        open.push(gateway);
        return URI.create("http://127.0.0.1:" + gateway.port().orElseThrow());
    }

    private HttpResponse<String> get(URI gateway) throws Exception {
        var request = HttpRequest.newBuilder(gateway.resolve("/fleet/v1/machines")).build();
        return client.send(request, HttpResponse.BodyHandlers.ofString());
    }

    private HttpResponse<String> put(URI gateway) throws Exception {
        var put = HttpRequest.newBuilder(gateway.resolve("/fleet/v1/units/web%401%5Cx2d.service?alt=json"))
                .header("Content-Type", "application/json")
                .PUT(HttpRequest.BodyPublishers.ofString("{\"desiredState\":\"launched\"}"))
                .build();
        return client.send(put, HttpResponse.BodyHandlers.ofString());
    }

    private static Optional<String> server(HttpResponse<?> answer) {
        return answer.headers().firstValue("Server");
    }

    @Test
    void aRequestReachesTheLeaderAsItIsAndSoDoesItsAnswer() throws Exception {
        leads(scheduler("one", Optional.empty()), "one");

        var answer = put(gateway(Optional.empty()));

        assertThat(answer.statusCode()).isEqualTo(409);
        assertThat(answer.headers().firstValue("Server")).contains("fleetd/1.0.0 one");
        assertThat(answer.headers().firstValue("Content-Type")).contains("application/json");
        assertThat(answer.body()).isEqualTo("PUT /fleet/v1/units/web%401%5Cx2d.service?alt=json application/json"
                + " [{\"desiredState\":\"launched\"}]");
    }

    @Test
    void theNextLeaderIsAskedOnceTheFirstIsGone() throws Exception {
        var first = scheduler("one", Optional.empty());
        leads(first, "one");
        var gateway = gateway(Optional.empty());
        assertThat(get(gateway).headers().firstValue("Server")).contains("fleetd/1.0.0 one");

        first.close();
        var away = get(gateway);
        assertThat(away.statusCode()).isEqualTo(503);
        assertThat(away.body())
                .startsWith("{\"error\":{\"code\":503,\"message\":\"no scheduler can be reached: 127.0.0.1:")
                .contains(" does not answer: ");

        leads(scheduler("two", Optional.empty()), "two");
        assertThat(get(gateway).headers().firstValue("Server")).contains("fleetd/1.0.0 two");
    }

    @Test
    void anotherSchedulerIsAskedAsLongAsTheLeaderThatDiedIsNotFollowed() throws Exception {
        var first = scheduler("one", Optional.empty());
        leads(first, "one");
        serves(first, "one");
        serves(scheduler("two", Optional.empty()), "two");
        var gateway = gateway(Optional.empty());
        assertThat(server(get(gateway))).contains("fleetd/1.0.0 one");

        first.close();

        assertThat(server(get(gateway))).contains("fleetd/1.0.0 two");
        var written = put(gateway);
        assertThat(server(written)).contains("fleetd/1.0.0 two");
        assertThat(written.body()).endsWith("application/json [{\"desiredState\":\"launched\"}]");
        store.commit(Transaction.of(List.of(), List.of(new Transaction.Delete(keys.leader()))));
        assertThat(server(get(gateway))).contains("fleetd/1.0.0 two");
    }

    @Test
    void aWriteGoesOnFromALeaderThatCannotBeReachedAtAll() throws Exception {
        var first = scheduler("one", Optional.empty());
        leads(first, "one");
        first.close();
        serves(scheduler("two", Optional.empty()), "two");

        var written = put(gateway(Optional.empty()));

        assertThat(server(written)).contains("fleetd/1.0.0 two");
        assertThat(written.body()).endsWith("application/json [{\"desiredState\":\"launched\"}]");
    }

    @Test
    void aWriteThatMayHaveArrivedIsNotRepeatedAndAReadIs() throws Exception {
        leads(scheduler("one", Optional.empty(), new Mortal()), "one");
        serves(scheduler("two", Optional.empty()), "two");

        var written = put(gateway(Optional.empty()));

        assertThat(written.statusCode()).isEqualTo(503);
        assertThat(written.body()).contains(" does not answer: ");
        assertThat(server(get(gateway(Optional.empty())))).contains("fleetd/1.0.0 two");
    }

    @Test
    void aReadGoesOnFromALeaderThatHangs() throws Exception {
        try (var mute = new ServerSocket(0, 10, InetAddress.getLoopbackAddress())) {
            leads("one", "127.0.0.1:" + mute.getLocalPort());
            serves(scheduler("two", Optional.empty()), "two");
            var read = HttpRequest.newBuilder(gateway(Optional.empty()).resolve("/fleet/v1/machines"))
                    .header("Content-Type", "application/json") // as of a body, which does not come
                    .build();

            assertThat(server(client.send(read, HttpResponse.BodyHandlers.ofString()))).contains("fleetd/1.0.0 two");
        }
    }

    @Test
    void aSchedulerThatTellsNoAddressTakesNobodyElseAway() throws Exception {
        leads("one", "[::1");
        serves(scheduler("two", Optional.empty()), "two");

        assertThat(server(get(gateway(Optional.empty())))).contains("fleetd/1.0.0 two");
    }

    @Test
    void anAddressThatMeansThisVeryGatewayIsNotAsked() throws Exception {
        var gateway = gateway(Optional.empty());
        serves("elsewhere", gateway.getPort());

        assertThat(get(gateway).statusCode()).isEqualTo(503);
        assertThat(get(gateway).body())
                .contains("to their own machines only, at [127.0.0.1:" + gateway.getPort() + "]");

        serves(scheduler("two", Optional.empty()), "two");
        await().atMost(HOPELESS).untilAsserted(() -> assertThat(server(get(gateway))).contains("fleetd/1.0.0 two"));
    }

    @Test
    void whereNobodyCanAnswerTheReasonIsSaid() throws Exception {
        var gateway = gateway(Optional.empty());
        assertThat(get(gateway).statusCode()).isEqualTo(503);
        assertThat(get(gateway).body()).contains("no scheduler leads at the moment");

        leads("mute", "");
        await().atMost(HOPELESS).untilAsserted(() -> assertThat(get(gateway).body())
                .contains("mute does not serve fleet's API over TCP: give it --fleet-listen"));
    }

    @Test
    void whatWasKnownOfTheLeaderHoldsWhileEtcdIsAway() throws Exception {
        leads(scheduler("one", Optional.empty()), "one");
        var gateway = gateway(Optional.empty());
        assertThat(get(gateway).statusCode()).isEqualTo(409);

        store.close();

        await().during(Duration.ofSeconds(2)).atMost(HOPELESS)
                .untilAsserted(() -> assertThat(get(gateway).statusCode()).isEqualTo(409));
    }

    @Test
    void schedulersThatAskForCertificatesAreShownOurs() throws Exception {
        var authority = Certificates.authority(folder, "ca");
        var ours = authority.issue("agent");
        var theirs = authority.issue("scheduler");
        leads(scheduler("safe", Optional.of(
                PemFiles.mutual(authority.certificate(), theirs.certificate(), theirs.key()))), "safe");

        assertThat(get(gateway(Optional.of(
                PemFiles.mutual(authority.certificate(), ours.certificate(), ours.key())))).headers().firstValue("Server"))
                .contains("fleetd/1.0.0 safe");

        var foreign = Certificates.authority(folder, "foreign");
        var imposter = foreign.issue("imposter");
        var refused = get(gateway(Optional.of(
                PemFiles.mutual(foreign.certificate(), imposter.certificate(), imposter.key()))));
        assertThat(refused.statusCode()).isEqualTo(503);
    }

    @Test
    void whatAClientDoesWrongIsNotTheSchedulersFault() throws Exception {
        leads(scheduler("one", Optional.empty()), "one");
        var gateway = gateway(Optional.empty());
        String put = "PUT /fleet/v1/units/web.service HTTP/1.1\r\nHost: fleet\r\nContent-Type: application/json\r\n";

        assertThat(said(gateway, "GET /fleet/v1/units?nextPageToken=%zz|{ HTTP/1.1\r\nHost: fleet\r\n\r\n"))
                .startsWith("HTTP/1.1 400 ").contains("{\"error\":{\"code\":400,");
        assertThat(said(gateway, put + "Transfer-Encoding: chunked\r\n\r\n5\r\n{\"a\":\r\nzz\r\n"))
                .startsWith("HTTP/1.1 400 ").contains("unable to read body: ");
        assertThat(said(gateway, put + "Content-Length: 1000\r\n\r\n{")).startsWith("HTTP/1.1 400 ");
        assertThat(said(gateway, put + "Transfer-Encoding: gzip\r\n\r\n{")).startsWith("HTTP/1.1 400 ");
        assertThat(said(gateway, "GET /fleet/v1/units HTTP/7.0\r\nHost: fleet\r\n\r\n")).startsWith("HTTP/1.1 400 ");
        assertThat(get(gateway).statusCode()).isEqualTo(409);
    }

    /// All that is answered to words that need be no request, and after which no more come.
    private static String said(URI gateway, String words) throws Exception {
        try (var socket = new Socket(gateway.getHost(), gateway.getPort())) {
            socket.setSoTimeout((int) HOPELESS.toMillis());
            socket.getOutputStream().write(words.getBytes(StandardCharsets.US_ASCII));
            socket.shutdownOutput();
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @Test
    void aLeaderMayBeAtAnAddressOfIpv6() throws Exception {
        var place = new Tcp("--fleet-listen", new ListenAddress("::1", 0), Optional.empty());
        HttpListener listener;
        try {
            listener = HttpListener.open("six", List.of(place), new Mirror("six"), Refusal::malformed);
        } catch (IOException e) {
            throw new TestAbortedException("this machine has no IPv6", e);
        }
        open.push(listener);
        leads("six", "[::1]:" + listener.port().orElseThrow());

        assertThat(get(gateway(Optional.empty())).headers().firstValue("Server")).contains("fleetd/1.0.0 six");
    }

    @Test
    void aUnixSocketServesAsWell() throws Exception {
        leads(scheduler("one", Optional.empty()), "one");
        var socket = folder.resolve("fleet.sock");
        gateway(Optional.empty(), new UnixSocket("--fleet-socket", socket));

        try (var channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            channel.connect(UnixDomainSocketAddress.of(socket));
            channel.write(ByteBuffer.wrap("GET /fleet/v1/units HTTP/1.1\r\nHost: fleet\r\nConnection: close\r\n\r\n"
                    .getBytes(StandardCharsets.US_ASCII)));
            var answer = new String(Channels.newInputStream(channel).readAllBytes(), StandardCharsets.UTF_8);
            assertThat(answer).startsWith("HTTP/1.1 409 ").contains("GET /fleet/v1/units");
        }
    }
}
