package io.flota.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The web example with real Apache, nginx and etcdctl.
class WebIT {
    private static final String[] UNITS = {
        "apache@1", "apache@2", "apache@3", "apache-announce@1", "apache-announce@2", "apache-announce@3", "nginx",
        "nginx-announce"
    };

    private LocalCluster cluster;
    private Api api;

    private void up(String... options) {
        cluster = LocalCluster.with(
                Stream.concat(Stream.of("--machines", "3"), Stream.of(options)).toArray(String[]::new));
        cluster.up();
        api = new Api(cluster.endpoint());
        cluster.unitctl().in(Path.of("web").toAbsolutePath()).run(Units.arguments("start", UNITS)).ok();
        Units.eventually(() -> assertThat(upstreams()).hasSize(3));
    }

    @AfterEach
    void down() {
        if (api != null) {
            api.close();
        }
        if (cluster != null) {
            cluster.close();
        }
    }

    private String hostOf(String unit) {
        return api.hosts().get(api.active().get(unit).machine());
    }

    private URI page() {
        return URI.create("http://" + cluster.ipOf(hostOf("nginx.service")) + ":8080/");
    }

    /// What nginx's upstream block names, of the machine that nginx is on.
    private Set<String> upstreams() throws IOException {
        var machine = api.active().get("nginx.service").machine();
        var runtime = Path.of(System.getenv().getOrDefault("XDG_RUNTIME_DIR", "/run"));
        try (var lines = Files.lines(runtime.resolve("flota-" + machine + "/nginx/upstream.conf"))) {
            return lines.filter(line -> line.contains("server ") && !line.contains(" down "))
                    .map(line -> line.strip().split(" ")[1])
                    .collect(Collectors.toCollection(TreeSet::new));
        }
    }

    private Set<String> announced() {
        return Stream.of("1", "2", "3")
                .map(i -> cluster.ipOf(hostOf("apache@" + i + ".service")) + ":808" + i)
                .collect(Collectors.toCollection(TreeSet::new));
    }
}
