package io.flota.unit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.common.collect.ImmutableList;
import com.google.protobuf.ByteString;
import io.flota.unit.RenderRules.OnRender;
import io.flota.unit.RenderRules.RenderedFile;
import io.flota.unit.RenderRules.Template;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RenderRulesTest {
    private static final String FILE = "lb@.service";
    private static final String RELOADS = "[Service]\nExecReload=/bin/true\n";

    /// Of the unit `lb@1.service` with these lines, after two that say how it is reloaded.
    private static RenderRules rules(String lines) throws UnitFileException {
        return RenderRules.of(
                FILE, new UnitName("lb@1.service"), UnitFile.parse(FILE, ByteString.copyFromUtf8(RELOADS + lines)));
    }

    private static ImmutableList<String> problems(String lines) {
        return ImmutableList.copyOf(catchThrowableOfType(UnitFileException.class, () -> rules(lines)).problems());
    }

    @Test
    void aUnitWithoutRenderRendersNothing() throws UnitFileException {
        assertThat(rules("[X-Flota]\nExclusive=true")).isEqualTo(RenderRules.NONE);
    }

    @Test
    void specifiersStandForWhatTheyAreOnTheMachine() throws UnitFileException {
        var host = new Specifiers.Host("node", "f".repeat(32), "b", "k", "x86-64", Specifiers.Os.UNKNOWN);
        var context = new Specifiers.Context(
                new UnitName("lb@1.service"), host, Specifiers.Account.ROOT, Specifiers.Folders.SYSTEM, "");
        var file = UnitFile.parse(FILE, ByteString.copyFromUtf8(RELOADS + """
                [X-Flota]
                Render=/etc/%H.tmpl:%t/lb-%m/%i.cfg
                RenderCheck=/bin/check -x 100%% {file}
                """));

        var rules = RenderRules.of(FILE, context, file);

        assertThat(rules.files()).containsExactly(new RenderedFile(
                new Template.OnMachine("/etc/node.tmpl"), "/run/lb-" + "f".repeat(32) + "/1.cfg"));
        assertThat(rules.check().orElseThrow().arguments()).containsExactly("-x", "100%", "{file}");
    }

    @Test
    void everyOptionIsRead() throws UnitFileException {
        var rules = rules("""
                [X-Flota]
                Render=/etc/flota/%p.tmpl:/run/%i/a.cfg
                Render=/b:/run/b
                OnRender=signal:sigusr1
                RenderCheck=/usr/sbin/haproxy -c -f {file} "a b" %n
                RenderSocket=/run/%i/admin.sock
                """);

        assertThat(rules.files()).containsExactly(
                new RenderedFile(new Template.OnMachine("/etc/flota/lb.tmpl"), "/run/1/a.cfg"),
                new RenderedFile(new Template.OnMachine("/b"), "/run/b"));
        assertThat(rules.onRender()).isEqualTo(new OnRender.Signal("USR1"));
        assertThat(rules.check().orElseThrow().executable()).isEqualTo("/usr/sbin/haproxy");
        assertThat(rules.check().orElseThrow().arguments()).containsExactly("-c", "-f", "{file}", "a b", "lb@1.service");
        assertThat(rules.socket()).contains("/run/1/admin.sock");
    }

    @Test
    void aTemplateMayStandInTheUnitFile() throws UnitFileException {
        var rules = rules("""
                [X-Flota]
                Render=web.conf:/etc/nginx/%i.conf

                [X-Flota-Template web.conf]
                Line=upstream web {
                # no line of it
                Line=|    server %i;
                Line=
                Line=}
                """);

        assertThat(rules.onRender()).isEqualTo(new OnRender.Reload());
        assertThat(rules.files()).singleElement().isEqualTo(new RenderedFile(
                new Template.InUnit(
                        "web.conf", ImmutableList.of("upstream web {", "    server %i;", "", "}"),
                        ImmutableList.of(7, 9, 10, 11)),
                "/etc/nginx/1.conf"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            Render=/a                     | lb@.service:4: Render="/a" is not TEMPLATE:DESTINATION.
            Render=/a:b                   | lb@.service:4: Render="b" is no absolute path of a file.
            Render=/a:/b/                 | lb@.service:4: Render="/b/" is no absolute path of a file.
            Render=a:/b                   | lb@.service:4: Render="a" is neither an absolute path nor a template of this
            Render=/a:/b~Render=/c:/b     | lb@.service:5: Render="/c:/b" renders a file that another line renders
            Render=/a:/b~OnRender=signal:X| lb@.service:5: OnRender="signal:X" is not one of reload, restart, none and
            Render=/a:/b~RenderCheck=true | lb@.service:5: RenderCheck= does not name the new file, which it is to check.
            Render=/a:/b~RenderCheck=x {file2}| lb@.service:5: RenderCheck={file2} stands for no file: there are 1
            Render=/a:/b~RenderCheck=x {file} ; y| lb@.service:5: RenderCheck="x {file} ; y" is not one command.
            Render=/a:/b~RenderSocket=x   | lb@.service:5: RenderSocket="x" is no absolute path of a file.
            Render=/a:/b~OnRender=none~RenderSocket=/x | lb@.service:6: RenderSocket= has no meaning with OnRender=none
            OnRender=reload               | lb@.service:4: OnRender= has no meaning without Render=.
            Render=/a:/b~[X-Flota-Template x]~Line=y| lb@.service:6: [X-Flota-Template x] is rendered nowhere.
            Render=x:/b~[X-Flota-Template x]~Line=y~line=z | lb@.service:7: line= has no meaning in [X-Flota-Template x].
            Render=/a:/b~[Container]~Image=x | lb@.service:4: Render= would have a container reloaded, which has no
            """)
    void whatIsWrongIsSaidWithItsLine(String lines, String problem) {
        assertThat(problems("[X-Flota]\n" + lines.replace('~', '\n'))).singleElement().asString().startsWith(problem);
    }

    @Test
    void aUnitThatDoesNotSayHowItIsReloadedIsRefused() {
        var file = ByteString.copyFromUtf8("[X-Flota]\nRender=/a:/b\n");

        var refusal = catchThrowableOfType(UnitFileException.class, () ->
                RenderRules.of(FILE, new UnitName("lb@.service"), UnitFile.parse(FILE, file)));

        assertThat(refusal.problems()).containsExactly("lb@.service:2: Render= would have a unit reloaded that does not say"
                + " how. Add ExecReload= to [Service], or OnRender=restart, signal:HUP or none.");
    }

    @Test
    void placementKnowsTheOptionsAndLeavesTheirValuesAlone() throws UnitFileException {
        var text = """
                [X-Flota]
                Render=x:/b
                OnRender=none
                RenderCheck=/bin/sh -c "grep {file}"
                [X-Flota-Template x]
                Line=Conflicts "x
                """;
        var file = UnitFile.parse(FILE, ByteString.copyFromUtf8(text));

        assertThat(PlacementRules.of(FILE, new UnitName("lb@1.service"), file).warnings()).isEmpty();
    }
}
