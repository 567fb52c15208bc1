package io.flota.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// What a cluster tells of itself while a machine dies and returns.
class EventsIT {
    private static final int METRICS = freePort();

    @RegisterExtension
    final LocalCluster cluster = LocalCluster.with(
            "--machines", "2", "--ttl", "3s", "--scheduler-option=--listen-metrics=127.0.0.1:" + METRICS);

    @Test
    void aMachinesDeathIsToldFromTheLossToTheStartElsewhere() throws IOException {
        Units.write(cluster.folder(), "web@.service");
        cluster.unitctl("start", "web@1").ok();
        var first = machineOf("web@1.service");
        var followed = cluster.folder().resolve("followed");
        var follower = cluster.unitctl().start(followed, Path.of("/dev/null"), "events", "-f", "-n", "0", "--full");
        try {
            Units.eventually(() -> assertThat(followed).content().startsWith("TIME"));
            var node = "machine-" + first.number();

            cluster.kill(node);
            Units.eventually(() -> assertThat(machineOf("web@1.service")).isNotEqualTo(first));
            var second = machineOf("web@1.service");
            Units.eventually(() -> assertThat(told("web@1")).hasSize(4));
            cluster.restart(node);

            assertThat(told("web@1").get(0)).startsWith("placed " + first.id() + " carries least of");
            assertThat(told("web@1").get(1)).isEqualTo("started " + first.id() + " it is wanted launched");
            assertThat(told("web@1").get(2))
                    .startsWith("moved " + second.id() + " from " + first.id().substring(0, 8))
                    .contains("machine " + first.id().substring(0, 8) + " is lost");
            assertThat(told("web@1").get(3)).isEqualTo("started " + second.id() + " it is wanted launched");
            Units.eventually(() -> assertThat(told(first.id()))
                    .anyMatch(line -> line.startsWith("machine-lost"))
                    .anyMatch(line -> line.startsWith("machine-returned")));
            Units.eventually(() -> assertThat(kinds(followed))
                    .containsExactly("machine-lost", "moved", "started", "machine-returned"));
            assertThat(cluster.unitctl("status", "web@1").ok()).contains("Events: ").contains(" moved to ");
        } finally {
            follower.destroyForcibly();
        }
    }

    @Test
    void prometheusFindsTheSchedulersMetrics() throws IOException {
        Units.write(cluster.folder(), "web@.service");
        cluster.unitctl("start", "web@1", "web@2").ok();

        try (var in = URI.create("http://127.0.0.1:" + METRICS + "/metrics").toURL().openStream()) {
            var metrics = new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList();

            assertThat(metrics)
                    .contains("flota_leader 1.0", "flota_machines_live 2.0")
                    .contains("flota_decisions_total{kind=\"place\"} 2.0");
        }
    }

    /// @param number as in the node's name
    private record Machine(String id, String number) {}

    private Machine machineOf(String unit) {
        var id = cluster.unitctl("list-units", "--no-legend", "--full", "--fields", "unit,machine,active").lines().stream()
                .map(line -> line.split("\\s+"))
                .filter(cells -> cells[0].equals(unit) && cells[2].equals("active"))
                .map(cells -> cells[1].replaceFirst("/.*", ""))
                .findFirst()
                .orElseThrow();
        var metadata = cluster.unitctl("list-machines", "--no-legend", "--full").lines().stream()
                .filter(line -> line.startsWith(id))
                .findFirst()
                .orElseThrow();
        return new Machine(id, metadata.replaceFirst("(?s).*machine=(\\d+).*", "$1"));
    }

    /// Of a unit or a machine: `kind machine reason`.
    private List<String> told(String subject) {
        return cluster.unitctl("events", subject, "--no-legend", "--full", "--fields", "kind,machine,reason").lines()
                .stream()
                .map(line -> line.replaceAll("\t+", " "))
                .toList();
    }

    private static List<String> kinds(Path followed) throws IOException {
        return Files.readAllLines(followed).stream().skip(1).map(line -> line.split("\t+")[1]).toList();
    }

    private static int freePort() {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
