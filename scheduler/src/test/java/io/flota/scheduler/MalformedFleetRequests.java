package io.flota.scheduler;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.SplittableRandom;

/// Makes requests of fleet's API wrong in one of many ways, by chance from a seed. None of them can mean a change.
final class MalformedFleetRequests {
    private static final String GOOD = FleetClient.unit("launched", "Service.ExecStart=/bin/true");
    private static final List<String> METHODS =
            List.of("POST", "PATCH", "HEAD", "OPTIONS", "TRACE", "CONNECT", "get", "BREW", "PUTT", "");
    private static final List<String> BAD_NAMES = List.of(
            "web", "web.", ".service.", "%40.service", "%401.service", "web.exe", "we%20b.service", "web%0a.service",
            "web%00.service", "..%2f..%2fetc.service", "w%c3%a9b.service", "x".repeat(300) + ".service", "web%401.mount",
            "%1b[31mred.service", "%", "%zz.service", "%c3.service", "web.service/", "web.service//", "a/b.service", ".",
            "..", "./web.service", ";x=1", "web.service;x", "web@.container", "\\u0000", "%5c%5c", "web.service%20");
    private static final List<String> BAD_BODIES = List.of(
            "", "{", "[]", "7", "\"x\"", "{\"name\":7}", "{\"name\":\"other.service\"}", "{\"options\":{}}",
            "{\"options\":[null]}", "{\"options\":[7]}", "{\"options\":[{}]}", "{\"desiredState\":7}",
            "{\"desiredState\":\"launched\",\"options\":[{\"section\":\"A\",\"name\":\"B\",\"value\":[]}]}",
            "{\"desiredState\":\"runnig\",\"options\":[{\"section\":\"A\",\"name\":\"B\",\"value\":\"c\"}]}",
            "{\"desiredState\":\"Launched\"}", "{\"desiredState\":\" launched\"}", "\u0000", "\ufeff", "{\"name\":\"\ud800\"}",
            "{'name':'x'}", "null", "[".repeat(5000), "{\"a\":".repeat(5000), "9".repeat(5000), "\"" + "\\u0000".repeat(99),
            "{\"options\":[{\"section\":\"A\\n[B\",\"name\":\"C\",\"value\":\"d\"}]}",
            "{\"options\":[{\"section\":\"A\",\"name\":\"C\",\"value\":\"d\\ne=f\"}]}",
            "{\"options\":[{\"section\":\"X-Fleet\",\"name\":\"Conflicts\",\"value\":\"[\"}]}",
            "{\"options\":[{\"section\":\"X-Fleet\",\"name\":\"MachineMetadata\",\"value\":\"x\"}]}");
    private static final List<String> BAD_TOKENS = List.of(
            "", "x", "====", "ZQABAA==", "ZAAAAA==", "ZA==", "%", "%zz", "ZAABAA==&nextPageToken=ZAABAA==", "%00",
            "A".repeat(4000), "-1", "ZAAB", "*");
    private static final List<String> BAD_PATHS = List.of(
            "/", "", "*", "//", "/fleet", "/fleet/v1", "/fleet/v1/", "/fleet/v1/units/", "/fleet/v9/units", "/..", "/%2e%2e/",
            "/fleet/v1/../../etc/passwd", "/fleet/v1/units/%2e%2e", "/v1-alpha/", "/fleet/v1/state/", "/fleet/v1/machines/x",
            "/%00", "/metrics/x", "/openapi.json/", "/flota/v1/endpoints/%5B", "/flota", "\\", "/fleet\\v1\\units", "x",
            "http://", "http://[", "/fleet/v1/units?%", "/fleet/v1/state?unitName=%&machineID=%00", "/fleet/v1/units#x");
    private static final List<String> BAD_PATCHES = List.of(
            "", "{", "{}", "7", "[7]", "[null]", "[[]]", "[{\"op\":\"noop\",\"path\":\"/MACHINE/metadata/a\",\"value\":\"b\"}]",
            "[{\"op\":\"add\",\"path\":\"/MACHINE/metadata/\",\"value\":\"b\"}]",
            "[{\"op\":\"add\",\"path\":\"/MACHINE/metadata/a\",\"value\":\"\"}]",
            "[{\"op\":\"add\",\"path\":\"/MACHINE/metadata/a\",\"value\":\"b\\nc\"}]",
            "[{\"op\":\"add\",\"path\":\"/MACHINE/metadata/a\",\"value\":[\"b\"]}]",
            "[{\"op\":\"add\",\"path\":\"/nobody/metadata/a\",\"value\":\"b\"}]",
            "[{\"op\":\"add\",\"path\":\"/" + "f".repeat(32) + "/metadata/a\",\"value\":\"b\"}]",
            "[{\"op\":\"remove\",\"path\":\"/" + "f".repeat(32) + "/metadata/a\"}]",
            "[{\"op\":\"add\",\"path\":\"/MACHINE/metadata/a\",\"value\":\"b\"},{\"op\":\"x\"}]");
    private static final List<String> BAD_HEADERS = List.of(
            "Content-Type: text/plain", "Content-Type:", "Content-Type: application/json\r\nContent-Type: text/plain",
            "Content-Type: application/jsonp", "Content-Type: ;", "X: y");
    private static final List<String> BROKEN_HEADS = List.of(
            "Content-Length: -1", "Content-Length: x", "Content-Length: 3\r\nContent-Length: 4", "Host: other", "no colon",
            "Content-Length: 99999999999999999999", "Transfer-Encoding: gzip", "Transfer-Encoding: chunked\r\nContent-Length: 3",
            ": empty", "Bad Name: x", "X: " + "y".repeat(20_000), "Expect: 200-ok", "X: a\rb", "X: \u0000");

