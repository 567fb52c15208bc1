package io.flota.unitctl;

import static org.assertj.core.api.Assertions.assertThat;

import io.flota.tls.PemFiles;
import io.flota.unitctl.command.Surroundings;
import io.flota.unitctl.model.FakeFleet;
import io.flota.unitctl.model.ModelScheduler;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.StandardProtocolFamily;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImportFleetTest {
    private static final String MACHINE = "85c0c5950123456789abcdef01234567";

    @TempDir
    private Path directory;

    private ModelScheduler scheduler;
    private FakeFleet fleet;

    private record Result(int status, String out, String err) {}

    @BeforeEach
    void start() throws IOException {
        scheduler = new ModelScheduler();
        fleet = new FakeFleet();
    }

    @AfterEach
    void end() throws IOException {
        fleet.close();
        scheduler.close();
    }

    private Result run(String... words) {
        return run(Map.of(), words);
    }

    private Result run(Map<String, String> variables, String... words) {
        var environment = new TreeMap<>(Map.of(
                "UNITCTL_ENDPOINT", scheduler.endpoint(), "UNITCTL_CONFIG", "/dev/null", "FLEETCTL_ENDPOINT",
                fleet.endpoint()));
        environment.putAll(variables);
        var out = new ByteArrayOutputStream();
        var err = new ByteArrayOutputStream();
        var surroundings = new Surroundings(
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                environment,
                directory,
                InstantSource.system(),
                () -> ZoneOffset.UTC,
                false,
                false);
        int status = Unitctl.run(surroundings, words);
        return new Result(status, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }

    private void web(String desired) {
        fleet.unit(
                "web@1.service", desired, "Unit|Description=Web %i", "Service|ExecStart=/bin/web %i",
                "X-Fleet|Conflicts=web@*");
    }

    @Test
    void aDryRunSaysWhatWouldBeDoneAndDoesNothing() {
        web("launched");
        fleet.unit("web@.service", "inactive", "Service|ExecStart=/bin/web %i");
        fleet.machine(MACHINE, Map.of("az", "b", "role", "web"));

        var result = run("import-fleet", "--endpoint", fleet.endpoint(), "--dry-run");

        assertThat(result.out()).isEqualTo("""
                would set metadata of machine 85c0c595...: role=web
                would register web@.service, inactive
                would register web@1.service, launched
                """);
        assertThat(result.status()).isZero();
        assertThat(run("list-unit-files", "--no-legend").out()).isEmpty();
    }

    @Test
    void unitsStatesAndMetadataAreCopiedAndASecondTimeNothingIsLeftToDo() {
        web("launched");
        fleet.unit(
                "job.service", "loaded", "Unit|Description=a job", "Service|Type=oneshot", "Unit|After=web@1.service");
        fleet.unit("empty.service", "inactive");
        fleet.machine(MACHINE, Map.of("role", "web"));
        fleet.machine("f".repeat(32), Map.of("role", "db"));

        var first = run("import-fleet");

        assertThat(first.status()).as(first.err()).isZero();
        assertThat(first.err()).contains("Copied 3 unit(s) and the metadata of 1 machine(s)")
                .contains("warning: machine ffffffff... of fleet is not among ours: its metadata role=db is not copied");
        assertThat(run("cat", "web@1").out()).isEqualTo("""
                [Unit]
                Description=Web %i

                [Service]
                ExecStart=/bin/web %i

                [X-Fleet]
                Conflicts=web@*
                """);
        assertThat(run("cat", "job").out()).startsWith("[Unit]\nDescription=a job\nAfter=web@1.service\n\n[Service]\n");
        assertThat(run("list-unit-files", "--no-legend", "--fields", "unit,dstate")
                        .out()
                        .lines()
                        .map(line -> line.replaceAll("\t+", " ")))
                .containsExactly("empty.service inactive", "job.service loaded", "web@1.service launched");
        assertThat(run("list-machines", "--no-legend", "--fields", "metadata", "85c0").out()).contains("role=web");

        var second = run("import-fleet");
        assertThat(second.out()).isEmpty();
        assertThat(second.err()).contains("Unit web@1.service is here already", "Copied 0 unit(s)");
    }

    @Test
    void aFleetThatWantsCertificatesIsShownThoseThatAreGivenForIt() throws IOException {
        assertThat(run("ca", "init").status()).isZero();
        assertThat(run("ca", "issue", "fleet", "--san", "127.0.0.1").status()).isZero();
        assertThat(run("ca", "issue", "operator", "--san", "127.0.0.2").status()).isZero();
        var own = PemFiles.mutual(
                directory.resolve("ca/ca.crt"), directory.resolve("ca/fleet.crt"), directory.resolve("ca/fleet.key"));
        fleet.close();
        fleet = new FakeFleet(own.read().context());
        web("launched");
        String[] files = {"ca/ca.crt", "ca/operator.crt", "ca/operator.key"};

        var shown = run("import-fleet", "--fleet-ca-file", files[0], "--fleet-cert-file", files[1], "--fleet-key-file",
                files[2], "--dry-run");
        assertThat(shown.status()).as(shown.err()).isZero();
        assertThat(shown.out()).isEqualTo("would register web@1.service, launched\n");
        var byVariables = run(Map.of("FLEETCTL_CA_FILE", files[0], "FLEETCTL_CERT_FILE", files[1], "FLEETCTL_KEY_FILE",
                files[2]), "import-fleet");
        assertThat(byVariables.out()).as(byVariables.err()).isEqualTo("done: register web@1.service, launched\n");

        assertRefused(1, "TLS: the certificate of the other side is not of our CA");
        assertRefused(1, "TLS: the other side wants a certificate of its CA", "--fleet-ca-file", files[0]);
        assertRefused(2, "--fleet-cert-file and --fleet-key-file belong together", "--fleet-cert-file", files[1]);
        assertRefused(1, "no such file", "--fleet-ca-file", "ca/none.crt");
        assertRefused(2, "--fleet-ca-file is for a fleet at https://", "--fleet-ca-file", files[0], "--endpoint",
                fleet.endpoint().replace("https", "http"));
    }

    private void assertRefused(int status, String words, String... flags) {
        var refused = run(Stream.concat(Stream.of("import-fleet"), Stream.of(flags)).toArray(String[]::new));
        assertThat(refused.err()).contains(words).hasLineCount(1);
        assertThat(refused.status()).isEqualTo(status);
    }

    @Test
    void allPagesAreRead() {
        IntStream.range(0, 300)
                .forEach(i -> fleet.unit("u%03d.service".formatted(i), "inactive", "Service|ExecStart=/bin/true"));

        assertThat(run("import-fleet").err()).contains("Copied 300 unit(s)");
        assertThat(run("list-unit-files", "--no-legend").out().lines()).hasSize(300);
        assertThat(fleet.answers()).isEqualTo(2 * (4 + 1 + 4)); // twice, until two readings agree
    }

    @Test
    void whatFlotaRefusesIsListedAndNothingIsCopied() {
        web("launched");
        fleet.unit(
                "bad.service", "launched", "Service|ExecStart=/bin/true", "X-Fleet|MachineID=85c0c595",
                "X-Fleet|Global=true");
        fleet.unit("t@.service", "launched", "Service|ExecStart=/bin/true");
        fleet.unit("odd.service", "nonsense", "Service|ExecStart=/bin/true");

        var result = run("import-fleet");

        assertThat(result.status()).isEqualTo(1);
        assertThat(result.err())
                .contains("MachineID cannot be used with Global")
                .contains("t@.service: it is a template and is wanted launched")
                .contains("odd.service: desired state \"nonsense\" is none of inactive, loaded, launched")
                .contains("Nothing was copied, as fleet took what Flota refuses");
        assertThat(run("list-unit-files", "--no-legend").out()).isEmpty();
    }

    @Test
    void metadataThatFlotaRefusesIsListedAndNothingIsCopied() {
        web("launched");
        fleet.machine(MACHINE, Map.of("a=b", "c", "note", "two\nlines"));

        var result = run("import-fleet");

        assertThat(result.status()).isEqualTo(1);
        assertThat(result.out()).isEmpty();
        assertThat(result.err())
                .contains("machine 85c0c595... of fleet: \"a=b\" is no key of metadata: write key=value")
                .contains("machine 85c0c595... of fleet: the value of metadata note is not one line of text");
        assertThat(run("list-unit-files", "--no-legend").out()).isEmpty();
    }

    @Test
    void whatWasDoneIsToldBeforeWhatFailsAfterIt() {
        web("launched");
        fleet.machine(MACHINE, Map.of("role", "web"));
        scheduler.tell("refuses Apply it is not liked");

        var result = run("import-fleet");

        assertThat(result.status()).isEqualTo(1);
        assertThat(result.out()).isEqualTo("done: set metadata of machine 85c0c595...: role=web\n");
        assertThat(result.err()).contains("it is not liked");
    }

    @Test
    void aTunnelWouldLeadToNobodyKnowsWhichCluster() {
        web("launched");

        var refused = run("import-fleet", "--tunnel", "10.0.0.9");
        assertThat(refused.status()).isEqualTo(2);
        assertThat(refused.err()).contains("import-fleet takes no --tunnel").hasLineCount(1);

        var followed = run(Map.of("FLEETCTL_TUNNEL", "127.0.0.1:1"), "import-fleet", "--tunnel=");
        assertThat(followed.status()).as(followed.err()).isZero();
        assertThat(followed.err()).contains("note: FLEETCTL_TUNNEL=127.0.0.1:1 is not followed by import-fleet");
        assertThat(followed.out()).isEqualTo("done: register web@1.service, launched\n");
    }

    @Test
    void whatIsRegisteredAlreadyIsLeftUnlessItIsToBeReplaced() {
        web("inactive");
        assertThat(run("import-fleet").status()).isZero();
        web("launched");

        var left = run("import-fleet");
        assertThat(left.status()).isZero();
        assertThat(left.out()).isEmpty();
        assertThat(left.err()).contains("warning: unit web@1.service is left as it is here: the same file is registered, and"
                + " wanted inactive. Add --replace to override.");

        assertThat(run("import-fleet", "--replace").out()).isEqualTo(
                "done: replace web@1.service, launched: the same file is registered, and wanted inactive\n");
        fleet.unit("web@1.service", "launched", "Service|ExecStart=/bin/other");
        assertThat(run("import-fleet", "--dry-run", "--replace").out())
                .isEqualTo("would replace web@1.service, launched: another file is registered\n");
    }

    @Test
    void nothingNeedBeStartedAtFirst() {
        web("launched");

        assertThat(run("import-fleet", "--no-start").out()).isEqualTo("done: register web@1.service, loaded\n");
    }

    @Test
    void aPoisonedUnitIsToldAndTheOthersAreCopied() {
        web("launched");
        fleet.poisoned("sick.service");

        var result = run("import-fleet");

        assertThat(result.status()).isZero();
        assertThat(result.out()).isEqualTo("done: register web@1.service, launched\n");
        assertThat(result.err()).contains("warning: fleet cannot show unit sick.service any more");
    }

    @Test
    void aFleetThatCannotReachEtcdIsToldInItsWords() {
        fleet.answer(
                "/fleet/v1/units", 503,
                "{\"error\":{\"code\":503,\"message\":\"fleet server unable to communicate with etcd\"}}");

        var result = run("import-fleet");

        assertThat(result.status()).isEqualTo(1);
        assertThat(result.err()).contains("is not ready: fleet server unable to communicate with etcd").hasLineCount(1);
    }

    @Test
    void brokenAnswersAreToldWithTheAddressThatGaveThem() {
        fleet.answer("/fleet/v1/machines", 200, "{\"machines\":[{\"id\":");
        assertThat(run("import-fleet").err()).contains("(/fleet/v1/machines) answers in broken JSON").hasLineCount(1);

        fleet.answer("/fleet/v1/machines", 200, "[]");
        assertThat(run("import-fleet").err()).contains("answers in JSON that is no page of a list").hasLineCount(1);

        fleet.answer("/fleet/v1/machines", 200, "{\"machines\":[{\"primaryIP\":\"x\"}]}");
        assertThat(run("import-fleet").err()).contains("tells of something without a \"id\"").hasLineCount(1);

        fleet.answer("/fleet/v1/machines", 200, "{\"nextPageToken\":\"ZAACAA==\"}");
        assertThat(run("import-fleet").err()).contains("leads from page to page in a circle").hasLineCount(1);

        fleet.answer("/fleet/v1/machines", 404, "<html>not found</html>");
        assertThat(run("import-fleet").err()).contains("answers with status 404: <html>not found</html>").hasLineCount(1);
    }

    @Test
    void anAddressThatIsNoneAndOneWhereNobodyIsAreTold() {
        var wrong = run("import-fleet", "--endpoint", "10.0.0.1:49153");
        assertThat(wrong.status()).isEqualTo(2);

        var nobody = run("import-fleet", "--endpoint", "http://127.0.0.1:1");
        assertThat(nobody.status()).isEqualTo(1);
        assertThat(nobody.err()).startsWith("cannot ask fleet at http://127.0.0.1:1 (/fleet/v1/units): ").hasLineCount(1);

        assertThat(run("import-fleet", "--endpoint", "unix:///nowhere/fleet.sock").err())
                .startsWith("cannot ask fleet at unix:///nowhere/fleet.sock (/fleet/v1/units): ")
                .hasLineCount(1);
    }

    @Test
    void fleetIsReadByItsSocketToo() throws IOException {
        web("launched");
        var path = directory.resolve("fleet.sock");
        try (var socket = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            socket.bind(UnixDomainSocketAddress.of(path));
            Thread.ofVirtual().start(() -> serve(socket));

            assertThat(run("import-fleet", "--endpoint", "unix://" + path).out())
                    .isEqualTo("done: register web@1.service, launched\n");
        }
    }

    /// As Go's server answers HTTP/1.0: no length, the end is the end.
    private void serve(ServerSocketChannel socket) {
        while (socket.isOpen()) {
            try (var client = socket.accept()) {
                var request = ByteBuffer.allocate(4096);
                client.read(request);
                var words = new String(request.array(), 0, request.position(), StandardCharsets.US_ASCII).split(" ");
                var answer = fleet.answer(words[0], URI.create(words[1]));
                String head = "HTTP/1.0 " + answer.status() + " x\r\nContent-Type: application/json\r\n\r\n";
                client.write(ByteBuffer.wrap((head + answer.body()).getBytes(StandardCharsets.UTF_8)));
            } catch (IOException _) {
                return; // the test is over, or fails for want of an answer
            }
        }
    }
}
