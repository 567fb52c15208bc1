package io.flota.agent.render;

import static io.flota.agent.render.FactsOfTests.endpoint;
import static io.flota.agent.render.FactsOfTests.facts;
import static io.flota.agent.render.FactsOfTests.web;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.base.Ticker;
import com.google.common.collect.ImmutableMap;
import com.google.protobuf.ByteString;
import io.flota.agent.render.RenderedUnit.Wanted;
import io.flota.agent.runtime.SimulatedRuntime;
import io.flota.agent.runtime.UnitRuntime.UnitToLoad;
import io.flota.agent.runtime.UnitRuntime.UnitToStart;
import io.flota.loop.World;
import io.flota.testing.SimClock;
import io.flota.unit.RenderRules;
import io.flota.unit.UnitFile;
import io.flota.unit.UnitName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RenderedUnitTest {
    private static final UnitName LB = new UnitName("lb.service");
    private static final Duration LATER = Duration.ofSeconds(11);

    @TempDir
    private Path folder;

    private final SimClock clock = new SimClock();
    private final SimulatedRuntime runtime = SimulatedRuntime.prompt();
    private final Restarts restarts = new Restarts();
    private Path file;
    private Optional<Facts> known = Optional.of(facts(web(1)));
    private RenderedUnit unit;
    private UnitFile unitFile;

    @BeforeEach
    void make() throws Exception {
        file = folder.resolve("conf/lb.conf");
        unitFile("OnRender=reload");
    }

    /// The unit whose file renders the addresses of `web`, with these lines in `[X-Flota]`.
    private void unitFile(String options) throws Exception {
        var text = """
                [Service]
                ExecStart=/bin/true
                ExecReload=/bin/true
                [X-Flota]
                Render=lb.conf:%s
                %s
                [X-Flota-Template lb.conf]
                Line={%% for e in endpoints.web %%}
                Line={{ e.address }}
                Line={%% endfor %%}
                """.formatted(file, options);
        unitFile = UnitFile.parse("lb.service", ByteString.copyFromUtf8(text));
        runtime.load(List.of(new UnitToLoad(LB, unitFile)));
        agent();
    }

    /// Another agent begins.
    private void agent() throws Exception {
        var world = new World() {
            @Override
            public Ticker ticker() {
                return clock;
            }
        };
        var wanted = new Wanted(LB, unitFile.hash(), RenderRules.of("lb.service", LB, unitFile));
        unit = new RenderedUnit(wanted, FactsOfTests.LB, () -> known, runtime, world, restarts, () -> {});
    }

    private void start() throws Exception {
        runtime.start(List.of(new UnitToStart(LB, 1)));
    }

    private void pass() throws Exception {
        clock.pass(LATER);
        var _ = unit.reconcile();
    }

    private List<String> taken() {
        return runtime.history().stream().filter(what -> !what.startsWith("loaded") && !what.startsWith("started")).toList();
    }

    @Test
    void nothingIsRenderedBeforeAllIsKnown() throws Exception {
        known = Optional.empty();

        pass();

        assertThat(unit.isRendered()).isFalse();
        assertThat(file).doesNotExist();
    }

    @Test
    void theFirstStartNeedsNoReload() throws Exception {
        pass();
        start();
        pass();

        assertThat(unit.isRendered()).isTrue();
        assertThat(file).hasContent("10.0.0.1\n");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file))).isEqualTo("rw-r--r--");
        assertThat(taken()).isEmpty();
        assertThat(beside()).containsExactly("lb.conf");
    }

    @Test
    void onlyWhatDiffersIsWrittenAndTaken() throws Exception {
        pass();
        start();
        known = Optional.of(facts(web(2), web(1)));
        pass();
        var written = Files.readAttributes(file, java.nio.file.attribute.BasicFileAttributes.class).fileKey();
        pass();

        assertThat(file).hasContent("10.0.0.1\n10.0.0.2\n");
        assertThat(Files.readAttributes(file, java.nio.file.attribute.BasicFileAttributes.class).fileKey())
                .isEqualTo(written);
        assertThat(taken()).containsExactly("reloaded lb.service");
    }

    @Test
    void aBurstIsActedUponAtOnceAndThenInOneGo() throws Exception {
        pass();
        start();
        for (int last = 2; last <= 9; last++) {
            known = Optional.of(facts(web(1), web(last)));
            clock.pass(Duration.ofMillis(last == 2 ? 1000 : 10));
            var rest = unit.reconcile();
            assertThat(rest).isLessThanOrEqualTo(last == 2 ? Duration.ofMinutes(1) : Duration.ofMillis(250));
        }

        assertThat(taken()).containsExactly("reloaded lb.service");
        clock.pass(Duration.ofMillis(250));
        var _ = unit.reconcile();
        assertThat(taken()).containsExactly("reloaded lb.service", "reloaded lb.service");
        assertThat(file).hasContent("10.0.0.1\n10.0.0.9\n");
    }

    @Test
    void modeAndLinkOfAFileStay() throws Exception {
        var real = Files.createDirectories(folder.resolve("real")).resolve("there");
        Files.writeString(real, "old");
        Files.setPosixFilePermissions(real, PosixFilePermissions.fromString("rw-------"));
        Files.createDirectories(file.getParent());
        Files.createSymbolicLink(file, real);

        pass();

        assertThat(Files.isSymbolicLink(file)).isTrue();
        assertThat(real).hasContent("10.0.0.1\n");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(real))).isEqualTo("rw-------");
    }

    @Test
    void aRefusedFileLeavesTheOldOneAndSaysWhy() throws Exception {
        unitFile("RenderCheck=/bin/sh -c \"! grep -H 10.0.0.6 {file}\"");
        pass();
        start();
        known = Optional.of(facts(web(6)));
        pass();

        assertThat(file).hasContent("10.0.0.1\n");
        assertThat(taken()).isEmpty();
        assertThat(unit.problem()).hasValue(
                "RenderCheck= refuses its rendered files, the old ones stay: " + file + ":10.0.0.6");
        assertThat(beside()).containsExactly("lb.conf");

        known = Optional.of(facts(web(2)));
        pass();

        assertThat(unit.problem()).isEmpty();
        assertThat(file).hasContent("10.0.0.2\n");
        assertThat(taken()).containsExactly("reloaded lb.service");
    }

    @Test
    void aUnitWhoseFirstFileIsRefusedIsNotRendered() throws Exception {
        unitFile("RenderCheck=/bin/false {file}");

        pass();

        assertThat(unit.isRendered()).isFalse();
        assertThat(unit.problem().orElseThrow()).contains("ended with status 1");
        assertThat(file).doesNotExist();
    }

    @Test
    void aFileThatTheUnitDidNotTakeIsOwedToItAlsoByTheNextAgent() throws Exception {
        pass();
        start();
        known = Optional.of(facts(web(2)));
        runtime.reloadable(false);
        pass();

        assertThat(unit.problem()).hasValue(
                "its rendered files are in place, and it did not take them: it does not want to");

        agent();
        runtime.reloadable(true);
        pass();

        assertThat(unit.problem()).isEmpty();
        assertThat(taken()).containsExactly("reloaded lb.service", "reloaded lb.service");
        assertThat(beside()).containsExactly("lb.conf");
    }

    @Test
    void aUnitThatIsDownTakesItOnceItIsUp() throws Exception {
        pass();
        start();
        runtime.end(LB, "failed");
        known = Optional.of(facts(web(2)));
        pass();
        assertThat(taken()).isEmpty();

        runtime.end(LB, "active");
        pass();

        assertThat(taken()).containsExactly("reloaded lb.service");
    }

    @Test
    void aUnitMayBeSignalledOrLeftAlone() throws Exception {
        for (var option : List.of("signal:HUP", "none")) {
            known = Optional.of(facts(web(1)));
            unitFile("OnRender=" + option);
            pass();
            start();
            known = Optional.of(facts(web(2)));
            pass();
        }

        assertThat(taken().stream().distinct()).containsExactly("sent SIGHUP to lb.service");
    }

    @Test
    void aRestartIsOwedUntilItHasComeAlsoByTheNextAgent() throws Exception {
        unitFile("OnRender=restart");
        pass();
        start();
        known = Optional.of(facts(web(2)));
        pass();
        pass();
        assertThat(taken()).as("whoever runs the units stops it, once it is drained").isEmpty();
        assertThat(restarts.open()).containsExactly(Map.entry(LB, 1L));

        agent();
        pass();
        assertThat(restarts.open()).containsExactly(Map.entry(LB, 2L));
        restarts.met(LB, 2);
        pass();
        pass();

        assertThat(restarts.open()).isEmpty();
        assertThat(beside()).containsExactly("lb.conf");
    }

    @Test
    void filesThatChangeWhileARestartIsAwaitedAreNotTakenByThatOne() throws Exception {
        unitFile("OnRender=restart");
        pass();
        start();
        known = Optional.of(facts(web(2)));
        pass();
        restarts.met(LB, 1);
        known = Optional.of(facts(web(3)));
        pass();

        assertThat(restarts.open()).containsExactly(Map.entry(LB, 2L));
    }

    @Test
    void aMistakeInATemplateIsToldWithItsLineOfTheUnitFile() throws Exception {
        unitFile("[X-Flota-Template lb.conf]\nLine=one\nLine={{ nosuch }}\n");

        pass();

        assertThat(unit.problem().orElseThrow()).startsWith("not rendered: lb.service:8: Root attribute [nosuch]");
    }

    @Test
    void endpointsWithoutASlotAreToldAndDoNotStopTheOthers() throws Exception {
        unitFile("[X-Flota-Template lb.conf]\nLine={{ slots(endpoints.web, 1)[0].address }}\n");
        known = Optional.of(facts(web(1), web(2)));
        pass();

        assertThat(unit.problem()).hasValue(
                "lb.service:7: there are 2 endpoints for 1 slots: web@2.service is left out. Give it more slots");
        assertThat(file).hasContent("10.0.0.1\n10.0.0.1\n10.0.0.2\n");

        known = Optional.of(facts(web(2)));
        pass();

        assertThat(unit.problem()).isEmpty();
        assertThat(file).hasContent("10.0.0.2\n10.0.0.2\n");
    }

    @Test
    void anEndpointWithAPortInItsAddressIsToldAndDoesNotStopTheOthers() throws Exception {
        known = Optional.of(facts(endpoint("web", "bad.service", "web:80", 1, ImmutableMap.of()), web(1)));

        pass();

        assertThat(file).hasContent("10.0.0.1\n");
        assertThat(unit.problem()).hasValue("the endpoint web of bad.service is left out: its address is none");
    }

    @Test
    void aCheckFindsNothingOfTheAgentsEnvironment() throws Exception {
        unitFile("RenderCheck=/bin/sh -c 'test -s {file} && test -z \"$HOME\" && test \"$FLOTA_MACHINE_ID\" = " + FactsOfTests.HERE.value()
                + " && test \"$COREOS_PRIVATE_IPV4\" = 10.1.0.1 && env | grep -q ^PATH=/'");

        pass();

        assertThat(unit.problem()).isEmpty();
        assertThat(file).hasContent("10.0.0.1\n");
    }

    private List<String> beside() throws IOException {
        try (var files = Files.list(file.getParent())) {
            return files.map(found -> found.getFileName().toString()).sorted().toList();
        }
    }
}
