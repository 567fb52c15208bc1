package io.flota.unit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flota.testing.Draw;
import io.flota.testing.Seeds;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class UnitNameTest {
    @ParameterizedTest
    @CsvSource(quoteCharacter = '`', delimiter = '|', emptyValue = "", textBlock = """
            ``              | unit name cannot be empty
            web             | unit name must contain "."
            web.            | unit name cannot end in "."
            web.conf        | invalid unit type: "conf"
            web@1.mount     | invalid unit type for template: "mount"
            we b.service    | invalid character ' ' in unit name
            wéb.service     | invalid character 'é' in unit name
            @1.service      | unit name cannot start in "@"
            """)
    void whatIsNoNameIsRefusedInFleetsWords(String name, String message) {
        assertThat(UnitName.problem(name)).contains(message);
        assertThatThrownBy(() -> new UnitName(name)).hasMessage(message);
    }

    @Test
    void aNameHasAtMost256Bytes() {
        assertThat(UnitName.problem("x".repeat(248) + ".service")).isEmpty();
        assertThat(UnitName.problem("x".repeat(249) + ".service")).contains("unit name exceeds maximum length (256)");
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "a.automount", "a.busname", "a.device", "a.mount", "a.path", "a.scope", "a.service", "a.slice", "a.snapshot",
        "a.socket", "a.swap", "a.target", "a.timer", "a@.path", "a@.service", "a@.socket", "a@.target", "a@.timer"
    })
    void everyTypeOfFleetIsKnown(String name) {
        assertThat(UnitName.problem(name)).isEmpty();
    }

    @Test
    void theFirstAtStartsTheInstance() {
        var name = new UnitName("a@b@c.service");

        assertThat(name.prefix()).isEqualTo("a");
        assertThat(name.instance()).isEqualTo("b@c");
        assertThat(name.stem()).isEqualTo("a@b@c");
        assertThat(name.type()).isEqualTo("service");
        assertThat(name.template()).contains(new UnitName("a@.service"));
        assertThat(name.isInstance()).isTrue();
        assertThat(name.isTemplate()).isFalse();
    }

    @Test
    void templatesAndPlainUnitsHaveNoInstance() {
        assertThat(new UnitName("a@.service").isTemplate()).isTrue();
        assertThat(new UnitName("a@.service").template()).isEmpty();
        assertThat(new UnitName("a.b.service").instance()).isEmpty();
        assertThat(new UnitName("a.b.service").prefix()).isEqualTo("a.b");
        assertThat(new UnitName("a.b.service").isTemplate()).isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "apache@3, apache@3.service",
        "apache@3.service, apache@3.service",
        "units/apache@.service, apache@.service",
        "./a, a.service",
        "a.target, a.target",
        "a.b, a.b.service",
        "web.container, web.service",
        "units/web@3.container, web@3.service",
        "service, service.service"
    })
    void operatorsMayLeaveOutFolderAndType(String argument, String name) {
        assertThat(UnitName.ofArgument(argument)).hasToString(name);
    }

    @Test
    void anArgumentWithoutANameIsRefused() {
        assertThatThrownBy(() -> UnitName.ofArgument("")).hasMessage("unit name cannot be empty");
        assertThatThrownBy(() -> UnitName.ofArgument("units/")).hasMessage("unit name cannot be empty");
    }

    @ParameterizedTest
    @CsvSource(quoteCharacter = '`', textBlock = """
            a-b, a/b
            a\\x2db, a-b
            \\xc3\\xa9, é
            ab, ab
            """)
    void escapedPartsAreUnescaped(String part, String text) {
        assertThat(UnitName.unescape(part)).isEqualTo(text);
    }

    @ParameterizedTest
    @CsvSource({"var-log, /var/log", "-, /"})
    void escapedPathsAreAbsolute(String part, String path) {
        assertThat(UnitName.unescapePath(part)).isEqualTo(path);
    }

    @ParameterizedTest
    @ValueSource(strings = {"a\\", "a\\x", "a\\x2", "a\\xzz", "a\\n"})
    void whatIsNotEscapedAsSystemdDoesIsRefused(String part) {
        assertThatThrownBy(() -> UnitName.unescape(part)).hasMessageContaining("is not escaped");
    }

    @Test
    void everyLegalNameIsMadeOfItsParts() {
        Seeds.check(2_000, random -> {
            var name = new UnitName(Draw.unitName(random));

            boolean at = name.isInstance() || name.isTemplate();
            assertThat(name.prefix() + (at ? "@" : "") + name.instance() + "." + name.type()).isEqualTo(name.full());
            assertThat(UnitName.ofArgument(name.full())).isEqualTo(name);
            assertThat(name.isInstance() && name.isTemplate()).isFalse();
        });
    }

    @Test
    void everyMalformedNameIsRefused() {
        Seeds.check(2_000, random -> {
            String name = Draw.malformedUnitName(random);

            assertThat(UnitName.problem(name)).as(name).isPresent();
        });
    }
}
