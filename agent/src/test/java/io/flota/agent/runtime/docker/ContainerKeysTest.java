package io.flota.agent.runtime.docker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.common.base.Splitter;
import com.google.common.io.Resources;
import io.flota.agent.runtime.docker.ContainerKeys.Fate;
import io.flota.unit.UnitFileException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ContainerKeysTest {
    @Test
    void everyKeyOfQuadletIsHonouredRefusedOrNamed() throws IOException {
        var text = Resources.toString(
                Resources.getResource(ContainerKeysTest.class, "quadlet-keys.txt"), StandardCharsets.UTF_8);

        assertThat(ContainerKeys.ALL.keySet())
                .containsExactlyInAnyOrderElementsOf(
                        Splitter.onPattern("\\s+").omitEmptyStrings().split(text));
    }

    static Stream<String> honoured() {
        return keys(Fate.Honoured.class);
    }

    @ParameterizedTest
    @MethodSource("honoured")
    void whatIsHonouredHasAnExampleThatChangesWhatIsAskedFor(String key) throws UnitFileException {
        var sample = Sample.ALL.stream().filter(each -> each.key().equals(key)).findFirst().orElseThrow()
                .in(Path.of("/srv"));
        var others = sample.lines().lines().filter(line -> !line.startsWith(key + "=")).toList();

        var read = Settings.read("[Container]\nImage=other\n" + sample.lines() + "\n");

        assertThat(read.ignored()).isEmpty();
        if (key.equals("ReadOnlyTmpfs")) {
            others = Stream.concat(others.stream(), Stream.of("ReadOnlyTmpfs=no")).toList(); // it is the default
        }
        var without = Settings.read("[Container]\nImage=other\n" + String.join("\n", others) + "\n");
        assertThat(read.container()).isNotEqualTo(without.container());
    }

    static Stream<String> refused() {
        return keys(Fate.Refused.class);
    }

    @ParameterizedTest
    @MethodSource("refused")
    void whatIsRefusedSaysWhereAndWhy(String key) {
        var because = ((Fate.Refused) ContainerKeys.ALL.get(key)).because();

        var refusal = catchThrowableOfType(
                UnitFileException.class, () -> Settings.of(key + "=yes"));

        assertThat(refusal.problems())
                .containsExactly("web@1.service:3: " + key + "=yes: " + because + ".");
    }

    static Stream<String> named() {
        return keys(Fate.Named.class);
    }

    @ParameterizedTest
    @MethodSource("named")
    void whatIsNotHonouredIsNamed(String key) throws UnitFileException {
        assertThat(Settings.read("[Container]\nImage=web\n" + key + "=yes\n").ignored()).containsExactly(key + "=");
    }

    /// Run with `-Dcontainers.rewrite=true` to write the tables anew.
    @Test
    void thePageForUsersSaysOfEachKeyWhatBecomesOfIt() throws IOException {
        var page = Path.of("CONTAINERS.md");
        var text = Files.readString(page);
        var tables = tables();
        if (Boolean.getBoolean("containers.rewrite")) {
            int from = text.indexOf("<!-- keys -->");
            int to = text.indexOf("<!-- end of keys -->");
            Files.writeString(page, text.substring(0, from) + "<!-- keys -->\n" + tables + text.substring(to));
        }

        assertThat(Files.readString(page)).contains("<!-- keys -->\n" + tables + "<!-- end of keys -->");
    }

    private static String tables() {
        return table("Honoured", "becomes", Fate.Honoured.class, fate -> ((Fate.Honoured) fate).as())
                + table("Refused: the unit is not loaded", "because", Fate.Refused.class, fate ->
                        because((Fate.Refused) fate))
                + table("Named in the unit's status, and left out", "because", Fate.Named.class, fate ->
                        ((Fate.Named) fate).because());
    }

    private static String because(Fate.Refused refused) {
        return refused.because()
                + (refused.harmless().isEmpty() ? "" : " (but for `" + String.join("`, `", refused.harmless()) + "`)");
    }

    private static String table(String title, String column, Class<? extends Fate> kind, Function<Fate, String> words) {
        return "\n### " + title + "\n\n| key | " + column + " |\n|---|---|\n"
                + keys(kind).map(key -> "| `" + key + "` | " + words.apply(ContainerKeys.ALL.get(key)) + " |\n")
                        .collect(Collectors.joining())
                + "\n";
    }

    private static Stream<String> keys(Class<? extends Fate> kind) {
        return ContainerKeys.ALL.entrySet().stream()
                .filter(row -> kind.isInstance(row.getValue()))
                .map(Map.Entry::getKey);
    }
}
