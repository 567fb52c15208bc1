package io.flota.agent.runtime.docker;

import com.google.common.hash.Hashing;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.LockSupport;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.awaitility.Awaitility;

/// A registry with the one image `test/web:1`, in which there is nothing but `/bin/sleep`, and which only `me` with the
/// password `secret` may have. A process of its own, as it has to be where dockerd is. Arguments: its folder, its port.
///
/// In the folder: `requests`, one a line; while there is a file `hold`, no layer is given away.
final class TestRegistry {
    private static final String MANIFEST = "application/vnd.docker.distribution.manifest.v2+json";
    private static final String ME =
            "Basic " + Base64.getEncoder().encodeToString("me:secret".getBytes(StandardCharsets.UTF_8));

    private static final Duration LONG = Duration.ofMinutes(1);

    private final Path folder;
    private final Map<String, byte[]> blobs = new TreeMap<>();
    private final byte[] manifest;

    private TestRegistry(Path folder) throws IOException {
        this.folder = folder;
        var tar = tar();
        var layer = gzip(tar);
        var config = ("{\"architecture\": \"amd64\", \"os\": \"linux\", \"config\": {}, "
                        + "\"rootfs\": {\"type\": \"layers\", \"diff_ids\": [\"" + digest(tar) + "\"]}}")
                .getBytes(StandardCharsets.UTF_8);
        blobs.put(digest(layer), layer);
        blobs.put(digest(config), config);
        this.manifest = ("{\"schemaVersion\": 2, \"mediaType\": \"" + MANIFEST + "\", \"config\": "
                        + entry("application/vnd.docker.container.image.v1+json", config) + ", \"layers\": ["
                        + entry("application/vnd.docker.image.rootfs.diff.tar.gzip", layer) + "]}")
                .getBytes(StandardCharsets.UTF_8);
    }

    /// Starts it in the folder of a test's Docker, on port 5000 there.
    static Process start(OwnDocker docker) throws IOException {
        var classPath = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        var registry = docker.inside(List.of(
                System.getProperty("java.home") + "/bin/java", "-XX:TieredStopAtLevel=1",
                // What speaks TLS, as Docker tries first, is hung up on soon.
                "-Dsun.net.httpserver.maxReqTime=1", "-Dsun.net.httpserver.timerMillis=100", "-cp", classPath,
                TestRegistry.class.getName(), docker.folder().toString(), "5000"));
        Awaitility.await("registry").atMost(LONG).until(() -> Files.exists(docker.folder().resolve("digest")));
        Files.createDirectories(docker.settings().config());
        return registry;
    }

    /// Lets a test's Docker be known to it.
    static void logIn(OwnDocker docker) throws IOException {
        Files.writeString(
                docker.settings().config().resolve("config.json"),
                "{\"auths\": {\"127.0.0.1:5000\": {\"auth\": \"bWU6c2VjcmV0\"}}}");
    }

    public static void main(String[] args) throws IOException {
        var registry = new TestRegistry(Path.of(args[0]));
        var server = HttpServer.create(new InetSocketAddress("127.0.0.1", Integer.parseInt(args[1])), 0);
        server.createContext("/v2/", registry::answer);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.start();
        Files.writeString(Path.of(args[0], "digest"), digest(registry.manifest));
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            var path = exchange.getRequestURI().getPath();
            Files.writeString(
                    folder.resolve("requests"), exchange.getRequestMethod() + " " + path + "\n",
                    StandardOpenOption.CREATE, StandardOpenOption.APPEND);
            if (!ME.equals(exchange.getRequestHeaders().getFirst("Authorization"))) {
                exchange.getResponseHeaders().set("WWW-Authenticate", "Basic realm=\"test\"");
                exchange.sendResponseHeaders(401, -1);
                return;
            }
            var name = path.substring(path.lastIndexOf('/') + 1);
            if (path.equals("/v2/")) {
                exchange.sendResponseHeaders(200, -1);
            } else if (path.contains("/manifests/") && (name.equals("1") || name.equals(digest(manifest)))) {
                exchange.getResponseHeaders().set("Docker-Content-Digest", digest(manifest));
                send(exchange, 200, MANIFEST, manifest);
            } else if (blobs.containsKey(name)) {
                awaitPermission();
                send(exchange, 200, "application/octet-stream", blobs.get(name));
            } else {
                var unknown = "{\"errors\": [{\"code\": \"MANIFEST_UNKNOWN\", \"message\": \"manifest unknown\"}]}";
                send(exchange, 404, "application/json", unknown.getBytes(StandardCharsets.UTF_8));
            }
        }
    }

    private void awaitPermission() {
        while (Files.exists(folder.resolve("hold"))) {
            LockSupport.parkNanos(10_000_000);
        }
    }

    private static void send(HttpExchange exchange, int status, String type, byte[] body) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", type);
        boolean head = exchange.getRequestMethod().equals("HEAD");
        if (head) {
            exchange.getResponseHeaders().set("Content-Length", Integer.toString(body.length));
        }
        exchange.sendResponseHeaders(status, head ? -1 : body.length);
        if (!head) {
            exchange.getResponseBody().write(body);
        }
    }

    private static String entry(String type, byte[] blob) {
        return "{\"mediaType\": \"" + type + "\", \"size\": " + blob.length + ", \"digest\": \"" + digest(blob) + "\"}";
    }

    private static String digest(byte[] bytes) {
        return "sha256:" + Hashing.sha256().hashBytes(bytes);
    }

    private static byte[] tar() throws IOException {
        var bytes = new ByteArrayOutputStream();
        try (var tar = new TarArchiveOutputStream(bytes)) {
            var content = Files.readAllBytes(Path.of("/usr/bin/busybox"));
            var entry = new TarArchiveEntry("bin/sleep");
            entry.setSize(content.length);
            entry.setMode(0755);
            entry.setModTime(0);
            tar.putArchiveEntry(entry);
            tar.write(content);
            tar.closeArchiveEntry();
        }
        return bytes.toByteArray();
    }

    private static byte[] gzip(byte[] bytes) throws IOException {
        var zipped = new ByteArrayOutputStream();
        try (var gzip = new GZIPOutputStream(zipped)) {
            gzip.write(bytes);
        }
        return zipped.toByteArray();
    }
}
