package io.flota.examples;

import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/// Many sidecars of one machine that write at once: each announces its endpoint by the agent's socket, with another port
/// each time, and withdraws it now and then. An nginx runs beside them whose upstreams are rendered from their endpoints;
/// its file is read all the time.
public final class SidecarCrowd {
    private static final String UNIT = "crowd";
    private static final Duration BETWEEN_TESTS = Duration.ofMillis(500);
    private static final Duration LIMIT = Duration.ofMinutes(1);
    private static final int FIRST_PORT = 10_000;
    private static final int PORTS = 50_000;
    /// Each withdraws its endpoint after so many announcements, and one in so many ends without one.
    private static final int WITHDRAWN_EACH = 4;

    private static final Pattern SERVER =
            Pattern.compile("(?m)^    server (\\S+):(\\d+); # sidecar-(\\d+) turn (\\d+)$");
    private static final Pattern WHOLE = Pattern.compile("pid [^;]+;\n(?:[^\n]*\n)*  upstream web \\{\n"
            + "(?:(?:" + SERVER.pattern().substring("(?m)^".length(), SERVER.pattern().length() - 1)
            + "\n)+|    server 127\\.0\\.0\\.1:1 down;\n)  }\n  # (\\d+) sidecars\n(?:[^\n]*\n)*}\n# whole\n");

    /// @param writes announcements and withdrawals that were answered as done
    /// @param states of the file that were seen
    /// @param tested those of them that nginx was asked about
    /// @param faults what was not as it has to be; empty if all is well
    /// @param renders how often the agent has replaced the file
    /// @param reloads how often nginx has read it anew
    public record Outcome(int writes, int states, int tested, List<String> faults, int renders, int reloads) {}

    private final LocalCluster cluster;
    private final int sidecars;
    private final CountDownLatch over = new CountDownLatch(1);
    private final AtomicInteger writes = new AtomicInteger();
    private final ConcurrentSkipListMap<String, Integer> announced = new ConcurrentSkipListMap<>();
    private final TreeMap<String, Integer> turns = new TreeMap<>();
    private final List<String> faults = new ArrayList<>();
    private int states;
    private int tested;

    private SidecarCrowd(LocalCluster cluster, int sidecars) {
        this.cluster = cluster;
        this.sidecars = sidecars;
    }

    /// @param cluster whose `machine-1` all of them are on
    public static Outcome write(LocalCluster cluster, int sidecars, Duration time) throws Exception {
        return new SidecarCrowd(cluster, sidecars).write(time);
    }

