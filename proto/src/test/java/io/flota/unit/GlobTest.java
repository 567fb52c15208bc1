package io.flota.unit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flota.testing.Draw;
import io.flota.testing.Seeds;
import java.util.Random;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GlobTest {
    /// The grammar of Go's documentation, written down once more.
    private static final Pattern WELL_FORMED = Pattern.compile(
            "(?s)(\\*|\\?|\\\\.|[^*?\\[\\\\]|\\[\\^?+((\\\\.|[^\\\\\\]-])(-(\\\\.|[^\\\\\\]-]))?)+])*+");

    @ParameterizedTest
    @CsvSource(quoteCharacter = '`', textBlock = """
            web@*.service, web@1.service, true
            web@*.service, web@.service, true
            web@*.service, web@1.timer, false
            web@?.service, web@1.service, true
            web@?.service, web@12.service, false
            web@[0-3].service, web@2.service, true
            web@[0-3].service, web@4.service, false
            web@[^0-3].service, web@4.service, true
            web@[^0-3].service, web@2.service, false
            web@[13a-c].service, web@b.service, true
            [z-a], b, false
            *, anything.at-all, true
            *, a/b, false
            a?b, a/b, false
            a[^x]b, a/b, true
            a*/b, a/b, true
            a*b*c, abbc, true
            a*b*c, acb, false
            *.service, .service.service, true
            a\\*b, a*b, true
            a\\*b, axb, false
            a\\x2db, ax2db, true
            [\\]], ], true
            [\\-], -, true
            [[], [, true
            [^], never, malformed
            ?, é, true
            ?, 😀, true
            [à-ü], é, true
            a, ab, false
            ab, a, false
            ``, ``, true
            ``, a, false
            a]b, a]b, true
            """)
    void globsMatchAsGoDoes(String pattern, String name, String outcome) {
        if (outcome.equals("malformed")) {
            assertThatThrownBy(() -> new Glob(pattern)).hasMessageContaining("is not a pattern");
        } else {
            assertThat(new Glob(pattern).matches(name)).hasToString(outcome);
        }
    }

    @ParameterizedTest
    @CsvSource(quoteCharacter = '`', delimiter = '|', textBlock = """
            apache@[  | "apache@[" is not a pattern: "[" is never closed. Try "apache@*"
            a[b       | "a[b" is not a pattern: "[" is never closed. Try "a*"
            a[b\\]    | "a[b\\]" is not a pattern: "[" is never closed. Try "a*"
            a[]       | "a[]" is not a pattern: "]" stands where a character of "[...]" has to. Try "a*"
            a[b-]     | "a[b-]" is not a pattern: "]" stands where a character of "[...]" has to. Try "a*"
            *a\\      | "*a\\" is not a pattern: nothing follows the last "\\". Try "*a*"
            """)
    void aMalformedPatternIsRefusedWithItsReason(String pattern, String message) {
        assertThatThrownBy(() -> new Glob(pattern)).isInstanceOf(IllegalArgumentException.class).hasMessage(message);
    }

    @Test
    void indexesLearnWhatIsCertainOfEveryMatch() {
        assertThat(new Glob("web@1.service").literal()).contains("web@1.service");
        assertThat(new Glob("web\\*").literal()).contains("web*");
        assertThat(new Glob("web@*.service").literal()).isEmpty();
        assertThat(new Glob("web@*.service").literalPrefix()).isEqualTo("web@");
        assertThat(new Glob("*").literalPrefix()).isEmpty();
    }

    @Test
    void globsAgreeWithANaiveMatcher() {
        Seeds.check(20_000, random -> {
            String pattern = Draw.text(random, 9, () -> piece(random));
            String name = Draw.text(random, 8, "aabbc-]^[*");
            boolean wellFormed = WELL_FORMED.matcher(pattern).matches();

            if (wellFormed) {
                var glob = new Glob(pattern);
                assertThat(glob.matches(name)).as("%s on %s", pattern, name).isEqualTo(naive(pattern, name));
                assertThat(!glob.matches(name) || name.startsWith(glob.literalPrefix())).isTrue();
            } else {
                assertThatThrownBy(() -> new Glob(pattern)).as(pattern).isInstanceOf(IllegalArgumentException.class);
            }
        });
    }

    @Test
    void whatAPatternWasMadeFromIsMatched() {
        Seeds.check(5_000, random -> {
            String name = Draw.unitName(random);
            var pattern = new StringBuilder();
            for (int at = 0; at < name.length(); at++) {
                char c = name.charAt(at);
                switch (random.nextInt(5)) {
                    case 0 -> {
                        pattern.append('*');
                        at += random.nextInt(4) - 1; // what the star stands for
                    }
                    case 1 -> pattern.append('?');
                    case 2 -> pattern.append("[\\").append(c).append(']');
                    default -> pattern.append('\\').append(c);
                }
            }

            assertThat(new Glob(pattern.toString()).matches(name)).as("%s on %s", pattern, name).isTrue();
        });
    }

    @Test
    void manyStarsDoNotExplode() {
        assertThat(new Glob("*a".repeat(100) + "b").matches("a".repeat(250))).isFalse();
    }

    private static String piece(Random random) {
        return random.nextInt(4) == 0
                ? Draw.oneOf(random, "[ab]", "[^a]", "[a-c]", "[c-a]", "[^]", "[]",
                        "[\\]]", "[a-]", "\\", "[", "]", "^")
                : Draw.oneOf(random, "*", "?", "a", "b", "-", "\\*", "\\a");
    }

    /// Tries every way to match a well-formed pattern.
    private static boolean naive(String pattern, String name) {
        if (pattern.isEmpty()) {
            return name.isEmpty();
        }
        char first = pattern.charAt(0);
        if (first == '*') {
            return naive(pattern.substring(1), name) || !name.isEmpty() && naive(pattern, name.substring(1));
        }
        if (name.isEmpty()) {
            return false;
        }
        if (first == '[') {
            boolean negated = pattern.charAt(1) == '^';
            boolean found = false;
            int at = negated ? 2 : 1;
            while (pattern.charAt(at) != ']') {
                at += pattern.charAt(at) == '\\' ? 1 : 0;
                char low = pattern.charAt(at++);
                char high = low;
                if (pattern.charAt(at) == '-') {
                    at += pattern.charAt(at + 1) == '\\' ? 2 : 1;
                    high = pattern.charAt(at++);
                }
                found |= low <= name.charAt(0) && name.charAt(0) <= high;
            }
            return found != negated && naive(pattern.substring(at + 1), name.substring(1));
        }
        int skip = first == '\\' ? 1 : 0;
        return (first == '?' || pattern.charAt(skip) == name.charAt(0))
                && naive(pattern.substring(skip + 1), name.substring(1));
    }
}
