package io.flota.unit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.ByteString;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class UnitFileTest {
    private static UnitFile parse(String text) throws UnitFileException {
        return UnitFile.parse("a.service", ByteString.copyFromUtf8(text));
    }

    private static UnitFileException refusal(ByteString bytes) {
        return catchThrowableOfType(UnitFileException.class, () -> UnitFile.parse("a.service", bytes));
    }

    private static UnitFileException refusal(String text) {
        return refusal(ByteString.copyFromUtf8(text));
    }

    @Test
    void settingsComeInOrderWithSectionAndLine() throws UnitFileException {
        var file = parse("""
                # what this is
                [Unit]
                Description = A page = good

                [Service]
                  ; indented comment
                ExecStart=/bin/true
                [Unit]
                Wants=
                """);

        assertThat(file.settings())
                .containsExactly(
                        new UnitFile.Setting("Unit", "Description", "A page = good", 3),
                        new UnitFile.Setting("Service", "ExecStart", "/bin/true", 7),
                        new UnitFile.Setting("Unit", "Wants", "", 9));
    }

    @Test
    void repeatedKeysAreAllKeptAndTheLastCounts() throws UnitFileException {
        var file = parse("[Service]\nA=1\nA=2\n");

        assertThat(file.all("Service", "A")).extracting(UnitFile.Setting::value).containsExactly("1", "2");
        assertThat(file.last("Service", "A")).contains("2");
        assertThat(file.last("Service", "B")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(textBlock = """
            'K=a \\\n  b',                 'a    b'
            'K=a\\\r\n b\r\n',             'a  b'
            'K=a \\\n# not this\n;nor this\n b', 'a   b'
            'K=a \\\n\nJ=x',               'a'
            'K=a \\',                      'a'
            'K=a\\\\\nJ=x',                'a\\\\'
            'K=a\\ \nJ=x',                 'a\\'
            """)
    void aLineThatEndsInABackslashGoesOn(String lines, String value) throws UnitFileException {
        assertThat(parse("[S]\n" + lines).last("S", "K")).contains(value);
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "", "\n\n", "# only a comment", "[Unit]", "\ufeff[Unit]\nA=1",
        "[Unit]\r\nA=1\r\n", "[U]\rA=1"
    })
    void smallFilesAreUnits(String text) throws UnitFileException {
        assertThat(parse(text).bytes().toStringUtf8()).isEqualTo(text);
    }

    @Test
    void theHashIsSha256OfTheBytes() throws UnitFileException {
        assertThat(parse("").hash()).isEqualTo("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            A=1                 | a.service:1: "A=1" is before the first section.
            hello               | a.service:1: "hello" is no setting: it has no "=".
            [S]\\n  =1          | a.service:2: "=1" has nothing before its "=".
            [S]\\nA=1\\nword    | a.service:3: "word" is no setting
            [S]\\n  -e A=1      | a.service:2: "-e A" is no name of a setting.
            [S                  | a.service:1: the section name "[S" is never closed.
            [S] x               | a.service:1: " x" is after the section name.
            []                  | a.service:1: a section without a name.
            [ S]                | a.service:1: the section name " S" begins or ends with a blank. Write [S].
            [a"b]               | a.service:1: the section name "a"b" has a character
            [S]\\nA=\\0         | a.service:2: a NUL byte.
            #x \\\\\\nA=1       | a.service:2: the comment in line 1 ends in a backslash
            """)
    void whatIsWrongIsSaidWithItsLine(String text, String message) {
        assertThat(refusal(text.translateEscapes()).problems()).singleElement().asString().startsWith(message);
    }

    @Test
    void aLineBelowAnOpenCommentThatSaysNothingIsIgnored() throws UnitFileException {
        assertThat(parse("[S]\n#run \\\n  --fast \\\n  -e B=1 \\\n  now\nA=1").settings()).hasSize(1);
    }

    @Test
    void allProblemsAreReportedAtOnce() {
        assertThat(refusal("[S\nfoo\n[T]\nbar\n").problems())
                .extracting(problem -> problem.substring(0, 12))
                .containsExactly("a.service:1:", "a.service:2:", "a.service:4:");
    }

    @Test
    void aFileThatIsNoUnitFileDoesNotFloodTheTerminal() {
        assertThat(refusal("junk\n".repeat(10_000)).problems()).hasSize(51).last().asString().contains("9950 more");
    }

    @Test
    void bytesThatAreNotUtf8AreRefused() {
        assertThat(refusal(ByteString.fromHex("5b535d0a413dff")).problems())
                .containsExactly("a.service:2: not valid UTF-8. Save the file in UTF-8.");
    }

    @Test
    void longLinesAreReadUpToSystemdsLimit() throws UnitFileException {
        int longest = (1 << 20) - 1;

        assertThat(parse("[S]\nA=" + "x".repeat(longest - 2)).last("S", "A").orElseThrow()).hasSize(longest - 2);
        assertThatThrownBy(() -> parse("[S]\nA=" + "x".repeat(longest - 1))).hasMessageContaining(":2: line too long");
        assertThatThrownBy(() -> parse("[S]\nA=" + "xxxx\\\n".repeat(230_000)))
                .hasMessageContaining(":2: line too long");
    }

    @Test
    void aFileThatTheClusterCannotStoreIsRefused() {
        assertThat(refusal("#\n".repeat(800_000)).problems()).singleElement().asString().contains("1600000 bytes");
    }

    @Test
    void theCanonicalFormIsFleets() throws UnitFileException {
        var file = parse("# c\n[B]\n a =  1 2\n\n[A]\nx=\\\n y\n[B]\nb=\\ \n");

        assertThat(file.canonical()).isEqualTo("[B]\na=1 2\nb=\\ \n\n[A]\nx=y\n");
    }
}
