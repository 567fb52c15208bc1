package io.flota.unitctl.model;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import javax.net.ssl.SSLContext;

/// Answers as fleetd 1.0 does, its defects included: lists in pages that are each of another moment, tokens as it makes
/// them, a poisoned unit that no list has.
public final class FakeFleet implements AutoCloseable {
    public record Answer(int status, String body) {}

    private static final int PAGE = 100;

    private final HttpServer server;
    private final Map<String, Map<String, Object>> units = new TreeMap<>();
    private final List<Map<String, Object>> machines = new ArrayList<>();
    private final List<String> states = new ArrayList<>();
    private final Map<String, Answer> fixed = new TreeMap<>();
    private int answers;

    public FakeFleet() throws IOException {
        this(HttpServer.create());
    }

    /// One that wants to see certificates.
    public FakeFleet(SSLContext tls) throws IOException {
        this(secure(tls));
    }

    private FakeFleet(HttpServer server) throws IOException {
        this.server = server;
        server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::serve);
        server.start();
    }

    private static HttpServer secure(SSLContext tls) throws IOException {
        var secure = HttpsServer.create();
        secure.setHttpsConfigurator(new HttpsConfigurator(tls) {
            @Override
            public void configure(HttpsParameters parameters) {
                var wanted = tls.getDefaultSSLParameters();
                wanted.setNeedClientAuth(true);
                parameters.setSSLParameters(wanted);
            }
        });
        return secure;
    }

    public String endpoint() {
        return (server instanceof HttpsServer ? "https" : "http") + "://127.0.0.1:" + server.getAddress().getPort();
    }

    /// How often it has answered.
    public int answers() {
        return answers;
    }

    /// @param options each as `Section|Name=Value`
    public void unit(String name, String desired, String... options) {
        var all = new ArrayList<Map<String, String>>();
        for (String option : options) {
            String section = option.substring(0, option.indexOf('|'));
            String setting = option.substring(section.length() + 1);
            int sign = setting.indexOf('=');
            String value = setting.substring(sign + 1);
            all.add(Map.of("section", section, "name", setting.substring(0, sign), "value", value));
        }
        var unit = new LinkedHashMap<String, Object>();
        unit.put("name", name);
        unit.put("desiredState", desired);
        unit.put("currentState", desired);
        if (!all.isEmpty()) {
            unit.put("options", all);
        }
        units.put(name, unit);
        states.add(name);
    }

    /// Runs, but is in no list and cannot be shown.
    public void poisoned(String name) {
        states.add(name);
        fixed.put("/fleet/v1/units/" + name, new Answer(500, "{\"error\":{\"code\":500,\"message\":\"\"}}"));
    }

    public void machine(String id, Map<String, String> metadata) {
        machines.add(Map.of("id", id, "primaryIP", "10.0.0.1", "metadata", metadata));
    }

    /// Whatever comes of a path otherwise.
    public void answer(String path, int status, String body) {
        fixed.put(path, new Answer(status, body));
    }

    private void serve(HttpExchange exchange) throws IOException {
        try (exchange) {
            var answer = answer(exchange.getRequestMethod(), exchange.getRequestURI());
            var bytes = answer.body().getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().add("Content-Type", "application/json");
            exchange.getResponseHeaders().add("Server", "fleetd/1.0.0");
            exchange.sendResponseHeaders(answer.status(), bytes.length == 0 ? -1 : bytes.length);
            exchange.getResponseBody().write(bytes);
        }
    }

    public synchronized Answer answer(String method, URI uri) throws IOException {
        answers++;
        if (!method.equals("GET")) {
            return error(405, "only GET supported against this resource");
        }
        if (fixed.containsKey(uri.getPath())) {
            return fixed.get(uri.getPath());
        }
        return switch (uri.getPath()) {
            case "/fleet/v1/units" -> page("units", List.copyOf(units.values()), uri);
            case "/fleet/v1/machines" -> page("machines", machines, uri);
            case "/fleet/v1/state" ->
                page("states", states.stream().map(name -> Map.of("name", name, "machineID", "x")).toList(), uri);
            default -> error(404, "unit does not exist");
        };
    }

    private static Answer error(int code, String message) throws IOException {
        return json(code, Map.of("error", Map.of("code", code, "message", message)));
    }

    private static Answer page(String field, List<?> all, URI uri) throws IOException {
        int number = 1;
        String query = uri.getRawQuery();
        if (query != null && query.startsWith("nextPageToken=")) {
            String token = URLDecoder.decode(query.substring("nextPageToken=".length()), StandardCharsets.UTF_8);
            var bytes = ByteBuffer.wrap(Base64.getUrlDecoder().decode(token)).order(ByteOrder.LITTLE_ENDIAN);
            if (bytes.getShort() != PAGE) {
                return error(400, "token limit must be 100");
            }
            number = bytes.getShort();
        }
        int from = Math.min((number - 1) * PAGE, all.size());
        int to = Math.min(from + PAGE, all.size());
        var page = new LinkedHashMap<String, Object>();
        if (to > from) {
            page.put(field, all.subList(from, to));
        }
        if (to - from == PAGE) { // an exactly full last page leads to an empty one
            var bytes = ByteBuffer.allocate(4)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putShort((short) PAGE)
                    .putShort((short) (number + 1));
            page.put("nextPageToken", Base64.getUrlEncoder().encodeToString(bytes.array()));
        }
        return json(200, page);
    }

    private static Answer json(int status, Object tree) throws IOException {
        var out = new ByteArrayOutputStream();
        new JsonMapper().writeValue(out, tree);
        return new Answer(status, out.toString(StandardCharsets.UTF_8));
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
