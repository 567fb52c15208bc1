package io.flota.agent.runtime.exec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/// The servers of the field, as their own units run them.
class RealServersTest extends MachineTest {
    private static final List<String> MODULES = List.of("mpm_event", "authz_core", "dir", "mime");

    @Test
    void apacheServesInTheForegroundAndIsGoneWithAllItsWorkers() throws Exception {
        int port = freePort();
        Files.writeString(Files.createDirectories(units.path("www")).resolve("index.html"), "from apache\n");
        var modules = new StringBuilder();
        for (var module : MODULES) {
            var file = Path.of("/usr/lib/apache2/modules/mod_" + module + ".so");
            modules.append(Files.exists(file) ? "LoadModule " + module + "_module " + file + "\n" : "");
        }
        Files.writeString(units.path("apache.conf"), modules + """
                ServerName localhost
                Listen 127.0.0.1:%1$d
                PidFile %2$s/apache.pid
                ErrorLog /dev/stderr
                DocumentRoot %2$s/www
                TypesConfig /etc/mime.types
                """.formatted(port, units.folder));

        units.run("apache@1.service", """
                [Service]
                Restart=always
                ExecStart=/usr/sbin/apache2 -f %s -DFOREGROUND
                """.formatted(units.path("apache.conf")));

        await().atMost(Units.HOPELESS).until(() -> get(port), "from apache\n"::equals);
        units.until("apache@1.service", "active/running");
        units.stop("apache@1.service");
        units.until("apache@1.service", state -> state.isDown());
        assertThat(units.cgroups().tree(Units.name("apache@1.service")).pids())
                .isEmpty();
    }

    @Test
    void nginxForksItselfAndComesBackWhenItsMasterIsKilled() throws Exception {
        int port = freePort();
        Files.writeString(Files.createDirectories(units.path("www")).resolve("index.html"), "from nginx\n");
        Files.setPosixFilePermissions(
                units.folder, java.nio.file.attribute.PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.writeString(units.path("nginx.conf"), """
                pid %2$s/nginx.pid;
                error_log stderr;
                events {}
                http {
                    access_log off;
                    server { listen 127.0.0.1:%1$d; root %2$s/www; }
                }
                """.formatted(port, units.folder));
        units.run("nginx.service", """
                [Service]
                Type=forking
                PIDFile=%1$s/nginx.pid
                ExecStartPre=/usr/sbin/nginx -t -q -c %1$s/nginx.conf
                ExecStart=/usr/sbin/nginx -c %1$s/nginx.conf
                ExecStop=-/usr/sbin/nginx -c %1$s/nginx.conf -s quit
                Restart=on-failure
                RestartSec=50ms
                """.formatted(units.folder));
        var running = units.until("nginx.service", "active/running");
        await().atMost(Units.HOPELESS).until(() -> get(port), "from nginx\n"::equals);

        ProcessHandle.of(running.mainPid()).orElseThrow().destroyForcibly();

        var again = units.until("nginx.service", state -> state.sub().equals("running") && state.restarts() == 1);
        assertThat(again.mainPid()).isNotEqualTo(running.mainPid());
        await().atMost(Units.HOPELESS).until(() -> get(port), "from nginx\n"::equals);
        units.stop("nginx.service");
        units.until("nginx.service", "inactive/dead");
    }

    private static String get(int port) throws InterruptedException {
        try (var client = HttpClient.newHttpClient()) {
            var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/index.html")).build();
            return client.send(request, BodyHandlers.ofString()).body();
        } catch (IOException e) {
            return e.toString();
        }
    }

    private static int freePort() throws IOException {
        try (var socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }
}
