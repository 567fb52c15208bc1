package io.flota.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// What `unitctl/FLEET.md` says of the pains that fleet's users had: the tests that it names are there.
class PainsTest {
    private static final Path ROOT = Path.of("..");
    private static final Pattern ROW = Pattern.compile("\\| (\\d+) \\| .*");
    private static final Pattern NAME = Pattern.compile("`(\\w+)\\.(\\w+)`");

    @Test
    void eachOfTheTwentyNamesItsTestsOrSaysNotYet() throws IOException {
        var rows = rows();

        assertThat(rows.stream().map(row -> Integer.parseInt(row.split("\\|")[1].strip())))
                .isEqualTo(IntStream.rangeClosed(1, 20).boxed().toList());
        assertThat(rows).allMatch(row -> NAME.matcher(row).find() || row.contains("not yet"));
    }

    @Test
    void eachTestThatIsNamedIsThere() throws IOException {
        for (String row : rows()) {
            var names = NAME.matcher(row);
            while (names.find()) {
                assertThat(source(names.group(1)))
                        .as("%s of the row %s", names.group(), row)
                        .containsPattern(
                                "@(Test|ParameterizedTest|RepeatedTest)\\b[^;{}]*\\bvoid " + names.group(2) + "\\(");
            }
        }
    }

    private static List<String> rows() throws IOException {
        String page = Files.readString(ROOT.resolve("unitctl/FLEET.md"));
        return page.substring(page.indexOf("## What made people leave fleet"))
                .lines()
                .filter(line -> ROW.matcher(line).matches())
                .toList();
    }

    private static String source(String name) throws IOException {
        for (String module : List.of("proto", "agent", "scheduler", "unitctl", "examples")) {
            try (Stream<Path> files = Files.walk(ROOT.resolve(module).resolve("src/test/java"))) {
                var found = files.filter(file -> file.endsWith(name + ".java")).findFirst();
                if (found.isPresent()) {
                    return Files.readString(found.get());
                }
            }
        }
        return "";
    }
}
