package io.flota.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.flota.testing.EtcdServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The script of `examples/galera` that decides whose server is the first one, on four machines at once, with a real etcd.
/// In the place of MariaDB is a server that takes note, when it is the first one, if another one is already, or if it has not
/// all that was ever written. It writes for a moment, ends to be announced, and ends by itself, or as if it was killed, also
/// in the middle of an alteration. Those that join it follow what it writes, with a lag, as long as it is announced. Some of
/// etcd's answers are lost.
class GaleraBookIT {
    private static final int MACHINES = 4;
    private static final int ENOUGH = 20;
    private static final Duration LIMIT = Duration.ofMinutes(2);

    private static final String SERVER = """
            #!/bin/sh
            note() { # file, text
                echo "$2" > "$1.new"
                mv "$1.new" "$1"
            }
            case "$*" in
                *--wsrep-recover*)
                    echo "WSREP: Recovered position: 0a-1:$(cat data/seqno)" > run/recover.log
                    exit
                    ;;
                *gcomm://127*)
                    while [ -s run/peers ] && [ -e ../written ]; do
                        note data/seqno "$(cat ../written)"
                        printf 'uuid: 0a-1\nseqno: -1\nsafe_to_bootstrap: 0\n' > data/grastate.dat
                        [ -n "${serves-}" ] || sh galera started
                        serves=yes
                        sleep 0.02
                    done
                    exit
                    ;;
            esac
            mkdir ../running || echo "two run: $PWD, generation $(cat data/generation)" >> ../wrong
            echo "$(cat data/generation) $PWD" >> ../first
            : > data/ibdata1
            sh galera started
            seqno=$(cat data/seqno 2> /dev/null || echo 0)
            [ "$seqno" -ge "$(cat ../written 2> /dev/null || echo 0)" ] || echo "lost: $PWD has $seqno" >> ../wrong
            printf 'uuid: 0a-1\nseqno: -1\nsafe_to_bootstrap: 1\n' > data/grastate.dat
            for peers in ../*/run/peers; do echo 127.0.0.1 > $peers; done
            for i in 1 2 3 4 5 6 7 8 9; do
                [ $i != 8 ] || for peers in ../*/run/peers; do : > $peers; done
                seqno=$((seqno + 1))
                note data/seqno $seqno
                note ../written $seqno
                sleep 0.03
            done
            sleep 0.3
            case $(($$ % 3)) in
                0) printf "uuid: 0a-1\nseqno: $seqno\nsafe_to_bootstrap: 1\n" > data/grastate.dat ;;
                1) printf 'uuid: 00000000-0\nseqno: -1\nsafe_to_bootstrap: 0\n' > data/grastate.dat ;;
            esac
            rmdir ../running
            """;

    private static final String ETCDCTL = """
            #!/bin/sh
            answer=$(%s "$@") && [ $(($$ %% 7)) != 0 ] && echo "$answer"
            """;

    @TempDir
    Path folder;

    private EtcdServer etcd;

    @BeforeEach
    void machines() throws IOException {
        etcd = EtcdServer.start();
        program("mariadbd", SERVER);
        program("mariadb-install-db", "#!/bin/sh\n");
        program("mariadb", "#!/bin/sh\nprintf 'wsrep_cluster_state_uuid\\t0a-1\\n'\n");
        program("chown", "#!/bin/sh\n");
        program("etcdctl", ETCDCTL.formatted(which("etcdctl")));
        for (int i = 1; i <= MACHINES; i++) {
            var machine = Files.createDirectories(machine(i).resolve("run")).getParent();
            Files.createDirectory(machine.resolve("data"));
            Files.createFile(machine.resolve("run/peers"));
            Files.writeString(machine.resolve("galera"), script("machine-" + i));
        }
    }

    @AfterEach
    void end() {
        etcd.close();
    }

    private Path machine(int i) {
        return folder.resolve("machine-" + i);
    }

    private void program(String name, String text) throws IOException {
        var bin = Files.createDirectories(folder.resolve("bin"));
        Files.setPosixFilePermissions(
                Files.writeString(bin.resolve(name), text), PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private static Path which(String program) {
        return Stream.of(System.getenv("PATH").split(":"))
                .map(folder -> Path.of(folder, program))
                .filter(Files::isExecutable)
                .findFirst()
                .orElseThrow();
    }

    /// As it is in the unit file, with folders and an identity of its own.
    private static String script(String machine) throws IOException {
        var text = Files.readString(Path.of("galera/galera@.service"));
        var lines = text.substring(text.indexOf("[X-Flota-Template galera]\n")).lines().skip(1);
        return lines.map(line -> line.replaceFirst("^Line=\\|?", ""))
                .collect(Collectors.joining("\n", "", "\n"))
                .replace("data=/var/lib/flota-galera\n", "data=data\n")
                .replace("run=/run/flota-galera\n", "run=run\n")
                .replace("me=$(cat /etc/machine-id)\n", "me=" + machine + "\n");
    }

    /// Until the thread is interrupted.
    private void startAgainAndAgain(int i) {
        var builder = new ProcessBuilder("sh", "galera", "start")
                .directory(machine(i).toFile())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(folder.resolve("log-" + i).toFile()));
        builder.environment().putAll(Map.of(
                "PATH", folder.resolve("bin") + ":" + System.getenv("PATH"),
                "ETCDCTL_API", "3",
                "ETCDCTL_ENDPOINTS", etcd.endpoint().toString(),
                "COREOS_PRIVATE_IPV4", "127.0.0.1",
                "APP_PASSWORD", "none"));
        while (!Thread.currentThread().isInterrupted()) {
            try {
                var process = builder.start();
                try {
                    process.waitFor();
                } finally {
                    process.descendants().forEach(ProcessHandle::destroyForcibly);
                    process.destroyForcibly().onExit().join();
                }
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
            } catch (IOException failure) {
                throw new AssertionError("cannot start the script", failure);
            }
        }
    }

    @Test
    void onlyOneServerIsTheFirstOneAndItHasAllThatWasWritten() throws Exception {
        try (var machines = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 1; i <= MACHINES; i++) {
                int machine = i;
                machines.submit(() -> startAgainAndAgain(machine));
            }
            try {
                await().atMost(LIMIT).until(() -> lines("wrong").size() > 0 || lines("first").size() >= ENOUGH);
            } finally {
                machines.shutdownNow();
            }
        }

        assertThat(lines("wrong")).isEmpty();
        assertThat(lines("first").stream().map(line -> Integer.parseInt(line.split(" ")[0])))
                .as("each generation has one first server")
                .containsExactlyElementsOf(IntStream.rangeClosed(1, lines("first").size()).boxed().toList());
    }

    private List<String> lines(String file) throws IOException {
        var path = folder.resolve(file);
        return Files.exists(path) ? Files.readAllLines(path) : List.of();
    }
}
