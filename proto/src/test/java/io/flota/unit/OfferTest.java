package io.flota.unit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSortedMap;
import com.google.protobuf.ByteString;
import io.flota.unit.HealthCheck.Exec;
import io.flota.unit.HealthCheck.Http;
import io.flota.unit.HealthCheck.Tcp;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OfferTest {
    private static final String FILE = "web@.service";

    /// Of a unit with these lines in `[X-Flota]`, the first of them at line 2.
    private static PlacementRules of(String name, String lines) throws UnitFileException {
        var file = UnitFile.parse(FILE, ByteString.copyFromUtf8("[X-Flota]\n" + lines));
        return PlacementRules.of(FILE, new UnitName(name), file);
    }

    private static Offer offer(String lines) throws UnitFileException {
        var rules = of("web@1.service", lines);
        assertThat(rules.warnings()).isEmpty();
        return rules.offer();
    }

    @Test
    void whoSaysNothingOffersNothing() throws UnitFileException {
        assertThat(offer("Global=yes")).isEqualTo(Offer.NONE);
    }

    @Test
    void announcementsHaveAPortOfTheInstanceAndAttributes() throws UnitFileException {
        var offer = offer("Announce=web:808%i weight=10 \"zone=a b\"\nAnnounce=%p-admin:9000\nAnnounceDrain=5s");

        assertThat(offer.announcements()).containsExactly(
                new Announcement("web", 8081, ImmutableSortedMap.of("weight", "10", "zone", "a b")),
                new Announcement("web-admin", 9000, ImmutableSortedMap.of()));
        assertThat(offer.drain()).isEqualTo(Duration.ofSeconds(5));
    }

    @Test
    void whoAnnouncesIsDrainedForAMomentUnlessItsFileSaysOtherwise() throws UnitFileException {
        assertThat(offer("Announce=web:80").drain()).isEqualTo(Offer.DEFAULT_DRAIN);
        assertThat(offer("Announce=web:80\nAnnounceDrain=0").drain()).isZero();
    }

    @Test
    void aCheckAsksForAPathAPortOrACommand() throws UnitFileException {
        assertThat(probe("Announce=web:80\nAnnounce=b:81\nHealthHttp=/up?x=1")).isEqualTo(new Http("http", "", 80, "/up?x=1"));
        assertThat(probe("HealthHttp=:808%i/")).isEqualTo(new Http("http", "", 8081, "/"));
        assertThat(probe("HealthHttp=https://a.b")).isEqualTo(new Http("https", "a.b", 443, "/"));
        assertThat(probe("HealthHttp=http://[::1]:9/x")).isEqualTo(new Http("http", "[::1]", 9, "/x"));
        assertThat(probe("HealthTcp=3306")).isEqualTo(new Tcp("", 3306));
        assertThat(probe("HealthTcp=127.0.0.1:3306")).isEqualTo(new Tcp("127.0.0.1", 3306));
        assertThat(probe("HealthExec=/bin/sh -c 'exit 0'"))
                .isEqualTo(new Exec(ImmutableList.of("/bin/sh", "-c", "exit 0")));
    }

    @Test
    void theTermsOfACheckHaveDefaults() throws UnitFileException {
        var tcp = new Tcp("", 80);
        assertThat(offer("HealthTcp=80").health()).contains(
                new HealthCheck(tcp, Duration.ofSeconds(5), Duration.ofSeconds(3), 3, Duration.ZERO));
        assertThat(offer("HealthTcp=80\nHealthInterval=1\nHealthTimeout=500ms\nHealthRetries=1\nHealthStartPeriod=1min")
                        .health())
                .contains(new HealthCheck(tcp, Duration.ofSeconds(1), Duration.ofMillis(500), 1, Duration.ofMinutes(1)));
    }

    private static HealthCheck.Probe probe(String lines) throws UnitFileException {
        return offer(lines).health().map(HealthCheck::probe).orElseThrow();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            Announce=                     | Announce= has no value. Give it one, or remove the line.
            Announce=web                  | Announce="web" names no port. Write it as SERVICE:PORT, such as web:8080.
            Announce=Web:80               | Announce="Web" is no name of a service. Write up to 63 of a-z, 0-9 and "-", the last not at either end.
            Announce=web:0                | Announce="0" is not a port. Ports are 1 to 65535.
            Announce=web:70000            | Announce="70000" is not a port. Ports are 1 to 65535.
            Announce=web:80x              | Announce="80x" is not a port. Ports are 1 to 65535.
            Announce=web:80 weight        | Announce="weight" is no attribute. Write it as NAME=VALUE, the name of letters, digits and "._-".
            Announce=web:80 a=1 a=2       | Announce="a" is given twice. Remove one of them.
            Announce=web:80 'a=1          | Announce="web:80 'a=1" cannot be read: a quote ' is never closed. Close it, or write \\' for the character itself.
            AnnounceDrain=5s              | AnnounceDrain= has no meaning without Announce=. Add that, or remove the line.
            HealthHttp=/up                | HealthHttp="/up" names no port, and none is announced. Write it as :PORT/PATH.
            HealthHttp=up                 | HealthHttp="up" is no address. Write it as http://HOST:PORT/PATH, :PORT/PATH or /PATH.
            HealthHttp=ftp://a/           | HealthHttp="ftp://a/" is no address. Write it as http://HOST:PORT/PATH, :PORT/PATH or /PATH.
            HealthTcp=http                | HealthTcp="http" is no port. Write it as PORT or HOST:PORT.
            HealthTcp=0                   | HealthTcp="0" is not a port. Ports are 1 to 65535.
            HealthExec=bin/up             | HealthExec="bin/up" cannot be run: "bin/up" is neither an absolute path nor a plain name. Write the whole path, beginning with /.
            HealthExec=-/bin/up           | HealthExec="-/bin/up" has a prefix, which means nothing in a check. Remove it.
            HealthExec=/bin/a ; /bin/b    | HealthExec="/bin/a ; /bin/b" is not one command. Write sh -c '…' for several.
            HealthInterval=5s             | HealthInterval= has no meaning without HealthHttp=, HealthTcp= or HealthExec=. Add one, or remove the line.
            """)
    void whatCannotBeMeantIsRefused(String line, String message) {
        assertThat(problems("web@1.service", line)).containsExactly("web@.service:2: " + message);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            Announce=web:80;Announce=web:81 a=1  | Announce="web" is announced in line 2 already, and a unit has one endpoint for a service. Remove one of them.
            HealthTcp=80;HealthExec=/bin/true    | HealthExec= cannot be used with HealthTcp=: a unit has one check. Remove one of them.
            HealthTcp=80;HealthInterval=1ms      | HealthInterval="1ms" is too short. Write what is between 100ms and 1d.
            HealthTcp=80;HealthTimeout=infinity  | HealthTimeout="infinity" is too long. Write what is between 100ms and 1d.
            HealthTcp=80;HealthRetries=0         | HealthRetries="0" is no number of tries. Write 1 to 1000.
            Announce=web:80;AnnounceDrain=soon   | AnnounceDrain="soon" is not a span of time. Write it as 90, 1min 30s, 500ms or infinity.
            """)
    void whatDoesNotFitTogetherIsRefusedAtItsLine(String lines, String message) {
        assertThat(problems("web@1.service", lines.replace(';', '\n'))).containsExactly("web@.service:3: " + message);
    }

    @Test
    void aTemplateIsReadAsItsFirstInstanceWouldBe() throws UnitFileException {
        assertThat(of("web@.service", "Announce=web:808%i").offer().announcements())
                .containsExactly(new Announcement("web", 8081, ImmutableSortedMap.of()));
        assertThat(problems("web@.service", "Announce=web")).hasSize(1);
        assertThat(problems("web@a.service", "Announce=web:808%i"))
                .containsExactly("web@.service:2: Announce=\"808a\" is not a port. Ports are 1 to 65535.");
    }

    @Test
    void aUnitOfAllMachinesHasNoEndpoint() throws UnitFileException {
        assertThat(problems("web.service", "Announce=web:80\nGlobal=true"))
                .containsExactly("web@.service:2: Announce= cannot be used with Global: of a service one machine would be"
                        + " announced for the unit, and not all. Remove one of them.");
    }

    @Test
    void aContainerHasItsCommandsInside() throws UnitFileException {
        assertThat(problems("web.service", "HealthExec=/bin/true\n[Container]\nImage=x"))
                .containsExactly("web@.service:2: HealthExec= would run outside of the container. Write HealthCmd= in"
                        + " [Container].");
        assertThat(of("web.service", "HealthTcp=80\n[Container]\nImage=x\nHealthInterval=1s").warnings()).isEmpty();
    }

    @Test
    void aSlipOfThePenIsNamed() throws UnitFileException {
        assertThat(of("web.service", "Anounce=web:80").warnings())
                .containsExactly("web@.service:2: Anounce= is not an option of [X-Flota]. Did you mean Announce=?");
        assertThat(of("web.service", "[Service]\nAnnounce=web:80").warnings())
                .containsExactly("web@.service:3: Announce= has no effect in [Service]. Move it to [X-Flota].");
        assertThat(of("web.service", "[Service]\nHealthHttp=:80/").offer().health()).isEqualTo(Optional.empty());
    }

    private static ImmutableList<String> problems(String name, String lines) {
        return catchThrowableOfType(UnitFileException.class, () -> of(name, lines)).problems();
    }
}
