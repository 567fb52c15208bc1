package io.flota.daemon.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import io.flota.testing.Draw;
import io.flota.testing.Seeds;
import java.util.ArrayList;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FleetIniTest {
    private static Map<String, String> values(String text) {
        var ini = FleetIni.parse(text);
        assertThat(ini.problems()).isEmpty();
        var values = new TreeMap<String, String>();
        ini.settings().forEach((key, setting) -> values.put(key, setting.value()));
        return values;
    }

    @ParameterizedTest(name = "{0} is {1}")
    @CsvSource(delimiter = '|', quoteCharacter = '`', nullValues = "none", textBlock = """
            public_ip=10.0.0.1              | 10.0.0.1
            `  public_ip \t = \t10.0.0.1  ` | 10.0.0.1
            PUBLIC_IP=10.0.0.1              | 10.0.0.1
            public_ip="10.0.0.1"            | 10.0.0.1
            public_ip='10.0.0.1'            | 10.0.0.1
            public_ip=" 10.0.0.1 "          | ` 10.0.0.1 `
            public_ip="a#b;c"               | a#b;c
            public_ip='a"b'                 | a"b
            public_ip=10.0.0.1 # here       | 10.0.0.1
            public_ip=10.0.0.1;here         | 10.0.0.1
            public_ip="10.0.0.1" # here     | "10.0.0.1"
            public_ip="a"b"                 | "a"b"
            public_ip=a=b=c                 | a=b=c
            public_ip=                      | ``
            public_ip= # nothing            | ``
            public_ip=""                    | ``
            """)
    void aValueIsReadAsFleetReadIt(String line, String value) {
        assertThat(values(line)).isEqualTo(Map.of("public_ip", value));
    }

    @Test
    void linesThatEndInABackslashGoOnInTheNextOneCommentsAsWell() {
        assertThat(values("metadata=a=1,\\\n    b=2,\\\r\n\tc=3\n# not\\\nagent_ttl=1s\nverbosity=1\n"))
                .isEqualTo(Map.of("metadata", "a=1,b=2,c=3", "verbosity", "1"));
    }

    @Test
    void whatFollowsASectionIsNotSeenAndTheLastOfSeveralCounts() {
        assertThat(values("verbosity=1\nVerbosity=2\n[fleet]\nverbosity=3\npublic_ip=::1\n"))
                .isEqualTo(Map.of("verbosity", "2"));
    }

    @Test
    void aSettingKnowsTheLineInWhichItBegins() {
        assertThat(FleetIni.parse("# one\n\nmetadata=a=1,\\\nb=2\npublic_ip=::1").settings())
                .hasEntrySatisfying("metadata", setting -> assertThat(setting.line()).isEqualTo(3))
                .hasEntrySatisfying("public_ip", setting -> assertThat(setting.line()).isEqualTo(5));
    }

    @Test
    void everyLineThatIsNothingIsNamed() {
        assertThat(FleetIni.parse("etcd servers=x\nverbosity=1\n[fleet] # mine\n=1\nfleet\nmetadata=a\\").problems())
                .containsExactly(
                        "1: this line is neither KEY=VALUE nor a comment",
                        "3: this line is neither KEY=VALUE nor a comment",
                        "4: this line is neither KEY=VALUE nor a comment",
                        "5: this line is neither KEY=VALUE nor a comment",
                        "6: a backslash at its end joins it with the next line, and there is none");
    }

    /// Goal: what is written is read, in whatever of the forms that fleet knew.
    @Test
    void whateverIsWrittenInAnyFormIsRead() {
        Seeds.check(2000, random -> {
            var expected = new TreeMap<String, String>();
            var text = new StringBuilder();
            var end = Draw.oneOf(random, "\n", "\r\n");
            boolean ours = true;
            for (int i = random.nextInt(12); i > 0; i--) {
                switch (random.nextInt(8)) {
                    case 0 -> text.append(blanks(random)).append(end);
                    case 1 -> text.append(blanks(random)).append(Draw.oneOf(random, "#", ";", "# a=b", ";[x]")).append(end);
                    case 2 -> {
                        if (random.nextInt(4) == 0) {
                            text.append(blanks(random)).append("[").append(Draw.oneOf(random, "x", " Fleet ")).append("]").append(end);
                            ours = false;
                        }
                    }
                    default -> {
                        var key = Draw.oneOf(random, FleetSettings.KEYS.asList());
                        var value = Draw.text(random, 8, "ab1=,./:");
                        text.append(assignment(random, key, value, end)).append(end);
                        if (ours) {
                            expected.put(key, value);
                        }
                    }
                }
            }
            assertThat(values(text.toString())).as(text.toString()).isEqualTo(expected);
        });
    }

    private static String assignment(Random random, String key, String value, String end) {
        var name = random.nextBoolean() ? key : key.toUpperCase(Locale.ROOT);
        var quote = Draw.oneOf(random, "", "\"", "'");
        var comment = quote.isEmpty() ? Draw.oneOf(random, "", "#", " ; a=b", "# \"x\"") : "";
        var line = name + blanks(random) + "=" + blanks(random) + quote + value + quote + comment;
        if (random.nextInt(3) == 0) { // broken where no blanks would be lost
            int at = name.length() / 2;
            line = line.substring(0, at) + "\\" + end + blanks(random) + line.substring(at);
        }
        return blanks(random) + line + blanks(random);
    }

    private static String blanks(Random random) {
        return Draw.text(random, 3, " \t");
    }

    /// Goal: nothing that may be in a file makes the reader fail, and each problem is in a line that there is.
    @Test
    void whateverIsInTheFileIsReadOrNamed() {
        Seeds.check(3000, random -> {
            var text = Draw.text(random, 60, "ab=#;[]\\\"' \t\r\n\u00a0\u2028é\0");
            var ini = FleetIni.parse(text);
            var lines = new ArrayList<>(text.lines().toList()).size() + 1;
            ini.settings().values().forEach(setting -> assertThat(setting.line()).isBetween(1, lines));
            ini.problems().forEach(problem ->
                    assertThat(Integer.parseInt(problem.substring(0, problem.indexOf(':')))).isBetween(1, lines));
        });
    }
}
