package io.flota.unit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flota.testing.Draw;
import io.flota.testing.Seeds;
import io.flota.unit.Specifiers.Account;
import io.flota.unit.Specifiers.Context;
import io.flota.unit.Specifiers.Folders;
import io.flota.unit.Specifiers.Host;
import io.flota.unit.Specifiers.Os;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SpecifiersTest {
    private static Context context(String name) {
        var os = new Os("debian", "12", "b1", "server", "img", "7");
        var host = new Host("node1.example.org", "0123456789abcdef0123456789abcdef",
                "5c0c5f3e-8a4e-4a5e-9f1e-0123456789ab", "6.1.0-13", "x86-64", os);
        return new Context(new UnitName(name), host, Account.ROOT, Folders.SYSTEM, "/run/flota/units/" + name);
    }

    @ParameterizedTest
    @CsvSource({
        "%n, my-web@var-log\\x2d1.service",
        "%N, my-web@var-log\\x2d1",
        "%p, my-web",
        "%P, my/web",
        "%i, var-log\\x2d1",
        "%I, var/log-1",
        "%f, /var/log-1",
        "%j, web",
        "%J, web",
        "%y, /run/flota/units/my-web@var-log\\x2d1.service",
        "%Y, /run/flota/units",
        "%H, node1.example.org",
        "%l, node1",
        "%m, 0123456789abcdef0123456789abcdef",
        "%b, 5c0c5f3e8a4e4a5e9f1e0123456789ab",
        "%v, 6.1.0-13",
        "%a, x86-64",
        "%o-%w-%B-%W-%M-%A, debian-12-b1-server-img-7",
        "%u:%U:%g:%G:%h:%s, root:0:root:0:/root:/bin/sh",
        "%t %S %C %L %E %T %V, /run /var/lib /var/cache /var/log /etc /tmp /var/tmp",
        "%%n, %n",
        "100%, 100%",
        "50% off, 50% off",
        "%{http_code}, %{http_code}",
        "%%%n%, %my-web@var-log\\x2d1.service%"
    })
    void specifiersMeanWhatSystemdSays(String value, String expanded) {
        assertThat(Specifiers.expand(context("my-web@var-log\\x2d1.service"), value)).isEqualTo(expanded);
    }

    @Test
    void thePathOfAPlainUnitIsItsPrefix() {
        assertThat(Specifiers.expand(context("var-log.service"), "%f %i%I")).isEqualTo("/var/log ");
    }

    @ParameterizedTest
    @CsvSource({"%F", "%1", "a%Zb"})
    void aSpecifierThatDoesNotExistIsRefused(String value) {
        assertThatThrownBy(() -> Specifiers.expand(context("a.service"), value))
                .hasMessageContaining("\"" + value + "\" is no specifier that has a meaning here. Write %%");
    }

    @Test
    void placementKnowsFourSpecifiersAndNoEscape() {
        var name = new UnitName("a@b.service");

        assertThat(Specifiers.expandInPlacement(name, "%n %N %p %i %m %%")).isEqualTo("a@b.service a@b a b %m %%");
    }

    @Test
    void whatHasNoPercentSignStaysAndDoubledOnesComeBack() {
        Seeds.check(2_000, random -> {
            String text = Draw.text(random, 30, "ab%ni H{$");
            var context = context(Draw.unitName(random).replace("\\", "_"));

            assertThat(Specifiers.expand(context, text.replace("%", "%%"))).isEqualTo(text);
            assertThat(Specifiers.expand(context, text.replace("%", ""))).isEqualTo(text.replace("%", ""));
        });
    }
}
