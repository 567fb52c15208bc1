package io.flota.unit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.common.collect.ImmutableSetMultimap;
import com.google.protobuf.ByteString;
import io.flota.unit.PartitionRules.OnDisconnect;
import io.flota.unit.PartitionRules.OnReconnect;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PlacementRulesTest {
    private static final String FILE = "web@.service";

    /// Rules of the unit `web@1.service` with these lines in `[X-Fleet]`, the first of them at line 2.
    private static PlacementRules rules(String lines) throws UnitFileException {
        return of("web@1.service", "[X-Fleet]\n" + lines);
    }

    private static PlacementRules of(String name, String text) throws UnitFileException {
        var file = UnitFile.parse(FILE, ByteString.copyFromUtf8(text));
        return PlacementRules.of(FILE, new UnitName(name), file);
    }

    private static UnitFileException refusal(String lines) {
        return catchThrowableOfType(UnitFileException.class, () -> rules(lines));
    }

    @Test
    void aFileWithoutOptionsRunsAnywhere() throws UnitFileException {
        var rules = of("a.service", "[Service]\nExecStart=/bin/true\n");

        assertThat(rules.machineId()).isEmpty();
        assertThat(rules.machineOf()).isEmpty();
        assertThat(rules.metadata().isEmpty()).isTrue();
        assertThat(rules.conflicts()).isEmpty();
        assertThat(rules.replaces()).isEmpty();
        assertThat(rules.global()).isFalse();
        assertThat(rules.warnings()).isEmpty();
    }

    @Test
    void everyOptionIsRead() throws UnitFileException {
        assertThat(rules("MachineID=85c0c595").machineId()).contains("85c0c595");
        assertThat(rules("MachineOf=a.service\nMachineOf=b.service").machineOf())
                .containsExactly(new UnitName("a.service"), new UnitName("b.service"));
        assertThat(rules("MachineMetadata=a=1\nMachineMetadata=a=2\nMachineMetadata=b=3").metadata())
                .isEqualTo(ImmutableSetMultimap.of("a", "1", "a", "2", "b", "3"));
        assertThat(rules("Conflicts=a@*.service  b.service\nConflicts=c*").conflicts())
                .extracting(Glob::pattern)
                .containsExactly("a@*.service", "b.service", "c*");
        assertThat(rules("Replaces=a.service\nReplaces=b*").replaces())
                .extracting(Glob::pattern)
                .containsExactly("a.service", "b*");
        assertThat(rules("Global=TRUE").global()).isTrue();
    }

    @Test
    void olderNamesCountToo() throws UnitFileException {
        assertThat(rules("X-ConditionMachineID=85c0c595").machineId()).contains("85c0c595");
        assertThat(rules("X-ConditionMachineBootID=85c0c595").machineId()).contains("85c0c595");
        assertThat(rules("X-ConditionMachineOf=a.service\nMachineOf=b.service").machineOf()).hasSize(2);
        assertThat(rules("X-ConditionMachineMetadata=a=1").metadata().isEmpty()).isFalse();
        assertThat(rules("X-Conflicts=a.service\nConflicts=b.service").conflicts()).hasSize(2);
    }

    @Test
    void ofSeveralMachineIdsTheNewestNameCountsAndTheOthersAreNamed() throws UnitFileException {
        var rules = rules("X-ConditionMachineID=aaaaaaaa\nMachineID=bbbbbbbb\nMachineID=cccccccc");

        assertThat(rules.machineId()).contains("bbbbbbbb");
        assertThat(rules.warnings())
                .containsExactly(
                        "web@.service:2: X-ConditionMachineID=\"aaaaaaaa\" has no effect: the one in line 3 counts.",
                        "web@.service:4: MachineID=\"cccccccc\" has no effect: the one in line 3 counts.");
    }

    @Test
    void ourOwnSectionTakesTheSameOptions() throws UnitFileException {
        assertThat(of("a.service", "[X-Flota]\nGlobal=yes").global()).isTrue();
        assertThat(of("a.service", "[X-Flota]\nWeight=3").warnings())
                .containsExactly("web@.service:2: Weight= is not an option of [X-Flota]. Its options are MachineID,"
                        + " MachineOf, MachineMetadata, Conflicts, Global, Replaces, Exclusive, OnDisconnect,"
                        + " DisconnectGrace, OnReconnect, CPU, Memory, Announce, AnnounceDrain, HealthHttp, HealthTcp,"
                        + " HealthExec, HealthInterval, HealthTimeout, HealthRetries, HealthStartPeriod, Render, OnRender,"
                        + " RenderCheck, RenderSocket, StandbyFor, StandbyHold.");
        assertThat(rules("Weight=3").warnings())
                .containsExactly("web@.service:2: Weight= is not an option of [X-Fleet]. Its options are MachineID,"
                        + " MachineOf, MachineMetadata, Conflicts, Global, Replaces.");
    }

    @Test
    void quotedValuesAreCutAtBlanksOutsideOfQuotes() throws UnitFileException {
        assertThat(rules("MachineMetadata=\"a=1\"  \"b=2 3\" \"c=4\"").metadata())
                .isEqualTo(ImmutableSetMultimap.of("a", "1", "b", "2 3", "c", "4"));
        assertThat(rules("MachineOf=\"a.service\" \"b.service\"").machineOf()).hasSize(2);
        assertThat(rules("Global=\"true\"").global()).isTrue();
        assertThat(rules("MachineMetadata=a=1 2").metadata()).isEqualTo(ImmutableSetMultimap.of("a", "1 2"));
    }

    @Test
    void specifiersAreExpandedInEveryValue() throws UnitFileException {
        var rules = rules("MachineMetadata=n=%n\nMachineMetadata=N=%N\nMachineMetadata=p=%p\nMachineMetadata=i=%i\n"
                + "MachineMetadata=m=%m\nConflicts=%p@*.service\nMachineOf=db@%i.service");

        assertThat(rules.metadata())
                .isEqualTo(ImmutableSetMultimap.of(
                        "n", "web@1.service", "N", "web@1", "p", "web", "i", "1", "m", "%m"));
        assertThat(rules.conflicts()).containsExactly(new Glob("web@*.service"));
        assertThat(rules.machineOf()).containsExactly(new UnitName("db@1.service"));
        assertThat(of("pin@85c0c595.service", "[X-Fleet]\nMachineID=%i").machineId()).contains("85c0c595");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            MachineOf=a.service;Conflicts=a.*   | 2 | unresolvable requirements: peer "a.service" matches conflict "a.*"
            MachineOf=b.service;MachineOf=a.service;Replaces=a.* | 3 | \
            unresolvable requirements: peer "a.service" matches replace "a.*"
            MachineID=85c0c595;MachineOf=a.service | 3 | MachineID cannot be used with Peers
            MachineID=85c0c595;Conflicts=a*     | 3 | MachineID cannot be used with Conflicts
            Global=true;MachineID=85c0c595      | 2 | MachineID cannot be used with Global
            MachineID=85c0c595;Replaces=a*      | 3 | MachineID cannot be used with Replaces
            Global=true;MachineOf=a.service     | 3 | Global cannot be used with Peers
            Global=true;Replaces=a*             | 3 | Global cannot be used with Replaces
            Conflicts=b*;Replaces=a*            | 3 | Conflicts cannot be used with Replaces
            MachineID=85c0c595;MachineOf=a.service;Conflicts=b* | 3 | MachineID cannot be used with Peers
            """)
    void whatFleetRefusedTogetherIsRefusedInItsWords(String lines, int line, String message) {
        assertThat(refusal(lines.replace(';', '\n')).problems())
                .containsExactly("web@.service:" + line + ": " + message);
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "Global=true;MachineMetadata=a=b", "Global=true;Conflicts=a*", "MachineID=85c0c595;MachineMetadata=a=b",
        "MachineOf=a.service;Conflicts=b*", "MachineOf=a.service;MachineMetadata=a=b",
        "Global=false;MachineOf=a.service",
        "Global=true;Global=;Conflicts=a*"
    })
    void whatFleetAllowedTogetherIsAllowed(String lines) throws UnitFileException {
        assertThat(rules(lines.replace(';', '\n'))).isNotNull();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            MachineID=         | MachineID= has no value, which no machine can satisfy.
            MachineID=85C0C595 | MachineID="85C0C595" is not a machine id.
            MachineID=abc      | MachineID="abc" is not a machine id.
            MachineOf=         | MachineOf= has no value
            MachineOf=db@%i    | MachineOf="db@1" is no unit name: its type is missing. Write db@1.service.
            MachineOf=a.b      | MachineOf="a.b" is no unit name: its type is missing. Write a.b.service.
            MachineOf=a!b      | MachineOf="a!b" is no unit name:
            MachineOf=a.service b.service | MachineOf="a.service b.service" has a blank
            MachineOf=db@.service | MachineOf="db@.service" is a template, which never runs.
            MachineOf=web@%i.service | MachineOf="web@1.service" is this unit itself
            MachineMetadata=ssd | MachineMetadata="ssd" is no key=value.
            MachineMetadata==x  | MachineMetadata="=x" is no key=value.
            MachineMetadata=a=  | MachineMetadata="a=" is no key=value.
            MachineMetadata=a=b=c | MachineMetadata="a=b=c" is no key=value.
            MachineMetadata=a=b c=d | MachineMetadata="a=b c=d" is taken as one value. Quote each pair
            MachineMetadata=a = b | MachineMetadata="a = b" has a blank around its "=". Write a=b.
            MachineMetadata="a=b | MachineMetadata=""a=b" has a quote
            MachineMetadata="a=b" c=d" | MachineMetadata=""a=b" c=d"" has a quote
            Conflicts=web@[ | Conflicts="web@[" is not a pattern: "[" is never closed. Try "web@*".
            Replaces="web@\\" | Replaces="web@\\" is not a pattern: nothing follows the last "\\". Try "web@*".
            Replaces=a[-] | Replaces="a[-]" is not a pattern: "-" stands where a character of "[...]" has to. Try "a*".
            Replaces=a* b* | Replaces="a* b*" has a blank
            Global=treu | Global="treu" is neither yes nor no. Write one of them.
            """)
    void whatCanOnlyBeAMistakeIsRefused(String line, String message) {
        assertThat(refusal(line).problems()).singleElement().asString().startsWith("web@.service:2: " + message);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            MachinMetadata=a=b | MachinMetadata= is not an option of [X-Fleet]. Did you mean MachineMetadata=?
            machineof=a        | machineof= is not an option of [X-Fleet]. Did you mean MachineOf=?
            Conflicts=         | Conflicts= has no value and no effect; it does not reset the list.
            MachineMetadata=   | MachineMetadata= has no value and no effect; it does not reset the list.
            Conflicts=nginx    | Conflicts="nginx" matches no unit: unit name must contain ".".
            """)
    void whatFleetAcceptedThoughItHadNoEffectIsAWarning(String line, String message) throws UnitFileException {
        assertThat(rules(line).warnings()).containsExactly("web@.service:2: " + message);
    }

    @Test
    void aSectionThatOnlyLooksLikeOursIsAWarning() throws UnitFileException {
        assertThat(of("a.service", "[Unit]\nWants=b\n[X-fleet]\nGlobal=true\nConflicts=a*").warnings())
                .containsExactly("web@.service:4: section [X-fleet] has no effect. Did you mean [X-Fleet]?");
        assertThat(of("a.service", "[Unit]\nMachineOf=b.service\nConflicts=b.service").warnings())
                .containsExactly("web@.service:2: MachineOf= has no effect in [Unit]. Move it to [X-Fleet].");
    }

    @Test
    void allProblemsAreReportedInTheOrderOfTheFile() {
        assertThat(refusal("Conflicts=[\nMachineID=x\nMachineMetadata=y\nMachineOf=z").problems())
                .extracting(problem -> problem.substring(13, 15))
                .containsExactly("2:", "3:", "4:", "5:");
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "MachineOf=db@%i.service", "MachineID=%i", "MachineMetadata=host=%i",
        "MachineOf=db@%i.service;Conflicts=%p@*.service",
        "MachineOf=db@%i.service;Conflicts=db@[0-9].service", "MachineOf=db@.service"
    })
    void aTemplateIsNotRefusedForWhatItsInstancesFillIn(String lines) throws UnitFileException {
        assertThat(of("web@.service", "[X-Fleet]\n" + lines.replace(';', '\n')).warnings()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "Conflicts=%p@[", "MachineOf=db@%i.service;Conflicts=db@*", "MachineMetadata=%i", "Global=%i"
    })
    void aTemplateIsRefusedForWhatIsWrongWithAllItsInstances(String lines) {
        assertThat(catchThrowableOfType(
                        UnitFileException.class, () -> of("web@.service", "[X-Fleet]\n" + lines.replace(';', '\n'))))
                .isNotNull();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            Global=no                               | false | RUN  | 0   | NEWEST
            Exclusive=true                          | true  | STOP | 0   | NEWEST
            Exclusive=no                            | false | RUN  | 0   | NEWEST
            Exclusive=no;Exclusive=yes              | true  | STOP | 0   | NEWEST
            Exclusive=yes;OnDisconnect=stop         | true  | STOP | 0   | NEWEST
            Exclusive=no;Global=yes                 | false | RUN  | 0   | NEWEST
            OnDisconnect=run                        | false | RUN  | 0   | NEWEST
            OnDisconnect=stop                       | false | STOP | 0   | NEWEST
            OnDisconnect=stop;DisconnectGrace=1min 30s | false | STOP | 90 | NEWEST
            DisconnectGrace=5;OnDisconnect=stop     | false | STOP | 5   | NEWEST
            OnReconnect=newest                      | false | RUN  | 0   | NEWEST
            OnReconnect=oldest                      | false | RUN  | 0   | OLDEST
            OnReconnect=oldest;OnDisconnect=stop    | false | STOP | 0   | OLDEST
            OnReconnect=oldest;OnReconnect=newest   | false | RUN  | 0   | NEWEST
            """)
    void ourOwnOptionsSayWhatBecomesOfAUnitThatIsCutOff(
            String lines, boolean exclusive, OnDisconnect onDisconnect, long graceSeconds, OnReconnect onReconnect)
            throws UnitFileException {
        var rules = of("web@1.service", "[X-Flota]\n" + lines.replace(';', '\n'));

        assertThat(rules.warnings()).isEmpty();
        assertThat(rules.partition())
                .isEqualTo(new PartitionRules(
                        exclusive, onDisconnect, Duration.ofSeconds(graceSeconds), onReconnect));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            Exclusive=            | 2 | Exclusive= has no value. Give it one, or remove the line.
            Exclusive=treu        | 2 | Exclusive="treu" is neither yes nor no. Write one of them.
            OnDisconnect=Stop     | 2 | OnDisconnect="Stop" is neither run nor stop. Write one of them.
            OnDisconnect=""       | 2 | OnDisconnect= has no value. Give it one, or remove the line.
            OnReconnect=latest    | 2 | OnReconnect="latest" is neither newest nor oldest. Write one of them.
            OnDisconnect=stop;DisconnectGrace=5 apples | 3 | DisconnectGrace="5 apples" is not a span of time: apples is \
            no unit. Use us, ms, s, min, h, d, w, M or y.
            OnDisconnect=stop;DisconnectGrace=infinity | 3 | DisconnectGrace="infinity" would never be over. Write \
            OnDisconnect=run, if the unit is to run on.
            Exclusive=yes;Global=yes | 2 | Exclusive cannot be used with Global, which wants the unit on every machine. \
            Remove one of them.
            OnDisconnect=run;Exclusive=yes | 2 | Exclusive cannot be used with OnDisconnect=run: an exclusive unit \
            stops before its machine's lease ends. Remove one of them.
            Exclusive=yes;OnDisconnect=stop;DisconnectGrace=1 | 4 | Exclusive cannot be used with DisconnectGrace: an \
            exclusive unit stops before its machine's lease ends. Remove one of them.
            Exclusive=yes;OnReconnect=oldest | 3 | Exclusive cannot be used with OnReconnect=oldest: no exclusive unit \
            runs on until its machine is back. Remove one of them.
            DisconnectGrace=0     | 2 | DisconnectGrace has no meaning without OnDisconnect=stop. Add that, or remove \
            the line.
            OnDisconnect=run;DisconnectGrace=5s | 3 | DisconnectGrace has no meaning without OnDisconnect=stop. Add \
            that, or remove the line.
            """)
    void whatContradictsItselfAboutAUnitThatIsCutOffIsRefused(String lines, int line, String message) {
        assertThat(catchThrowableOfType(
                                UnitFileException.class,
                                () -> of("web@1.service", "[X-Flota]\n" + lines.replace(';', '\n')))
                        .problems())
                .containsExactly("web@.service:" + line + ": " + message);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            CPU=2                     | 2000 | 0
            CPU=0.5;Memory=512M       | 500  | 536870912
            CPU=1.125;Memory=1.5G     | 1125 | 1610612736
            Memory=1G 512M            | 0    | 1610612736
            CPU=4;CPU=0;Memory=65536  | 0    | 65536
            Memory=%p                 | 0    | 65536
            Memory=256T               | 0    | 281474976710656
            """)
    void aReservationIsCoresAndASize(String lines, long cpuMillis, long memoryBytes) throws UnitFileException {
        var rules = of("64K@1.service", "[X-Flota]\n" + lines.replace(';', '\n'));

        assertThat(rules.warnings()).isEmpty();
        assertThat(rules.reservation()).isEqualTo(new Reservation(cpuMillis, memoryBytes));
    }

    @Test
    void whoDoesNotSayReservesNothing() throws UnitFileException {
        assertThat(rules("Global=true").reservation()).isEqualTo(Reservation.NONE);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            CPU=50%         | CPU="50%" is not a number of cores. Write it as 2 or 0.5, with three decimals at most.
            CPU=500m        | CPU="500m" is not a number of cores. Write it as 2 or 0.5, with three decimals at most.
            CPU=-1          | CPU="-1" is not a number of cores. Write it as 2 or 0.5, with three decimals at most.
            CPU=0.0001      | CPU="0.0001" is not a number of cores. Write it as 2 or 0.5, with three decimals at most.
            CPU=            | CPU= has no value. Give it one, or remove the line.
            Memory=lots     | Memory="lots" is not a size. Write it as 512M or 1.5G.
            Memory=infinity | Memory="infinity" is more than any machine has. Write what the unit needs, such as 512M.
            Memory=257T     | Memory="257T" is more than any machine has. Write what the unit needs, such as 512M.
            Memory=         | Memory= has no value. Give it one, or remove the line.
            """)
    void aReservationThatIsNoneIsRefused(String line, String message) {
        assertThat(catchThrowableOfType(UnitFileException.class, () -> of("web@1.service", "[X-Flota]\n" + line))
                        .problems())
                .containsExactly("web@.service:2: " + message);
    }

    @Test
    void aTemplateMayLeaveItsReservationToItsInstances() throws UnitFileException {
        assertThat(of("web@.service", "[X-Flota]\nMemory=%i").reservation()).isEqualTo(Reservation.NONE);
        assertThat(catchThrowableOfType(UnitFileException.class, () -> of("web@1x.service", "[X-Flota]\nMemory=%i"))
                        .problems())
                .containsExactly("web@.service:2: Memory=\"1x\" is not a size. Write it as 512M or 1.5G.");
    }

    @Test
    void theLimitOfAContainerIsNoReservationInTheWrongPlace() throws UnitFileException {
        assertThat(of("web.service", "[Container]\nMemory=64M").warnings()).isEmpty();
        assertThat(of("web.service", "[Service]\nMemory=64M").warnings())
                .containsExactly("web@.service:2: Memory= has no effect in [Service]. Move it to [X-Flota].");
    }

    @Test
    void everyContradictionOfAFileIsNamed() {
        var refusal = catchThrowableOfType(UnitFileException.class, () -> of("web@1.service", """
                [X-Flota]
                OnReconnect=oldest
                DisconnectGrace=3
                OnDisconnect=run
                Exclusive=yes
                [X-Fleet]
                Global=yes
                """));

        assertThat(refusal.problems())
                .extracting(problem -> problem.substring(13, 15))
                .containsExactly("2:", "3:", "4:", "5:");
    }

    @ParameterizedTest
    @ValueSource(strings = {"Exclusive=yes", "OnDisconnect=stop", "DisconnectGrace=3s", "OnReconnect=oldest"})
    void ourOwnOptionsCountInOurSectionOnly(String line) throws UnitFileException {
        var key = line.substring(0, line.indexOf('='));
        var inFleets = of("web@1.service", "[X-Fleet]\n" + line);
        var inSystemds = of("web@1.service", "[Service]\n" + line);
        var inAnothers = of("web@1.service", "[X-Other]\n" + line);

        assertThat(inFleets.partition()).isEqualTo(PartitionRules.DEFAULT);
        assertThat(inFleets.warnings())
                .containsExactly("web@.service:2: " + key + "= has no effect in [X-Fleet]. Move it to [X-Flota].");
        assertThat(inSystemds.warnings())
                .containsExactly("web@.service:2: " + key + "= has no effect in [Service]. Move it to [X-Flota].");
        assertThat(inAnothers.warnings()).isEmpty();
    }

    @Test
    void aStandbyNamesTheUnitThatItStandsInForAndIsNeverBesideIt() throws UnitFileException {
        var rules = of("web-standby@1.service", "[X-Flota]\nStandbyFor=web@%i.container\n[X-Fleet]\nConflicts=db*\n");

        assertThat(rules.standby()).contains(new Standby(new UnitName("web@1.service"), Duration.ofSeconds(30)));
        assertThat(rules.conflicts()).extracting(Glob::pattern).containsExactly("db*", "web@1.service");
        assertThat(rules("[X-Flota]\nStandbyFor=a.service\nStandbyHold=2min").standby())
                .contains(new Standby(new UnitName("a.service"), Duration.ofMinutes(2)));
        assertThat(rules("MachineID=85c0c595\n[X-Flota]\nStandbyFor=a.service").standby()).isPresent();
        assertThat(of("s@.service", "[X-Flota]\nStandbyFor=web@%i.service\n").standby()).isPresent();
        assertThat(rules("Global=true").standby()).isEmpty();
    }

    @Test
    void aBackslashInTheNameOfThePrimaryIsMeantAsItIs() throws UnitFileException {
        var rules = rules("[X-Flota]\nStandbyFor=dev-sda\\x2d1.service");

        assertThat(rules.conflicts().getFirst().matches("dev-sda\\x2d1.service")).isTrue();
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', quoteCharacter = '\0', textBlock = """
            StandbyFor=web@1.service | StandbyFor="web@1.service" is this unit itself, which cannot stand in for itself. Name another one.
            StandbyFor=web@.service  | StandbyFor="web@.service" is a template, which never runs. Name an instance, such as web@1.service.
            StandbyFor=web           | StandbyFor="web" is no unit name: its type is missing. Write web.service.
            StandbyFor=a.service b.service | StandbyFor="a.service b.service" has a blank, and is taken as one value. Give each value its own line, or quote each of them.
            StandbyFor=              | StandbyFor= has no value. Give it one, or remove the line.
            StandbyHold=30s          | StandbyHold has no meaning without StandbyFor. Add that, or remove the line.
            StandbyFor=a.service;StandbyHold=soon | StandbyHold="soon" is not a span of time. Write it as 90, 1min 30s, 500ms or infinity.
            StandbyFor=a.service;StandbyFor=b.service | StandbyFor="b.service" would be a second unit to stand by for. Write a unit of its own for each.
            StandbyFor=a.service;Global=true | StandbyFor cannot be used with Global, which wants the unit on every machine. Remove one of them.
            StandbyFor=a.service;MachineOf=a.service | StandbyFor cannot be used with MachineOf of the same unit: a standby is on another machine. Remove one of them.
            StandbyFor=a.service;Replaces=a.* | StandbyFor cannot be used with Replaces of the same unit, which takes its machine. Remove one of them.
            """)
    void aStandbyThatIsNoneIsRefused(String lines, String message) {
        var refused = refusal("[X-Flota]\n" + lines.strip().replace(';', '\n'));

        assertThat(refused.problems()).hasSize(1).first().asString().endsWith(": " + message);
    }
}
