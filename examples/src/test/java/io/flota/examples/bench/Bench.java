package io.flota.examples.bench;

import static org.awaitility.Awaitility.await;

import io.flota.api.v1.UnitOnMachine;
import io.flota.examples.LocalCluster.Node;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// Start of many units, list-units, memory, and failover with a visitor on the page meanwhile.
public final class Bench {
    private static final int ROUNDS = Integer.getInteger("bench.rounds", 5);
    private static final int LISTS = 20;
    private static final Path WEB = Path.of("web").toAbsolutePath();
    private static final List<String> WEB_UNITS = List.of(
            "apache@1", "apache@2", "apache@3", "apache-announce@1", "apache-announce@2", "apache-announce@3", "nginx",
            "nginx-announce");

    private final Figures figures = new Figures();

    private Bench() {}

    public static void main(String[] arguments) throws Exception {
        var bench = new Bench();
        bench.starts();
        for (var ttl : List.of("5s", "2s")) {
            bench.failovers(ttl);
        }
        System.out.print(bench.figures.table());
        System.out.println("Daemons, etcd and visitor shared %d cores; load average %s"
                .formatted(Runtime.getRuntime().availableProcessors(), Files.readString(Path.of("/proc/loadavg")).strip()));
    }

    private void starts() throws Exception {
        var folder = Files.createTempDirectory("flota-bench");
        var template = folder.resolve("sleep@.service");
        Files.writeString(template, "[Service]\nExecStart=/bin/sleep infinity\n");
        try (var stage = Stage.open()) {
            for (int round = 0; round < ROUNDS; round++) {
                start(stage, folder, 12);
                clear(stage, folder);
            }
            for (int round = 0; round < ROUNDS; round++) {
                start(stage, folder, 100);
                if (round == ROUNDS - 1) {
                    lists(stage, folder);
                    memory(stage);
                }
                clear(stage, folder);
            }
        } finally {
            Files.delete(template);
            Files.delete(folder);
        }
    }

    private void start(Stage stage, Path folder, int count) throws Exception {
        var units = IntStream.rangeClosed(1, count).mapToObj(i -> "sleep@" + i);
        var call = Stream.concat(Stream.of("start"), units).toArray(String[]::new);
        long start = System.nanoTime();
        stage.unitctl(folder, call);
        stage.awaitUnits(all -> all.size() == count && Stage.allActiveBeside("", all));
        figures.add("start " + count + " units until all are active", "ms", Stage.millisSince(start));
    }

    private static void clear(Stage stage, Path folder) throws Exception {
        var names = stage.cluster().unitctl("list-unit-files", "--no-legend", "--fields=unit").lines();
        stage.unitctl(folder, Stream.concat(Stream.of("destroy"), names.stream()).toArray(String[]::new));
        stage.awaitUnits(List::isEmpty);
    }

    private void lists(Stage stage, Path folder) {
        for (int i = 0; i < LISTS; i++) {
            figures.add("unitctl list-units (100 units), wall", "ms", stage.unitctl(folder, "list-units"));
        }
    }

    private void memory(Stage stage) throws Exception {
        for (var node : stage.cluster().nodes().map(Node::name).toList()) {
            var kind = node.substring(0, node.indexOf('-'));
            var program = kind.equals("machine") ? "flota-agent" : kind.equals("scheduler") ? "flota-scheduler" : kind;
            for (var memory : List.of("Rss", "Pss")) {
                figures.add(program + " with 100 units: " + memory, "MiB", stage.mebibytes(node, memory));
            }
        }
    }

    private void failovers(String ttl) throws Exception {
        try (var stage = Stage.open("--ttl", ttl, "--environment", "WEB_ADDRESS={network}.190")) {
            var machine = stage.cluster().ipOf("machine-1");
            var page = URI.create("http://" + machine.substring(0, machine.lastIndexOf('.')) + ".190:8080/");
            for (int round = 0; round < ROUNDS; round++) {
                failover(stage, ttl, page, false);
                failover(stage, ttl, page, true);
            }
        }
    }

    /// @param front whether the machine of nginx dies, or one that has only Apaches
    private void failover(Stage stage, String ttl, URI page, boolean front) throws Exception {
        stage.unitctl(WEB, Stream.concat(Stream.of("start"), WEB_UNITS.stream()).toArray(String[]::new));
        stage.awaitUnits(units -> Stage.allActiveBeside("", units) && Visitor.serves(page));
        var victim = victim(stage, front);
        var what = "machine of " + (front ? "nginx" : "an Apache") + " killed at TTL " + ttl + ": ";
        var visitor = new Visitor(page);
        try (visitor) {
            await().until(() -> visitor.sent() >= 50);
            long start = System.nanoTime();
            stage.cluster().kill(victim.name());
            stage.awaitUnits(units -> Stage.allActiveBeside(victim.id(), units));
            figures.add(what + "until all units are active", "ms", Stage.millisSince(start));
            stage.awaitUnits(_ -> Visitor.serves(page));
        }
        figures.add(what + "failed requests, of 50 a second", "", visitor.failed());
        clear(stage, WEB);
        stage.cluster().local("up").ok();
    }

    private record Victim(String name, String id) {}

    private static Victim victim(Stage stage, boolean front) throws Exception {
        var machine = front ? stage.machineOf("nginx.service") : apacheApart(stage);
        var name = stage.cluster().nodes()
                .filter(node -> node.address().startsWith(machine.getPublicIp() + ":"))
                .filter(node -> node.name().startsWith("machine-"))
                .findFirst()
                .orElseThrow()
                .name();
        return new Victim(name, machine.getMachineId());
    }

    private static UnitOnMachine apacheApart(Stage stage) throws Exception {
        var nginx = stage.machineOf("nginx.service");
        for (var apache : List.of("apache@1.service", "apache@2.service", "apache@3.service")) {
            var machine = stage.machineOf(apache);
            if (!machine.getMachineId().equals(nginx.getMachineId())) {
                return machine;
            }
        }
        throw new AssertionError("all Apaches are beside nginx");
    }
}
