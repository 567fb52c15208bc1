package io.flota.unit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import io.flota.unit.CommandLine.Privilege;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The examples are those of systemd.service(5), and what systemd 252 says to the same lines.
class CommandLineTest {
    private static final Map<String, String> NONE = ImmutableMap.of();

    private static CommandLine only(String value) {
        var commands = CommandLine.parse(value);
        assertThat(commands).hasSize(1);
        return commands.getFirst();
    }

    private static ImmutableList<String> arguments(String value, Map<String, String> variables) {
        return only(value).expandedArguments(UnaryOperator.identity(), variables);
    }

    @Test
    void theFirstWordIsTheProgram() {
        var command = only("/bin/echo one  'two three'");

        assertThat(command.executable()).isEqualTo("/bin/echo");
        assertThat(command.arguments()).containsExactly("one", "two three");
        assertThat(command.ignoreFailure() || command.literal() || command.named()).isFalse();
        assertThat(command.privilege()).isEqualTo(Privilege.NONE);
    }

    @ParameterizedTest
    @CsvSource({
        "-/bin/a, true, false, false, NONE",
        ":/bin/a, false, true, false, NONE",
        "@/bin/a, false, false, true, NONE",
        "+/bin/a, false, false, false, FULL",
        "!/bin/a, false, false, false, KEEP_USER",
        "!!/bin/a, false, false, false, AMBIENT",
        "-@:!!/bin/a, true, true, true, AMBIENT",
        "+:-/bin/a, true, true, false, FULL"
    })
    void prefixesComeInAnyOrder(String first, boolean ignore, boolean literal, boolean named, Privilege privilege) {
        var command = only(first + " x");

        assertThat(command)
                .isEqualTo(new CommandLine(ignore, literal, privilege, "/bin/a", named, ImmutableList.of("x")));
    }

    @ParameterizedTest
    @CsvSource(quoteCharacter = '`', delimiter = '|', textBlock = """
            --/bin/a       | "-/bin/a" is neither an absolute path nor a plain name
            +!/bin/a       | "!/bin/a" is neither an absolute path nor a plain name
            bin/a          | "bin/a" is neither an absolute path nor a plain name
            -              | there is no program to run
            /bin/          | "/bin/" is a folder
            @/bin/a        | prefix @ asks for the name
            /bin/a 'x      | a quote ' is never closed
            /bin/a "x\\"   | a quote " is never closed
            /bin/a \\xff   | its escapes make bytes that are no UTF-8 text
            "/bin/\\n"     | "/bin/\\x0a" has a control character
            """)
    void whatSystemdRefusesIsRefused(String value, String message) {
        assertThatThrownBy(() -> CommandLine.parse(value)).hasMessageContaining(message);
    }

    @Test
    void semicolonsSeparateCommands() {
        assertThat(CommandLine.parse("echo one ; -echo \"two two\""))
                .extracting(CommandLine::executable, CommandLine::ignoreFailure, CommandLine::arguments)
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple("echo", false, ImmutableList.of("one")),
                        org.assertj.core.groups.Tuple.tuple("echo", true, ImmutableList.of("two two")));
        assertThat(CommandLine.parse("/bin/a ; ; /bin/b ;")).hasSize(2);
        assertThat(CommandLine.parse("  ")).isEmpty();
    }

    @Test
    void onlyABareSemicolonSeparates() {
        assertThat(only("echo / >/dev/null & \\; ls").arguments())
                .containsExactly("/", ">/dev/null", "&", ";", "ls");
        assertThat(only("echo a; \";\" ;b").arguments()).containsExactly("a;", ";", ";b");
    }

    @Test
    void quotesMayBeginInsideAWord() {
        assertThat(only("sh -c foo'bar baz'\"x\" \"\" ''").arguments())
                .containsExactly("-c", "foobar bazx", "", "");
    }

    @Test
    void escapesAreThoseOfC() {
        assertThat(only("echo a\\x20b \"\\t\\\"\" '\\'' \\s\\\\ \\101 \\u20ac \\U0001f600 \\xe2\\x82\\xac").arguments())
                .containsExactly("a b", "\t\"", "'", " \\", "A", "€", "\ud83d\ude00", "€");
    }

    @Test
    void unknownEscapesStayAsTheyAre() {
        assertThat(only("echo \\q \\x0 \\x00 \\ud800 \\9 'a\\.b' end\\").arguments())
                .containsExactly("\\q", "\\x0", "\\x00", "\\ud800", "\\9", "a\\.b", "end\\");
    }

    @Test
    void variablesOfTheirOwnWordSplitAndOthersDoNot() {
        var variables = ImmutableMap.of("ONE", "one", "TWO", "two two");

        assertThat(arguments("echo $ONE $TWO ${TWO}", variables)).containsExactly("one", "two", "two", "two two");
    }

    @Test
    void quotesInSplitVariablesHoldTogether() {
        var variables = Environment.ofAssignments("ONE='one' \"TWO='two two' too\" THREE=", UnaryOperator.identity())
                .variables();

        assertThat(arguments("/bin/echo ${ONE} ${TWO} ${THREE}", variables))
                .containsExactly("one", "'two two' too", "");
        assertThat(arguments("/bin/echo $ONE $TWO $THREE", variables)).containsExactly("one", "two two", "too");
    }

    @ParameterizedTest
    @CsvSource({
        "a${X}b${X}c, axbxc",
        "a$X, a$X",
        "$$X, $X",
        "a$$$$b, a$$b",
        "${X, ${X",
        "$${X}, ${X}",
        "a$, a$",
        "${NOPE}, ''"
    })
    void variablesWithinWordsNeedBraces(String word, String expanded) {
        assertThat(arguments("echo " + word, ImmutableMap.of("X", "x"))).containsExactly(expanded);
    }

    @Test
    void aVariableThatIsNotSetIsNoWord() {
        assertThat(arguments("echo a $NOPE $ b", NONE)).containsExactly("a", "b");
    }

    @Test
    void theColonTurnsVariablesOff() {
        assertThat(arguments(":echo $X ${X} $$", ImmutableMap.of("X", "x"))).containsExactly("$X", "${X}", "$$");
    }

    @Test
    void specifiersAreExpandedBeforeVariablesAndNeverSplitAWord() {
        assertThat(only("echo %i").expandedArguments(word -> word.replace("%i", "${X} y"), ImmutableMap.of("X", "1 2")))
                .containsExactly("1 2 y");
    }
}
