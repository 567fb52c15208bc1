package io.flota.unit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EnvironmentTest {
    private static Environment file(String text) {
        return EnvironmentFileSyntax.parse("/etc/environment", text);
    }

    @Test
    void assignmentsAreWords() {
        var environment = Environment.ofAssignments(
                "\"VAR1=word1 word2\" VAR2=word3 \"VAR3=$word 5 6\"", UnaryOperator.identity());

        assertThat(environment.variables())
                .containsExactly(entry("VAR1", "word1 word2"), entry("VAR2", "word3"), entry("VAR3", "$word 5 6"));
        assertThat(environment.warnings()).isEmpty();
    }

    @Test
    void whatIsNoAssignmentIsLeftOutWithAWarning() {
        var environment = Environment.ofAssignments("A=b junk 1=3 \"B=x=y\" \u00c9=1", UnaryOperator.identity());

        assertThat(environment.variables()).containsExactly(entry("A", "b"), entry("B", "x=y"));
        assertThat(environment.warnings()).hasSize(3).first().asString().startsWith("\"junk\" is no NAME=value");
    }

    @Test
    void laterAssignmentsWin() {
        assertThat(file("A=1\nB=2\nA=3\n").variables()).containsExactly(entry("A", "3"), entry("B", "2"));
        assertThat(file("A=1\nB=2").and(file("B=3\nC=4")).variables())
                .containsExactly(entry("A", "1"), entry("B", "3"), entry("C", "4"));
    }

    @ParameterizedTest
    @CsvSource(quoteCharacter = '`', delimiter = '|', textBlock = """
            A=1                      | 1
            A=                       | ``
            A =  a  b\\t\\r          | a  b
            A=a'b"c                  | a'b"c
            A=it's # no comment      | it's # no comment
            A='x y'                  | x y
            A= "x y"\\s\\s           | x y
            A='x'"y" z               | xyz
            A='a\\\\b$c'             | a\\\\b$c
            A="a\\\\"b\\\\$c\\\\d"   | a"b$c\\\\d
            A="a\\nb"                | a\\nb
            A='a\\nb'                | a\\nb
            A=a\\\\\\nb              | ab
            A="a\\\\\\nb"            | ab
            A=a\\\\\\\\b\\\\c        | a\\\\bc
            A=a\\\\\\s               | a\\s
            A="open                  | open
            #c\\n;d\\n\\n nothing\\nA=1 | 1
            # c\\\\\\nA=1            | 1
            A=$B                     | $B
            A=1\\r\\nB=2\\r\\n       | 1
            """)
    void valuesAreReadAsSystemdReadsThem(String text, String value) {
        assertThat(file(text.translateEscapes()).variables().get("A")).isEqualTo(value.translateEscapes());
    }

    @Test
    void namesThatNoVariableMayHaveAreLeftOutWithTheirLine() {
        var environment = file("# c\nexport A=1\nB='\n'\n2=1\n");

        assertThat(environment.variables()).containsOnlyKeys("B");
        assertThat(environment.warnings())
                .extracting(warning -> warning.substring(0, 32))
                .containsExactly("/etc/environment:2: \"export A\" i", "/etc/environment:5: \"2\" is no na");
    }
}