    private final SplittableRandom random;

    MalformedFleetRequests(long seed) {
        random = new SplittableRandom(seed);
    }

    byte[] next() {
        return switch (random.nextInt(14)) {
            case 0 -> put(pick(BAD_NAMES), GOOD, "Content-Type: application/json");
            case 1, 2 -> put(mangled("good.service"), mangled(pick(BAD_BODIES)), "Content-Type: application/json");
            case 3 -> put("good.service", pick(BAD_BODIES), "Content-Type: application/json");
            case 4 -> put("new.service", GOOD, pick(BAD_HEADERS));
            case 5 -> request("GET", prefix() + "/" + pick(List.of("units", "state", "machines")) + "?nextPageToken="
                    + pick(BAD_TOKENS), "");
            case 6 -> request(pick(List.of("GET", "DELETE", "PUT", "PATCH")), pick(BAD_PATHS), "");
            case 7 -> request(pick(METHODS), prefix() + pick(List.of("", "/units", "/units/good.service", "/state", "/discovery")), "");
            case 8 -> request(pick(List.of("DELETE", "GET")), prefix() + "/units/" + pick(BAD_NAMES), "");
            case 9, 10 -> request("PATCH", prefix() + "/machines", pick(BAD_PATCHES).replace("MACHINE", FakeAgent.id(1).value()));
            case 11 -> garbage();
            case 12 -> brokenHead();
            default -> cutOff();
        };
    }

    /// A sound request whose body has not come to its end when the client goes.
    private byte[] cutOff() {
        return switch (random.nextInt(40)) {
            case 0 -> put("new.service", "{\"name\":\"" + "x".repeat(5 << 20) + "\"}", "Content-Type: application/json");
            case 1 -> bytes("PUT /fleet/v1/units/new.service HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\n"
                    + "Content-Length: 99999999\r\n\r\n" + GOOD);
            case 2 -> bytes("GET /" + "x".repeat(30_000) + " HTTP/1.1\r\nHost: h\r\n\r\n");
            default -> {
                boolean chunked = random.nextBoolean();
                String head = "PUT /fleet/v1/units/new.service HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\n"
                        + (chunked ? "Transfer-Encoding: chunked" : "Content-Length: " + (GOOD.length() + 1)) + "\r\n\r\n";
                String body = chunked ? pick(List.of("", "zz\r\n", "5\r\n{", "-1\r\n", "ffffffffffffffffff\r\n{")) : GOOD;
                yield bytes(head + body);
            }
        };
    }

    private byte[] brokenHead() {
        return bytes("PUT /fleet/v1/units/new.service HTTP/1.1\r\nHost: h\r\nConnection: close\r\n" + pick(BROKEN_HEADS)
                + "\r\n\r\n" + GOOD);
    }

    private byte[] garbage() {
        var bytes = new byte[random.nextInt(1, 400)];
        random.nextBytes(bytes);
        return random.nextBoolean() ? bytes : bytes("GET " + new String(bytes, StandardCharsets.ISO_8859_1) + "\r\n\r\n");
    }

    /// With one letter too many that no name and no JSON has.
    private String mangled(String text) {
        int at = random.nextInt(text.length() + 1);
        return text.substring(0, at) + pick(List.of("!", "~", "^")) + text.substring(at);
    }

    private byte[] put(String name, String body, String header) {
        return bytes(head("PUT", prefix() + "/units/" + name, body) + header + "\r\n\r\n" + body);
    }

    private byte[] request(String method, String path, String body) {
        return bytes(head(method, path, body) + "\r\n" + body);
    }

    private static String head(String method, String path, String body) {
        return method + " " + path + " HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: "
                + bytes(body).length + "\r\n";
    }

    private String prefix() {
        return random.nextBoolean() ? "/fleet/v1" : "/v1-alpha";
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private <T> T pick(List<T> from) {
        return from.get(random.nextInt(from.size()));
    }
}