    private Outcome write(Duration time) throws Exception {
        unit();
        cluster.unitctl("start", UNIT).ok();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var all = new ArrayList<Future<?>>();
            all.add(threads.submit(this::read));
            try {
                for (int i = 1; i <= sidecars; i++) {
                    int number = i;
                    all.add(threads.submit(() -> announce(number)));
                }
                var _ = over.await(time.toMillis(), TimeUnit.MILLISECONDS);
            } finally {
                over.countDown();
            }
            for (var one : all) {
                one.get();
            }
        }
        await().atMost(LIMIT).until(() -> inFile(file()).equals(announced) && !isOwed());
        if (!inCluster().equals(announced)) {
            faults.add("announced are " + announced + ", the agent tells " + inCluster());
        }
        return new Outcome(
                writes.get(), states, tested, List.copyOf(faults), count("machine-1/log", "rendered unit=" + UNIT + ".service "),
                count("crowd.log", "signal 1 (SIGHUP)"));
    }

    private Path path(String name) {
        return cluster.folder().resolve(name);
    }

    private String file() throws IOException {
        return Files.readString(path("crowd.conf"));
    }

    private boolean isOwed() {
        return Files.exists(path(".crowd.conf.flota.owed"));
    }

    private int count(String name, String words) throws IOException {
        try (var lines = Files.lines(path(name))) {
            return (int) lines.filter(line -> line.contains(words)).count();
        }
    }

    private void unit() throws IOException {
        int port;
        try (var free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        Units.text(cluster.folder(), UNIT + ".service", """
                [Service]
                ExecStart=/usr/sbin/nginx -c %1$s/crowd.conf -g 'daemon off;'
                ExecReload=/bin/kill -HUP $MAINPID

                [X-Flota]
                Render=crowd.conf:%1$s/crowd.conf
                RenderCheck=/usr/sbin/nginx -t -c {file} -g 'daemon off;'

                [X-Fleet]
                MachineMetadata=machine=1

                [X-Flota-Template crowd.conf]
                Line=pid %1$s/crowd.pid;
                Line=error_log %1$s/crowd.log notice;
                Line=events {}
                Line=http {
                Line=|  access_log off;
                Line=|  upstream web {
                Line={%% for e in endpoints.crowd %%}
                Line=|    server {{ e.host_port }}; # {{ e.name }} turn {{ e.attributes.turn }}
                Line={%% else %%}
                Line=|    server 127.0.0.1:1 down;
                Line={%% endfor %%}
                Line=|  }
                Line=|  # {{ endpoints.crowd | length }} sidecars
                Line=|  server {
                Line=|    listen 127.0.0.1:%2$d;
                Line=|    location / { proxy_pass http://web; }
                Line=|  }
                Line=}
                Line=# whole
                """.formatted(cluster.folder(), port));
    }

    /// Until the time is over, and once more: so that the last word of each is an announcement or a withdrawal.
    private Void announce(int number) throws IOException {
        var name = "sidecar-" + number;
        var key = "/v1/endpoints/crowd/sidecar@" + number;
        boolean last;
        int turn = 0;
        do {
            last = over.getCount() == 0;
            turn++;
            int port = FIRST_PORT + (turn * sidecars + number) % PORTS;
            ask("PUT", key + "?port=" + port + "&turn=" + turn + "&ttl=10m");
            announced.put(name, port);
            if (last ? number % WITHDRAWN_EACH == 0 : turn % WITHDRAWN_EACH == 0) {
                ask("DELETE", key);
                announced.remove(name);
            }
        } while (!last);
        return null;
    }

    /// A connection for each request, as curl has.
    private String ask(String method, String target) throws IOException {
        var request = method + " " + target + " HTTP/1.1\r\nHost: flota\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
        try (var channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            channel.connect(UnixDomainSocketAddress.of(path("machine-1/run/agent.sock")));
            var bytes = ByteBuffer.wrap(request.getBytes(StandardCharsets.UTF_8));
            while (bytes.hasRemaining()) {
                var _ = channel.write(bytes);
            }
            var answer = new String(Channels.newInputStream(channel).readAllBytes(), StandardCharsets.UTF_8);
            if (!answer.startsWith("HTTP/1.1 200 ")) {
                throw new IOException(method + " " + target + ": " + answer);
            }
            writes.incrementAndGet();
            return answer.substring(answer.indexOf("\r\n\r\n")).strip();
        }
    }

    /// Port by sidecar, as the agent tells them.
    private Map<String, Integer> inCluster() throws IOException {
        var body = ask("GET", "/v1/endpoints/crowd");
        writes.decrementAndGet();
        var found = new TreeMap<String, Integer>();
        for (var endpoint : new ObjectMapper().readTree(body).get("endpoints")) {
            var unit = endpoint.get("unit").asText();
            found.put(unit.replace('@', '-').replace(".service", ""), endpoint.get("port").asInt());
        }
        return found;
    }

    /// Port by sidecar, as the file has them.
    private static Map<String, Integer> inFile(String text) {
        var found = new TreeMap<String, Integer>();
        SERVER.matcher(text).results().forEach(server ->
                found.put("sidecar-" + server.group(3), Integer.valueOf(server.group(2))));
        return found;
    }

    private Void read() throws IOException, InterruptedException {
        var before = "";
        long test = System.nanoTime();
        while (!over.await(1, TimeUnit.MILLISECONDS)) {
            var text = file();
            if (text.equals(before)) {
                continue;
            }
            before = text;
            states++;
            judge(text);
            if (System.nanoTime() - test >= 0) {
                test(text);
                test = System.nanoTime() + BETWEEN_TESTS.toNanos();
            }
        }
        test(file());
        return null;
    }

    private void judge(String text) {
        var servers = SERVER.matcher(text).results().toList();
        var whole = WHOLE.matcher(text);
        if (!whole.matches() || !whole.group(5).equals(String.valueOf(servers.size()))) {
            faults.add("not whole: " + text);
        }
        servers.forEach(this::judge);
        if (inFile(text).size() != servers.size()) {
            faults.add("a sidecar twice: " + text);
        }
    }

    private void judge(MatchResult server) {
        var name = "sidecar-" + server.group(3);
        int number = Integer.parseInt(server.group(3));
        int turn = Integer.parseInt(server.group(4));
        if (Integer.parseInt(server.group(2)) != FIRST_PORT + (turn * sidecars + number) % PORTS) {
            faults.add(name + " has never announced this: " + server.group());
        }
        if (turns.getOrDefault(name, 0) > turn) {
            faults.add(name + " is back at turn " + turn + " after " + turns.get(name));
        }
        turns.put(name, turn);
    }

    private void test(String text) throws IOException, InterruptedException {
        var sample = Files.writeString(path("crowd.sample"), text);
        var nginx = new ProcessBuilder("/usr/sbin/nginx", "-t", "-q", "-c", sample.toString(), "-g", "daemon off;")
                .redirectErrorStream(true)
                .start();
        var said = new String(nginx.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (nginx.waitFor() != 0) {
            faults.add("nginx refuses a state of the file: " + said);
        }
        tested++;
    }
}
