package io.flota.scheduler;

import static io.flota.scheduler.FleetClient.unit;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.flota.scheduler.fleet.FleetListener;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Goal: nothing that strangers send to fleet's API makes a scheduler fail, changes the cluster, or is remembered.
/// Method: requests made wrong in one of many ways, by chance from a seed; `-Dseed=42` runs others.
class FleetRequestsTest {
    private static final int REQUESTS = 10_000;
    private static final long SEED = Long.getLong("seed", 20_261_122);

    private final TestCluster cluster = new TestCluster();
    private FleetListener listener;
    private FleetClient fleet;
    private RawHttp raw;

    @BeforeEach
    void serve() {
        var scheduler = cluster.scheduler("one");
        listener = scheduler.fleet().orElseThrow();
        fleet = new FleetClient(scheduler);
        raw = new RawHttp(listener.port().orElseThrow());
        cluster.machine(1);
        await().until(() -> fleet.get("/fleet/v1/machines").body().path("machines").size() == 1);
        fleet.putUnit("good.service", unit("launched", "Service.ExecStart=/bin/true"));
        await().until(() -> fleet.get("/fleet/v1/state/good.service").status() == 200);
    }

    @AfterEach
    void close() {
        fleet.close();
        cluster.close();
    }

    /// What a process may lose little by little.
    private record Held(long heapMiB, int threads, long files, int connections) {
        static Held by(FleetListener listener) {
            for (int i = 0; i < 3; i++) {
                System.gc();
            }
            long heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
            try (var open = java.nio.file.Files.list(java.nio.file.Path.of("/proc/self/fd"))) {
                return new Held(heap >> 20, running(), open.count(), listener.connections());
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        }

        private static int running() {
            return (int) Thread.getAllStackTraces().keySet().stream()
                    .filter(thread -> thread.getName().startsWith("fleet"))
                    .count();
        }
    }

    @Test
    void tenThousandMalformedRequestsAreRefusedAndLeaveNothingBehind() throws Exception {
        var requests = new MalformedFleetRequests(SEED);
        for (int i = 0; i < 300; i++) {
            raw.ask(new MalformedFleetRequests(SEED + 1).next()); // what is only made once is made before it is measured
        }
        var states = fleet.get("/fleet/v1/state").response().body();
        long revision = revision();
        var before = Held.by(listener);
        var answers = new TreeMap<Integer, Integer>();

        for (int i = 0; i < REQUESTS; i++) {
            byte[] request = requests.next();
            int status = raw.ask(request);
            assertThat(status).as("seed %d, request %d: %s", SEED, i, excerpt(request)).isLessThan(500);
            if (status < 400) {
                assertThat(excerpt(request)).as("seed %d, request %d is answered by %d", SEED, i, status)
                        .matches(text -> status == 0 || text.startsWith("GET ") || text.startsWith("HEAD "));
            }
            answers.merge(status, 1, Integer::sum);
        }

        await().until(() -> listener.connections() <= before.connections());
        var after = Held.by(listener);
        System.out.printf("seed %d: %d requests, answers by status %s; before %s, after %s%n",
                SEED, REQUESTS, answers, before, after);
        assertThat(revision()).isEqualTo(revision);
        assertThat(fleet.get("/fleet/v1/state").response().body()).isEqualTo(states);
        assertThat(after.heapMiB()).isLessThan(before.heapMiB() + 32);
        assertThat(after.threads()).isLessThanOrEqualTo(40);
        assertThat(after.files()).isLessThan(before.files() + 32);
        assertThat(answers).containsKeys(400, 404, 405, 409, 413, 415);
    }

    private long revision() throws Exception {
        return cluster.store().read(TestCluster.KEYS.prefix()).revision();
    }

    private static String excerpt(byte[] request) {
        return new String(request, 0, Math.min(300, request.length), StandardCharsets.ISO_8859_1);
    }

    @Test
    void slowSendersAreLeftWhileOthersAreServed() throws Exception {
        String head = "PUT /fleet/v1/units/slow.service HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\n";
        String body = head + "Content-Length: 1000\r\n\r\n{\"name\":\"" + "x".repeat(900);
        String chunks = head.replace("PUT /fleet/v1/units/slow.service", "PATCH /fleet/v1/machines")
                + "Transfer-Encoding: chunked\r\n\r\n1\r\n[\r\n" + "1\r\n \r\n".repeat(200);
        var ends = new ArrayList<Integer>();
        try (var slow = Executors.newVirtualThreadPerTaskExecutor()) {
            var senders = new ArrayList<java.util.concurrent.Future<Integer>>();
            for (int i = 0; i < 120; i++) {
                int kind = i < 24 ? i % 3 : i % 2; // of bodies that may be large no more than are gathered
                String words = List.of(body, head + "X: " + "y".repeat(900), chunks).get(kind);
                int quick = kind == 1 ? 10 : words.indexOf("\r\n\r\n") + 6;
                senders.add(slow.submit(() -> trickle(words, quick)));
            }
            await().until(() -> listener.connections() >= 120);

            for (int i = 0; i < 100; i++) {
                assertThat(fleet.get("/fleet/v1/units").status()).isEqualTo(200);
                assertThat(fleet.putUnit("good.service", unit(i % 2 == 0 ? "loaded" : "launched")).status()).isEqualTo(204);
            }
            for (var sender : senders) {
                ends.add(sender.get());
            }
        }

        assertThat(ends).containsOnly(0, 408).contains(408);
        await().atMost(Duration.ofSeconds(30)).until(() -> listener.connections() <= 1);
        assertThat(fleet.getUnit("slow.service").status()).isEqualTo(404);
    }

    @Test
    void manyLargeBodiesAtOnceAreRefusedAndSmallOnesServed() throws Exception {
        String chunked = "PATCH /fleet/v1/machines HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n[\r\n";
        var crowd = new ArrayList<Socket>();
        try {
            for (int i = 0; i < 8; i++) {
                var socket = raw.connect();
                crowd.add(socket);
                socket.getOutputStream().write(chunked.getBytes(StandardCharsets.US_ASCII));
            }
            await().until(() -> raw.ask((chunked + "1\r\n]\r\n0\r\n\r\n").getBytes(StandardCharsets.US_ASCII)) == 429);

            assertThat(fleet.putUnit("small.service", unit("inactive", "Service.ExecStart=/bin/true")).status()).isEqualTo(201);
            for (var socket : crowd) {
                socket.getOutputStream().write("1\r\n]\r\n0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                socket.shutdownOutput();
                assertThat(RawHttp.status(socket)).isEqualTo(204);
            }
        } finally {
            for (var socket : crowd) {
                socket.close();
            }
        }
        assertThat(raw.ask((chunked + "1\r\n]\r\n0\r\n\r\n").getBytes(StandardCharsets.US_ASCII))).isEqualTo(204);
    }

    /// A byte now and then, so that the connection is never idle.
    private int trickle(String words, int quick) throws IOException {
        try (var socket = raw.connect()) {
            var reader = Thread.startVirtualThread(() -> send(socket, words, quick));
            int status = RawHttp.status(socket);
            reader.interrupt();
            return status;
        }
    }

    private static void send(Socket socket, String words, int quick) {
        try {
            var out = socket.getOutputStream();
            out.write(words.substring(0, quick).getBytes(StandardCharsets.ISO_8859_1));
            for (int at = quick; at < words.length(); at++) {
                out.write(words.charAt(at));
                java.util.concurrent.locks.LockSupport.parkNanos(Duration.ofMillis(500).toNanos());
            }
        } catch (IOException _) {
            // The server has had enough.
        }
    }
}
