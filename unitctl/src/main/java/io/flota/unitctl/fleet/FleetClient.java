package io.flota.unitctl.fleet;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/// Reads all of a cluster from fleet's HTTP API v1.
public final class FleetClient {
    private static final int OK = 200;
    private static final int NOT_FOUND = 404;
    private static final int UNAVAILABLE = 503;
    /// fleet's pages are each of another moment: what two readings agree on was there at once.
    private static final int MOST_READINGS = 5;

    private final FleetHttp http;
    private final JsonMapper json = new JsonMapper();

    public FleetClient(FleetHttp http) {
        this.http = http;
    }

    /// @throws IOException whose message says what fleet did not tell, and why
    public FleetCluster read() throws IOException, InterruptedException {
        var last = readOnce();
        for (int i = 1; i < MOST_READINGS; i++) {
            var next = readOnce();
            if (next.equals(last)) {
                return next;
            }
            last = next;
        }
        throw new IOException(
                http.name("units") + " tells something else each time: see that nobody changes units meanwhile");
    }

    private FleetCluster readOnce() throws IOException, InterruptedException {
        var units = new TreeMap<String, FleetUnit>(); // pages may overlap
        for (JsonNode node : pages("units")) {
            units.put(text(node, "name", "units"), unit(node));
        }
        var machines = new TreeMap<String, FleetMachine>();
        for (JsonNode node : pages("machines")) {
            machines.put(text(node, "id", "machines"), machine(node));
        }
        return new FleetCluster(List.copyOf(units.values()), List.copyOf(machines.values()), poisoned(units));
    }

    /// Units of which machines report states, though the list does not have them and fleet cannot show them.
    private List<String> poisoned(Map<String, FleetUnit> units) throws IOException, InterruptedException {
        var missing = new TreeSet<String>();
        for (JsonNode node : pages("state")) {
            missing.add(text(node, "name", "state"));
        }
        missing.removeAll(units.keySet());
        var poisoned = new ArrayList<String>();
        for (String name : missing) {
            int status = http.get("units/" + encoded(name)).status();
            if (status != OK && status != NOT_FOUND) {
                poisoned.add(name);
            }
        }
        return poisoned;
    }

    private List<JsonNode> pages(String resource) throws IOException, InterruptedException {
        var all = new ArrayList<JsonNode>();
        var tokens = new HashSet<String>();
        String asked = resource;
        while (true) {
            var page = page(asked);
            page.path(resource.equals("state") ? "states" : resource).forEach(all::add);
            String token = page.path("nextPageToken").asText("");
            if (token.isEmpty()) {
                return all;
            }
            if (!tokens.add(token)) {
                throw new IOException(http.name(asked) + " leads from page to page in a circle");
            }
            asked = resource + "?nextPageToken=" + encoded(token);
        }
    }

    private JsonNode page(String resource) throws IOException, InterruptedException {
        var answer = http.get(resource);
        if (answer.status() == UNAVAILABLE) {
            throw new IOException(http.name(resource) + " is not ready: " + reason(answer.text()));
        }
        if (answer.status() != OK) {
            throw new IOException(
                    http.name(resource) + " answers with status " + answer.status() + ": " + reason(answer.text()));
        }
        try {
            var page = json.readTree(answer.text());
            if (page.isObject()) {
                return page;
            }
        } catch (JsonProcessingException broken) {
            throw new IOException(
                    http.name(resource) + " answers in broken JSON: " + broken.getOriginalMessage(), broken);
        }
        throw new IOException(http.name(resource) + " answers in JSON that is no page of a list");
    }

    /// What an error body says, or its beginning if it is none.
    private String reason(String text) {
        try {
            return json.readTree(text).path("error").path("message").asText("it gives no reason");
        } catch (JsonProcessingException _) {
            return text.isEmpty() ? "it gives no reason" : text.lines().findFirst().orElse("");
        }
    }

    private FleetUnit unit(JsonNode node) throws IOException {
        return new FleetUnit(
                text(node, "name", "units"),
                file(node.path("options")),
                node.path("desiredState").asText("inactive"));
    }

    /// Sections in the order in which they begin, a blank line between them, as fleet writes and hashes it.
    private String file(JsonNode options) throws IOException {
        var sections = new LinkedHashMap<String, StringBuilder>();
        for (JsonNode option : options) {
            String section = text(option, "section", "units");
            sections.computeIfAbsent(section, name -> new StringBuilder("[" + name + "]\n"))
                    .append(text(option, "name", "units"))
                    .append('=')
                    .append(text(option, "value", "units"))
                    .append('\n');
        }
        return String.join("\n", sections.values());
    }

    private FleetMachine machine(JsonNode node) throws IOException {
        var metadata = new TreeMap<String, String>();
        node.path("metadata").properties().forEach(pair -> metadata.put(pair.getKey(), pair.getValue().asText()));
        return new FleetMachine(text(node, "id", "machines"), metadata);
    }

    private String text(JsonNode node, String field, String resource) throws IOException {
        if (!node.path(field).isTextual()) {
            throw new IOException(http.name(resource) + " tells of something without a \"" + field + "\": " + node);
        }
        return node.path(field).textValue();
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
