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

/// What `unitctl/FLEET.md` says of the pains that fleet's users had, and of what fleet's own tests assert: the tests
/// that it names are there.
class FleetPageTest {
    private static final Path ROOT = Path.of("..");
    private static final Pattern PAIN = Pattern.compile("\\| (\\d+) \\| .*");
    private static final Pattern FLEETS = Pattern.compile("\\| (Test\\w+) \\| .*");
    private static final Pattern NAME = Pattern.compile("`(\\w+)\\.(\\w+)`");
    /// From the annotation of a test to the name of its method; annotations may have braces in quotes.
    private static final String TEST = "@(Test|ParameterizedTest|RepeatedTest)\\b(\"[^\"]*\"|[^;{}\"])*\\bvoid ";
    /// The functional suite of fleet 1.0, and one that was taken out of it.
    private static final List<String> SUITE = List.of(
            "TestClientVersionFlag", "TestClientVersionHelpOutput", "TestClientHelpFlag", "TestFleetctlWithEnv",
            "TestKnownHostsVerification", "TestTunnelScheduleBatchUnits", "TestDynamicClusterNewMemberUnitMigration",
            "TestDynamicClusterMemberReboot", "TestSingleNodeConnectivityLoss", "TestInstallUnit", "TestMachinesList",
            "TestMachinesListBadNextPageToken", "TestMachinesPatchAddModify", "TestMachinesPatchDelete",
            "TestMachinesPatchBad", "TestTemplatesWithSpecifiersInMetadata", "TestNodeShutdown", "TestDetectMachineId",
            "TestScheduleMachineOf", "TestScheduleConflicts", "TestScheduleOneWayConflict",
            "TestScheduleMultipleConflicts", "TestScheduleReplace", "TestScheduleCircularReplace",
            "TestScheduleConditionMachineID", "TestScheduleGlobalUnits", "TestScheduleGlobalConflicts",
            "TestReconfigureServer", "TestShutdown", "TestShutdownVsMonitor", "TestSystemdUnitFlow", "TestUnitRunnable",
            "TestUnitSubmit", "TestUnitLoad", "TestUnitStart", "TestUnitSubmitReplace", "TestUnitLoadReplace",
            "TestUnitStartReplace", "TestUnitRestart", "TestUnitSSHActions", "TestUnitCat", "TestUnitStatus",
            "TestListUnitFilesOrder", "TestReplaceSerialization");

    @Test
    void eachOfTheTwentyPainsNamesItsTestsOrSaysNotYet() throws IOException {
        var rows = rows(PAIN);

        assertThat(rows.stream().map(FleetPageTest::first).toList())
                .isEqualTo(IntStream.rangeClosed(1, 20).mapToObj(Integer::toString).toList());
        assertThat(rows).allMatch(row -> NAME.matcher(row).find() || row.contains("not yet"));
    }

    @Test
    void eachOfFleetsTestsNamesOurs() throws IOException {
        var rows = rows(FLEETS);

        assertThat(rows.stream().map(FleetPageTest::first).toList()).isEqualTo(SUITE);
        assertThat(rows).allMatch(row -> NAME.matcher(row).find());
    }

    @Test
    void eachTestThatIsNamedIsThere() throws IOException {
        for (String row : rows(Pattern.compile(PAIN + "|" + FLEETS))) {
            var names = NAME.matcher(row);
            while (names.find()) {
                assertThat(source(names.group(1)))
                        .as("%s of the row %s", names.group(), row)
                        .containsPattern(TEST + names.group(2) + "\\(");
            }
        }
    }

    private static String first(String row) {
        return row.split("\\|")[1].strip();
    }

    private static List<String> rows(Pattern kind) throws IOException {
        String page = Files.readString(ROOT.resolve("unitctl/FLEET.md"));
        return page.substring(page.indexOf("## What made people leave fleet"))
                .lines()
                .filter(line -> kind.matcher(line).matches())
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
