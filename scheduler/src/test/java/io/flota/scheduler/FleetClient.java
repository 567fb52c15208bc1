package io.flota.scheduler;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/// A client of fleet's API that says what fleetctl says: `alt=json`, its user agent, a length and not chunks.
final class FleetClient implements AutoCloseable {
    static final String JSON = "application/json";
    private static final ObjectMapper MAPPER = new ObjectMapper();

    /// @param body null if it is empty
    record Answer(HttpResponse<String> response, JsonNode body) {
        int status() {
            return response.statusCode();
        }

        /// The words of an error.
        String message() {
            return body.at("/error/message").asText("(none)");
        }

        String header(String name) {
            return response.headers().firstValue(name).orElse("(none)");
        }

        @Override
        public String toString() {
            return response.request().method() + " " + response.request().uri() + " -> " + status() + " " + response.body();
        }
    }

    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final String root;

    FleetClient(int port) {
        root = "http://127.0.0.1:" + port;
    }

    FleetClient(Scheduler scheduler) {
        this(scheduler.fleet().orElseThrow().port().orElseThrow());
    }

    Answer get(String path) {
        return send(path, request -> request.GET());
    }

    Answer delete(String path) {
        return send(path, request -> request.DELETE());
    }

    Answer put(String path, String json) {
        return send(path, request -> request.header("Content-Type", JSON).PUT(BodyPublishers.ofString(json)));
    }

    /// By a client of our fleet's, which says how units are named in paths.
    Answer putUnit(String name, String json) {
        return put("/fleet/v1/units/" + name.replace("@", "%40") + "?alt=json", json);
    }

    Answer getUnit(String name) {
        return get("/fleet/v1/units/" + name.replace("@", "%40") + "?alt=json");
    }

    Answer patch(String json) {
        return send("/fleet/v1/machines", request -> request.method("PATCH", BodyPublishers.ofString(json)));
    }

    Answer send(String path, UnaryOperator<HttpRequest.Builder> how) {
        var request = HttpRequest.newBuilder(URI.create(root + path))
                .header("User-Agent", "google-api-go-client/0.5")
                .timeout(Duration.ofSeconds(60));
        try {
            var response = http.send(how.apply(request).build(), BodyHandlers.ofString());
            return new Answer(response, response.body().isEmpty() ? MAPPER.nullNode() : json(response));
        } catch (IOException e) {
            throw new UncheckedIOException(path, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private static JsonNode json(HttpResponse<String> response) throws JsonProcessingException {
        return response.headers().firstValue("Content-Type").orElse("").startsWith(JSON)
                ? MAPPER.readTree(response.body())
                : MAPPER.nullNode();
    }

    /// All of a list, page by page.
    List<JsonNode> all(String path, String field) {
        var all = new ArrayList<JsonNode>();
        String token = "";
        do {
            String separator = path.contains("?") ? "&" : "?";
            var page = get(path + (token.isEmpty() ? "" : separator + "nextPageToken=" + token)).body();
            page.path(field).forEach(all::add);
            token = page.path("nextPageToken").asText("");
        } while (!token.isEmpty());
        return all;
    }

    /// A unit's body, of lines such as `Service.ExecStart=/bin/true`.
    static String unit(String desired, String... lines) {
        var unit = MAPPER.createObjectNode();
        var options = unit.putArray("options");
        for (String line : lines) {
            int dot = line.indexOf('.');
            int equals = line.indexOf('=');
            options.addObject()
                    .put("section", line.substring(0, dot))
                    .put("name", line.substring(dot + 1, equals))
                    .put("value", line.substring(equals + 1));
        }
        if (!desired.isEmpty()) {
            unit.put("desiredState", desired);
        }
        return unit.toString();
    }

    @Override
    public void close() {
        http.close();
    }
}
