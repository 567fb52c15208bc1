package io.flota.examples.nodes;

import static io.flota.examples.nodes.TestNodes.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.flota.examples.Api;
import io.flota.examples.Unitctl;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/// The FTP server of `examples/ftp`, Debian's vsftpd, on machines that can really die.
@RealNodes
class FtpIT {
    private static final String ENDPOINT = "10.88.0.101";
    /// What curl ends with when a password is wrong.
    private static final int REFUSED = 67;

    @RegisterExtension
    static final TestNodes NODES = TestNodes.with("--services");

    @TempDir
    Path folder;

    private Api api;

    @BeforeEach
    void start() {
        api = TestNodes.api("node-1");
        eventually(() -> assertThat(api.hosts()).hasSize(3));
        unitctl("start", "vsftpd", "ftp-address").ok();
        addUser("alice", "wonderland");
        addUser("bob", "builder");
        eventually(() -> assertThat(curl("alice:wonderland", "/")).isZero());
    }

    @AfterEach
    void asBefore() {
        try {
            TestNodes.mend();
            unitctl(Stream.concat(Stream.of("destroy"), api.units().keySet().stream()).toArray(String[]::new));
            TestNodes.on("node-1", "rm -rf /srv/shared/ftp");
        } finally {
            api.close();
        }
    }

    private static Unitctl.Result unitctl(String... arguments) {
        return TestNodes.unitctl(Path.of("ftp").toAbsolutePath()).run(arguments);
    }

    private static void addUser(String name, String password) {
        unitctl("exec", "vsftpd", "--", "sh", "-c", "echo " + password + " | sh /run/ftp/user add " + name).ok();
    }

    /// Its exit code. What it prints is in `out`.
    private int curl(String user, String path, String... more) throws Exception {
        return new ProcessBuilder(Stream.concat(
                        Stream.of("curl", "-sS", "-m", "5", "-u", user, "ftp://" + ENDPOINT + path), Stream.of(more))
                .toList())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("out").toFile())
                .start()
                .waitFor();
    }

    @Test
    void usersSeeTheirOwnFilesAndAreRefusedOnceTheyAreRemoved() throws Exception {
        var mine = Files.writeString(folder.resolve("mine"), "of alice");

        assertThat(curl("alice:wonderland", "/mine", "-T", mine.toString())).isZero();
        assertThat(curl("alice:wonderland", "/mine")).isZero();
        assertThat(folder.resolve("out")).hasContent("of alice");
        assertThat(curl("bob:builder", "/")).isZero();
        assertThat(folder.resolve("out")).isEmptyFile();
        assertThat(curl("bob:builder", "/../alice/mine")).isNotZero();
        assertThat(curl("alice:builder", "/")).isEqualTo(REFUSED);

        unitctl("exec", "vsftpd", "--", "sh", "/run/ftp/user", "remove", "bob").ok();

        assertThat(curl("bob:builder", "/")).isEqualTo(REFUSED);
        assertThat(unitctl("exec", "vsftpd", "--", "sh", "/run/ftp/user", "list").ok()).isEqualTo("alice\n");
    }

    @Test
    void whatWasStoredOutlivesTheNodeOfTheServer() throws Exception {
        var out = folder.resolve("written");
        var client = client("write", out);
        try {
            eventually(() -> assertThat(stored(out)).hasSizeGreaterThan(20));

            TestNodes.run("kill", api.hosts().get(api.active().get("vsftpd.service").machine()));

            int before = stored(out).size();
            eventually(() -> assertThat(stored(out)).hasSizeGreaterThan(before + 20));
        } finally {
            client.destroyForcibly();
        }
        client.waitFor();
        var there = folder.resolve("there");
        assertThat(client("read", there).waitFor()).as(Files.readString(folder.resolve("read.err"))).isZero();
        assertThat(new TreeSet<>(Files.readAllLines(there))).containsAll(stored(out));
    }

    /// The example's client, with the Python of the nodes, on the host's network.
    private Process client(String verb, Path out) throws IOException {
        var tree = TestNodes.run("tree", "--services").strip();
        return new ProcessBuilder(
                        "chroot", tree, "python3", "-c", Files.readString(Path.of("ftp/client")), verb, ENDPOINT)
                .redirectInput(Path.of("/dev/null").toFile())
                .redirectOutput(out.toFile())
                .redirectError(folder.resolve(verb + ".err").toFile())
                .start();
    }

    /// The numbers of the files that the client was told to be stored.
    private static Set<String> stored(Path out) throws IOException {
        return Files.readAllLines(out).stream()
                .map(line -> line.split(" "))
                .filter(words -> words.length == 3 && words[1].equals("stored"))
                .map(words -> words[2])
                .collect(Collectors.toCollection(TreeSet::new));
    }
}
