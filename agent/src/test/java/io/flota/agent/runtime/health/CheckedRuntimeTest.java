package io.flota.agent.runtime.health;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.common.base.Ticker;
import com.google.common.collect.ImmutableSortedMap;
import com.google.protobuf.ByteString;
import com.sun.net.httpserver.HttpServer;
import io.flota.agent.runtime.RuntimeUnavailableException;
import io.flota.agent.runtime.SimulatedRuntime;
import io.flota.agent.runtime.UnitRuntime;
import io.flota.agent.runtime.UnitRuntime.UnitToLoad;
import io.flota.agent.runtime.UnitRuntime.UnitToStart;
import io.flota.loop.World;
import io.flota.unit.UnitFile;
import io.flota.unit.UnitFileException;
import io.flota.unit.UnitName;
import io.flota.unit.UnitState;
import java.io.IOException;
import java.lang.reflect.Method;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Real servers and commands, and units without processes.
class CheckedRuntimeTest {
    private static final UnitName WEB = new UnitName("web.service");
    private static final String OFTEN = "HealthInterval=100ms\nHealthTimeout=2s\nHealthRetries=2\n";

    @TempDir
    private Path folder;

    private final AtomicLong calendar = new AtomicLong();
    private final AtomicLong uptime = new AtomicLong();
    private final SimulatedRuntime machine = SimulatedRuntime.prompt();
    private final AtomicInteger status = new AtomicInteger(200);
    private final AtomicInteger asked = new AtomicInteger();
    private final List<CheckedRuntime> open = new ArrayList<>();
    private HttpServer server;
    private CheckedRuntime runtime;

    @BeforeEach
    void start() throws Exception {
        server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
        server.createContext("/", exchange -> {
            asked.incrementAndGet();
            exchange.sendResponseHeaders(status.get(), -1);
            exchange.close();
        });
        server.start();
        runtime = agent();
    }

    @AfterEach
    void stop() {
        open.forEach(CheckedRuntime::close);
        server.stop(0);
    }

    private CheckedRuntime agent() throws RuntimeUnavailableException {
        var settings = new CheckedRuntime.Settings(
                folder, "127.0.0.1", ImmutableSortedMap.of("PATH", "/usr/bin:/bin", "GREETING", "hello"));
        var agent = CheckedRuntime.start(machine, settings, new SetWorld());
        open.add(agent);
        return agent;
    }

    /// Somebody sets its calendar, and lets time pass, by seconds.
    private final class SetWorld implements World {
        @Override
        public InstantSource clock() {
            return () -> InstantSource.system().instant().plusSeconds(calendar.get());
        }

        @Override
        public Ticker uptime() {
            return new Ticker() {
                @Override
                public long read() {
                    return World.REAL.uptime().read() + Duration.ofSeconds(uptime.get()).toNanos();
                }
            };
        }
    }

    private int port() {
        return server.getAddress().getPort();
    }

    private void run(String options) throws RuntimeUnavailableException {
        runtime.load(List.of(new UnitToLoad(WEB, file("[X-Flota]\n" + options + OFTEN))));
        runtime.start(List.of(new UnitToStart(WEB, 1)));
    }

    @Test
    void whateverARuntimeCanDoIsPassedOn() {
        assertThat(Arrays.stream(UnitRuntime.class.getDeclaredMethods()).filter(Method::isDefault))
                .isNotEmpty()
                .allSatisfy(method -> assertThat(Arrays.stream(CheckedRuntime.class.getDeclaredMethods()))
                        .anyMatch(own -> own.getName().equals(method.getName())));
    }

    private static UnitFile file(String text) {
        try {
            return UnitFile.parse("web.service", ByteString.copyFromUtf8(text));
        } catch (UnitFileException e) {
            throw new AssertionError(e);
        }
    }

    private UnitState web() {
        try {
            return runtime.observe().get(WEB);
        } catch (RuntimeUnavailableException e) {
            throw new AssertionError(e);
        }
    }

    private void becomes(String health) {
        await().atMost(Duration.ofSeconds(30)).until(() -> web().health().status().equals(health));
    }

    @Test
    void whoAsksForNoCheckHasNone() throws Exception {
        runtime.load(List.of(new UnitToLoad(WEB, file("[X-Flota]\nAnnounce=web:80\n"))));
        runtime.start(List.of(new UnitToStart(WEB, 1)));

        assertThat(web().health()).isEqualTo(UnitState.Health.UNCHECKED);
        assertThat(runtime.offers().get(WEB).announcements()).hasSize(1);
    }

