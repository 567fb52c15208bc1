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

    static Stream<String> ofService() {
        return ServiceKeys.REFUSED.keySet().stream();
    }

    @ParameterizedTest
    @MethodSource("ofService")
    void whatWouldHaveToHoldForTheContainerIsRefusedInTheService(String key) throws UnitFileException {
        var refused = ServiceKeys.REFUSED.get(key);
        var harmless = String.join("", refused.harmless().stream().map(value -> key + "=" + value + "\n").toList());

        var refusal = catchThrowableOfType(
                UnitFileException.class, () -> Settings.of("[Service]", key + "=2M"));

        assertThat(refusal.problems()).containsExactly("web@1.service:4: " + key + "=2M: " + refused.because() + ".");
        assertThat(Settings.of("[Service]", harmless)).isEqualTo(Settings.of());
    }

    /// systemd keeps away from a command with `+` what would keep it from the folder of the questions.
    @Test
    void whatConfinesTheServiceIsLeftToIt() throws UnitFileException {
        assertThat(Settings.of("[Service]", "ProtectSystem=strict", "ProtectHome=yes", "PrivateTmp=yes",
                        "WorkingDirectory=/srv", "Environment=PATH=/nowhere", "TasksMax=16").limits().tasks())
                .contains(16L);
        assertThat(catchThrowableOfType(UnitFileException.class, () -> Settings.of("[Service]", "TasksMax=15"))
                        .problems())
                .containsExactly("web@1.service: TasksMax= is 15; the service itself needs 16."
                        + " Use PidsLimit= in [Container] for less.");
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
                        ((Fate.Named) fate).because())
                + table("Refused in `[Service]`", "because", ofService(), key -> because(ServiceKeys.REFUSED.get(key)));
    }

    private static String because(Fate.Refused refused) {
        return refused.because()
                + (refused.harmless().isEmpty() ? "" : " (but for `" + String.join("`, `", refused.harmless()) + "`)");
    }

    private static String table(String title, String column, Class<? extends Fate> kind, Function<Fate, String> words) {
        return table(title, column, keys(kind), key -> words.apply(ContainerKeys.ALL.get(key)));
    }

    private static String table(String title, String column, Stream<String> keys, Function<String, String> words) {
        return "\n### " + title + "\n\n| key | " + column + " |\n|---|---|\n"
                + keys.map(key -> "| `" + key + "` | " + words.apply(key) + " |\n").collect(Collectors.joining())
                + "\n";
    }

    private static Stream<String> keys(Class<? extends Fate> kind) {
        return ContainerKeys.ALL.entrySet().stream()
                .filter(row -> kind.isInstance(row.getValue()))
                .map(Map.Entry::getKey);
    }
}
