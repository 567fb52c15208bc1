package io.flota.examples;

import io.flota.testing.EtcdServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// Machines with the script of `examples/galera` that decides whose server is the first one, and a real etcd. In the
/// place of MariaDB is a server that takes note, when it is the first one, if another one is already, or if it has not
/// all that was ever written. It writes for a moment, ends to be announced, and ends by itself, or as if it was killed,
/// also in the middle of an alteration. Those that join it follow what it writes, with a lag, as long as it is
/// announced. Some of etcd's answers are lost.
final class GaleraMachines implements AutoCloseable {
    static final int COUNT = 4;

    /// While this file is there, the first server stays, and is announced.
    static final String STAYS = "stays";
    /// While this file is there, the first server ends as if it was killed.
    static final String CRASHES = "crashes";
    /// One line for each first server: its generation, and the folder of its machine.
    static final String FIRST = "first";
    /// What must not happen.
    static final String WRONG = "wrong";

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
                        note data/grastate.dat "$(printf 'uuid: 0a-1\nseqno: -1\nsafe_to_bootstrap: 0\n')"
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
                while [ $i = 7 ] && [ -e ../stays ]; do sleep 0.02; done
                [ $i != 8 ] || for peers in ../*/run/peers; do : > $peers; done
                seqno=$((seqno + 1))
                note data/seqno $seqno
                note ../written $seqno
                sleep 0.03
            done
            sleep 0.3
            how=$(($$ % 3))
            [ ! -e ../crashes ] || how=2
            case $how in
                0) printf "uuid: 0a-1\nseqno: $seqno\nsafe_to_bootstrap: 1\n" > data/grastate.dat ;;
                1) printf 'uuid: 00000000-0\nseqno: -1\nsafe_to_bootstrap: 0\n' > data/grastate.dat ;;
            esac
            rmdir ../running
            """;

    private static final String ETCDCTL = """
            #!/bin/sh
            answer=$(%s "$@") && [ $(($$ %% 7)) != 0 ] && echo "$answer"
            """;

    private final Path folder;
    private final EtcdServer etcd;
    private final String etcdctl = which("etcdctl");
    private final Map<Integer, Thread> running = new TreeMap<>();

    GaleraMachines(Path folder) throws IOException {
        this.folder = folder;
        this.etcd = EtcdServer.start();
        program("mariadbd", SERVER);
        program("mariadb-install-db", "#!/bin/sh\n");
        program("mariadb", "#!/bin/sh\nprintf 'wsrep_cluster_state_uuid\\t0a-1\\n'\n");
        program("chown", "#!/bin/sh\n");
        program("etcdctl", ETCDCTL.formatted(etcdctl));
        for (int i = 1; i <= COUNT; i++) {
            var machine = Files.createDirectories(machine(i).resolve("run")).getParent();
            Files.createDirectory(machine.resolve("data"));
            Files.createFile(machine.resolve("run/peers"));
            Files.writeString(machine.resolve("galera"), script("machine-" + i));
        }
    }

    static IntStream all() {
        return IntStream.rangeClosed(1, COUNT);
    }

    private Path machine(int i) {
        return folder.resolve("machine-" + i);
    }

    private void program(String name, String text) throws IOException {
        var bin = Files.createDirectories(folder.resolve("bin"));
        Files.setPosixFilePermissions(
                Files.writeString(bin.resolve(name), text), PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private static String which(String program) {
        return Stream.of(System.getenv("PATH").split(":"))
                .map(folder -> Path.of(folder, program))
                .filter(Files::isExecutable)
                .findFirst()
                .orElseThrow()
                .toString();
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

    /// From now on its server is started again whenever it has ended.
    void start(int i) {
        running.put(i, Thread.ofVirtual().start(() -> startAgainAndAgain(i)));
    }

    private void startAgainAndAgain(int i) {
        while (!Thread.currentThread().isInterrupted()) {
            try {
                var process = script(i, "start").start();
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

    private ProcessBuilder script(int i, String... arguments) {
        var command = Stream.concat(Stream.of("sh", "galera"), Stream.of(arguments)).toList();
        var builder = new ProcessBuilder(command)
                .directory(machine(i).toFile())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(folder.resolve("log-" + i).toFile()));
        builder.environment().putAll(Map.of(
                "PATH", folder.resolve("bin") + ":" + System.getenv("PATH"),
                "ETCDCTL_API", "3",
                "ETCDCTL_ENDPOINTS", etcd.endpoint().toString(),
                "COREOS_PRIVATE_IPV4", "127.0.0.1",
                "APP_PASSWORD", "none"));
        return builder;
    }

    /// Its server is killed, and not started again.
    void kill(int i) {
        var thread = running.remove(i);
        thread.interrupt();
        try {
            thread.join();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    /// What an operator does on a machine.
    ///
    /// @return whether it was done
    boolean operator(int i, String... arguments) throws Exception {
        return script(i, arguments).start().waitFor() == 0;
    }

    /// As it is once all servers are killed: none is announced.
    void announceNobody() throws IOException {
        Files.deleteIfExists(folder.resolve("running"));
        for (int i : all().toArray()) {
            Files.writeString(machine(i).resolve("run/peers"), "");
        }
    }

    /// The lines of the book.
    List<String> book() throws Exception {
        return List.of(etcd("get", "--print-value-only", "/galera/book").strip().split(";"));
    }

    void loseBook() throws Exception {
        etcd("del", "/galera/book");
    }

    private String etcd(String... arguments) throws Exception {
        var command = Stream.concat(
                Stream.of(etcdctl, "--endpoints", etcd.endpoint().toString()), Stream.of(arguments));
        var builder = new ProcessBuilder(command.toList());
        builder.environment().put("ETCDCTL_API", "3");
        return new String(builder.start().getInputStream().readAllBytes());
    }

    /// What the script said on a machine.
    String said(int i) throws IOException {
        return String.join("\n", lines("log-" + i));
    }

    /// Of a file that the servers write or look at; none if it is not there.
    List<String> lines(String file) throws IOException {
        var path = folder.resolve(file);
        return Files.exists(path) ? Files.readAllLines(path) : List.of();
    }

    /// Whether the server of a machine has served in this generation: it has all data of it.
    boolean served(int i, int generation) throws IOException {
        return lines("machine-" + i + "/data/generation").equals(List.of(Integer.toString(generation)));
    }

    void make(String file) throws IOException {
        Files.createFile(folder.resolve(file));
    }

    void remove(String file) throws IOException {
        Files.delete(folder.resolve(file));
    }

    @Override
    public void close() {
        List.copyOf(running.keySet()).forEach(this::kill);
        etcd.close();
    }
}
