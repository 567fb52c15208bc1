package io.flota.unitctl.render;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TreesTest {
    @Test
    void jsonEscapesWhatWouldBreakIt() {
        assertThat(Json.render("a\"b\\c\nd\te\u0001f\u007fgü"))
                .isEqualTo("\"a\\\"b\\\\c\\nd\\te\\u0001f\\u007fgü\"\n");
    }

    @Test
    void emptyListsAndMapsStayOnTheirLine() {
        var tree = new LinkedHashMap<String, Object>();
        tree.put("list", List.of());
        tree.put("map", Map.of());

        assertThat(Json.render(tree)).isEqualTo("{\n  \"list\": [],\n  \"map\": {}\n}\n");
        assertThat(Yaml.render(tree)).isEqualTo("list: []\nmap: {}\n");
        assertThat(Yaml.render(List.of())).isEqualTo("[]\n");
    }

    @Test
    void yamlIndentsListsInMapsInLists() {
        var inner = new LinkedHashMap<String, Object>();
        inner.put("unit", "web@1.service");
        inner.put("targets", List.of("a", "b"));
        inner.put("on", Map.of("restarts", 3));

        assertThat(Yaml.render(List.of(inner))).isEqualTo("""
                - unit: web@1.service
                  targets:
                    - a
                    - b
                  "on":
                    restarts: 3
                """);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "no", "TRUE", "null", "12", "1e5", "0x1f", "a: b", "- a", "#a", "2026-11-21", " a", "~"})
    void yamlQuotesWhatIsNotPlainlyAString(String text) {
        assertThat(Yaml.render(text)).isEqualTo(Json.render(text));
    }
}
