package io.flota.unitctl;

import static org.assertj.core.api.Assertions.assertThat;

import io.flota.unitctl.command.Surroundings;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Asks a real bash what it would offer.
class CompletionTest {
    private static final String ASK = """
            unitctl() { echo web@1.service; echo web@2.service; }
            words=($LINE)
            [[ $LINE == *" " ]] && words+=("")
            COMP_WORDS=("${words[@]}") COMP_CWORD=$((${#words[@]} - 1))
            _unitctl
            echo "${COMPREPLY[*]}"
            """;

    @ParameterizedTest(name = "\"{0}\" offers {1}")
    @CsvSource(textBlock = """
            'unitctl sta',                       start status
            'unitctl --endpoint a:1 des',        destroy
            'unitctl stop web@2',                web@2.service
            'unitctl stop ',                     web@1.service web@2.service
            'unitctl list-units --no',           --no-legend
            'unitctl start --re',                --replace --request-timeout
            'unitctl scale we',                  web@
            'unitctl restart --ro',              --rolling
            'unitctl list-endpoints web@1',      web@1.service
            'unitctl help ver',                  verify version
            'unitctl completion ',               bash zsh
            'unitctl local p',                   pause
            'unitctl ca is',                     issue
            """)
    void bashOffersCommandsFlagsAndUnits(String line, String offered) throws Exception {
        assertThat(bash(script() + "LINE='" + line + "'\n" + ASK)).isEqualTo(offered + "\n");
    }

    private static String script() {
        var out = new ByteArrayOutputStream();
        var stream = new PrintStream(out, true, StandardCharsets.UTF_8);
        var surroundings = new Surroundings(
                stream, stream, Map.of(), Path.of(""), InstantSource.system(), () -> ZoneOffset.UTC, false, false);
        assertThat(Unitctl.run(surroundings, "completion", "bash")).isZero();
        return out.toString(StandardCharsets.UTF_8);
    }

    private static String bash(String script) throws IOException, InterruptedException {
        var process = new ProcessBuilder("bash", "-c", script).redirectErrorStream(true).start();
        try {
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor()).as(said).isZero();
            return said;
        } finally {
            process.destroyForcibly();
        }
    }
}