    @Test
    void aServerIsHealthyAsLongAsItAnswersAndTheReasonIsSaidWhenItDoesNot() throws Exception {
        run("HealthHttp=:" + port() + "/up\n");
        becomes("healthy");
        assertThat(web().message()).isEmpty();

        status.set(503);
        becomes("unhealthy");
        assertThat(web().message()).isEqualTo("unhealthy: http://127.0.0.1:" + port() + "/up answers 503");

        status.set(302);
        becomes("healthy");
        server.stop(0);
        becomes("unhealthy");
        assertThat(web().message()).startsWith("unhealthy: http://127.0.0.1:" + port() + "/up does not answer: ");
    }

    @Test
    void aPortIsHealthyAsLongAsItTakesConnections() throws Exception {
        try (var socket = new ServerSocket(0)) {
            run("HealthTcp=127.0.0.1:" + socket.getLocalPort() + "\n");
            becomes("healthy");
        }
        becomes("unhealthy");
        assertThat(web().message()).contains("takes no connection: Connection refused");
    }

    @Test
    void aCommandIsHealthyAsLongAsItEndsWell() throws Exception {
        var flag = Files.createFile(folder.resolve("flag"));
        run("HealthExec=sh -c 'test \"$GREETING\" = hello && test -e " + flag + "'\n");
        becomes("healthy");

        Files.delete(flag);

        becomes("unhealthy");
        assertThat(web().message()).isEqualTo("unhealthy: sh ends with exit code 1");
    }

    @Test
    void aCommandThatTakesTooLongIsKilledWithItsChildren() throws Exception {
        var pids = folder.resolve("pids");
        run("HealthExec=sh -c 'sleep 1000 & echo $! >> " + pids + "; wait'\n");
        becomes("starting"); // which is when it is asked for the first time
        await().atMost(Duration.ofSeconds(30)).until(() -> Files.exists(pids) && Files.readAllLines(pids).size() > 1);

        var first = Long.parseLong(Files.readAllLines(pids).getFirst());

        await().atMost(Duration.ofSeconds(30)).until(() -> !runs(first));
    }

    /// One that has ended has no command line, though its parent may not have asked what became of it.
    private static boolean runs(long pid) throws IOException {
        var line = Path.of("/proc/" + pid + "/cmdline");
        return Files.exists(line) && Files.readAllBytes(line).length > 0;
    }

    @Test
    void nobodyAsksAUnitThatIsDownAndItsNextRunBeginsAnew() throws Exception {
        run("HealthHttp=:" + port() + "/\n");
        becomes("healthy");

        runtime.stop(List.of(WEB));

        assertThat(web().health()).isEqualTo(UnitState.Health.UNCHECKED);
        status.set(500);
        runtime.start(List.of(new UnitToStart(WEB, 2)));
        assertThat(web().health().status()).isEqualTo("starting");
    }

    @Test
    void theNextAgentKnowsWhoWasHealthyAndAsksOn() throws Exception {
        run("HealthHttp=:" + port() + "/\n");
        becomes("healthy");

        runtime = agent();

        assertThat(web().health().status()).isEqualTo("healthy");
        int before = asked.get();
        await().atMost(Duration.ofSeconds(30)).until(() -> asked.get() > before + 3);
        status.set(500);
        becomes("unhealthy");
    }

    /// Waits until the server was asked anew, and what it said is known.
    private void tries(int count) {
        int before = asked.get();
        await().atMost(Duration.ofSeconds(30)).until(() -> asked.get() > before + count);
    }

    @Test
    void whoSetsTheCalendarMakesNoUnitIllAndKeepsNoneWell() throws Exception {
        status.set(500);
        run("HealthHttp=:" + port() + "/\nHealthStartPeriod=1h\n");
        becomes("starting");
        calendar.set(Duration.ofDays(1).toSeconds());
        tries(2);
        assertThat(web().health().status()).isEqualTo("starting");

        calendar.set(-Duration.ofDays(1).toSeconds());
        runtime = agent(); // which goes on with the time that has passed
        uptime.set(Duration.ofHours(2).toSeconds());
        becomes("unhealthy");
        assertThat(web().health().isAiling()).isFalse();
        calendar.set(Duration.ofDays(2).toSeconds());
        assertThat(web().health().isAiling()).isFalse();
        calendar.set(-Duration.ofDays(2).toSeconds());
        uptime.addAndGet(31);
        assertThat(web().health().isAiling()).isTrue();
    }

    @Test
    void whatIsForgottenLeavesNothingBehind() throws Exception {
        run("HealthHttp=:" + port() + "/\n");
        becomes("healthy");

        runtime.stop(List.of(WEB));
        runtime.unload(List.of(WEB));

        assertThat(runtime.offers()).isEmpty();
        assertThat(files()).isZero();
    }

    private long files() throws IOException {
        try (var all = Files.walk(folder)) {
            return all.filter(Files::isRegularFile).count();
        }
    }
}
