package io.flota.agent.runtime.exec;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.util.List;
import org.junit.jupiter.api.Test;

class CommandsTest extends MachineTest {
    @Test
    void commandsOfAllPhasesRunInOrder() throws Exception {
        var out = units.path("out");
        units.run("a@7.service", """
                [Service]
                ExecStartPre=/bin/sh -c 'echo pre %%i >>%1$s'
                ExecStartPre=-/bin/false
                ExecStart=/bin/sleep 1000
                ExecStartPost=/bin/sh -c 'echo post >>%1$s'
                ExecStop=/bin/sh -c 'echo stop $MAINPID >>%1$s'
                ExecStopPost=/bin/sh -c 'echo stop-post $SERVICE_RESULT $EXIT_CODE $EXIT_STATUS >>%1$s'
                """.formatted(out));
        var running = units.until("a@7.service", "active/running");

        units.stop("a@7.service");

        units.until("a@7.service", "inactive/dead");
        assertThat(Units.lines(out)).containsExactly(
                "pre 7", "post", "stop " + running.mainPid(), "stop-post success killed TERM");
    }

    @Test
    void aFailingPreparationKeepsTheServiceFromStarting() throws Exception {
        var out = units.path("out");
        units.run("a.service", """
                [Service]
                ExecStartPre=/bin/sh -c 'exit 4'
                ExecStart=/bin/sh -c 'echo never >%1$s'
                ExecStopPost=/bin/sh -c 'echo after >>%1$s'
                """.formatted(out));

        var failed = units.until("a.service", "failed/failed");

        assertThat(failed.message()).isEqualTo("ExecStartPre=: exit-code 4");
        assertThat(Units.lines(out)).containsExactly("after");
    }

    @Test
    void aConditionThatDoesNotHoldSkipsTheUnit() throws Exception {
        units.run("a.service", "[Service]\nRestart=always\nExecCondition=/bin/false\nExecStart=/bin/sleep 1000\n");

        units.until("a.service", state -> state.sub().equals("dead") && !state.message().isEmpty());
    }

    @Test
    void theEnvironmentComesFromMachineUnitAndFilesInThatOrder() throws Exception {
        Files.writeString(units.path("environment"), "REGION=coast\nONE=file of the machine\n");
        Files.writeString(units.path("more"), "TWO='second file'\n");
        units.run("a.service", """
                [Service]
                Type=oneshot
                Environment="ONE=from unit" TWO=from-unit THREE=3 GONE=1
                EnvironmentFile=/etc/environment
                EnvironmentFile=-/not/there
                EnvironmentFile=%s
                UnsetEnvironment=GONE FLOTA_UNIT FLOTA_MACHINE_ID
                ExecStart=/usr/bin/env
                """.formatted(units.path("more")));

        units.until("a.service", state -> state.sub().equals("dead") && state.generation() == 1);

        units.untilWritten("a.service", "Finished a.service");
        assertThat(units.journal("a.service"))
                .contains("REGION=coast", "ONE=file of the machine", "TWO=second file", "THREE=3")
                .contains("COREOS_PUBLIC_IPV4=192.0.2.1", "COREOS_PRIVATE_IPV4=10.0.0.1", "FLOTA_UNIT=a.service")
                .contains("FLOTA_MACHINE_ID=" + units.settings.machineId())
                .noneMatch(line -> line.startsWith("GONE="));
    }

    @Test
    void anEnvironmentFileThatIsMissingIsNamed() throws Exception {
        units.run("a.service", "[Service]\nEnvironmentFile=/not/there\nExecStart=/bin/sleep 1000\n");

        assertThat(units.until("a.service", "failed/failed").message())
                .isEqualTo("EnvironmentFile=/not/there: no such file");
    }

    @Test
    void withoutAnEnvironmentFileOfTheMachineThereIsNothingInIt() throws Exception {
        units.run("a.service", "[Service]\nEnvironmentFile=/etc/environment\nExecStart=/bin/sleep 1000\n");

        units.until("a.service", "active/running");
    }

    @Test
    void variablesAreExpandedBySystemdsRulesUnlessTheCommandIsLiteral() throws Exception {
        units.run("a.service", """
                [Service]
                Type=oneshot
                Environment="WORDS=one two" EMPTY=
                ExecStart=/usr/bin/printf '<%%s>\\n' $WORDS "${WORDS}" $EMPTY $$x a$WORDS
                ExecStart=:/usr/bin/printf '<%%s>\\n' ${WORDS}
                """);

        units.untilWritten("a.service", "Finished a.service");

        assertThat(units.journal("a.service"))
                .containsSubsequence("<one>", "<two>", "<one two>", "<$x>", "<a$WORDS>", "<${WORDS}>");
    }

    @Test
    void aCommandMayBeCalledByAnotherName() throws Exception {
        units.run("a.service", "[Service]\nType=oneshot\nExecStart=@/bin/sh other-name -c 'echo I am $0'\n");

        units.untilWritten("a.service", "I am other-name");
    }

    @Test
    void aUnitRunsAsItsUserInItsFolder() throws Exception {
        units.run("a.service", """
                [Service]
                Type=oneshot
                User=nobody
                WorkingDirectory=/tmp
                UMask=0027
                LimitNOFILE=123
                ExecStart=/bin/sh -c 'echo $(id -un) $(id -gn) $(pwd) $(umask) $(ulimit -n) $USER'
                ExecStart=+/bin/sh -c 'echo again $(id -un)'
                """);

        units.untilWritten("a.service", "Finished a.service");

        assertThat(units.journal("a.service"))
                .contains("nobody nogroup /tmp 0027 123 nobody", "again root");
    }

    @Test
    void aUserOrFolderThatIsNotThereIsNamed() throws Exception {
        units.run("a.service", "[Service]\nUser=nobody-at-all\nExecStart=/bin/true\n");
        units.run("b.service", "[Service]\nWorkingDirectory=/not/there\nExecStart=/bin/true\n");
        units.run("c.service", "[Service]\nWorkingDirectory=-/not/there\nExecStart=/bin/sleep 1000\n");

        assertThat(units.until("a.service", "failed/failed").message())
                .isEqualTo("User=nobody-at-all: no such user");
        assertThat(units.until("b.service", "failed/failed").message())
                .isEqualTo("WorkingDirectory=/not/there: no such folder");
        units.until("c.service", "active/running");
    }

    @Test
    void everyActivationHasAnIdOfItsOwn() throws Exception {
        units.load("a.service", "[Service]\nType=oneshot\nExecStart=/bin/sh -c 'echo id $INVOCATION_ID'\n");
        for (int generation = 1; generation <= 2; generation++) {
            units.start(generation, "a.service");
            long wanted = generation;
            units.until("a.service", state -> state.generation() == wanted && state.sub().equals("dead"));
        }

        List<String> ids = units.journal("a.service").stream().filter(line -> line.startsWith("id ")).toList();
        assertThat(ids).hasSize(2).doesNotHaveDuplicates().allMatch(line -> line.matches("id [0-9a-f]{32}"));
    }

    @Test
    void outputGoesWhereTheUnitWantsIt() throws Exception {
        var out = units.path("out");
        units.run("a.service", """
                [Service]
                Type=oneshot
                StandardOutput=append:%s
                StandardError=journal
                ExecStart=/bin/sh -c 'echo to file; echo to journal >&2'
                """.formatted(out));

        units.untilWritten("a.service", "to journal");

        assertThat(Units.lines(out)).containsExactly("to file");
        assertThat(units.journal("a.service")).doesNotContain("to file");
    }
}
