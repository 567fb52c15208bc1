package io.flota.agent.runtime.exec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.flota.agent.runtime.UnitRuntime.JournalLine;
import io.flota.agent.runtime.UnitRuntime.JournalPart;
import io.flota.testing.SimClock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class JournalTest extends MachineTest {
    @Test
    void linesBearTheProgramThatWroteThem() throws Exception {
        units.run("a.service", "[Service]\nExecStart=/bin/sh -c 'echo hello; exec sleep 1000'\n");
        units.untilWritten("a.service", "hello");
        long main = units.until("a.service", state -> state.mainPid() != 0).mainPid();
        var lines = new CopyOnWriteArrayList<JournalLine>();

        assertThat(units.runtime.journal(Units.name("a.service"), new JournalPart(-1, false), lines::addAll)).isTrue();

        assertThat(lines).filteredOn(line -> line.text().equals("hello")).singleElement().satisfies(line -> {
            assertThat(line.process()).isEqualTo("sh[" + main + "]");
            assertThat(line.time()).isAfter(units.state("a.service").since().minusSeconds(5));
        });
        assertThat(lines.getFirst().process()).isEqualTo("flota[" + ProcessHandle.current().pid() + "]");
    }

    @Test
    void aReaderGetsTheLastLinesAndThenFollows() throws Exception {
        units.run("a.service", "[Service]\nExecStart=" + units.script("""
                for i in 1 2 3 4 5; do echo old $i; done
                while [ ! -e %s ]; do sleep 0.02; done
                echo new 1; printf 'without end'
                sleep 0.1; echo ' of line'
                exec sleep 1000
                """.formatted(units.path("go"))) + "\n");
        units.untilWritten("a.service", "old 5");
        units.until("a.service", "active/running");
        units.untilWritten("a.service", "Started a.service");
        var lines = new CopyOnWriteArrayList<String>();
        var reader = Thread.startVirtualThread(() -> {
            try {
                units.runtime.journal(Units.name("a.service"), new JournalPart(2, true), batch ->
                        batch.forEach(line -> lines.add(line.text())));
            } catch (Exception e) {
                lines.add(e.toString());
            }
        });
        await().atMost(Units.HOPELESS).until(() -> lines.size() == 2);

        Files.createFile(units.path("go"));

        await().atMost(Units.HOPELESS).until(() -> lines.contains("without end of line"));
        assertThat(lines.subList(2, 4)).isEqualTo(List.of("new 1", "without end of line"));
        units.unload("a.service");
        reader.join();
    }

    @Test
    void anUnknownUnitHasNoJournal() throws Exception {
        assertThat(units.runtime.journal(Units.name("a.service"), new JournalPart(-1, false), _ -> {})).isFalse();
    }

    /// As an agent does that is killed while it writes several lines at once.
    @Test
    void aJournalThatWasCutAnywhereGoesOnWithNoLineTwiceAndNoneLost() throws Exception {
        units.runtime.close();
        var output = Files.writeString(units.path("output"), "one\ntwo\r\nthree\n\nfive\npart");
        var name = Units.name("a.service");
        new UnitJournal(name, output, files(), InstantSource.system()).ingest();
        var whole = Files.readAllBytes(units.path("journal/current"));
        assertThat(texts()).containsExactly("one", "two", "three", "", "five");

        for (int length = 0; length < whole.length; length++) {
            Files.write(units.path("journal/current"), Arrays.copyOf(whole, length));
            new UnitJournal(name, output, files(), InstantSource.system()).ingest();

            assertThat(texts()).as("cut to %s bytes", length).containsExactly("one", "two", "three", "", "five");
        }
    }

    private JournalFiles files() throws Exception {
        return new JournalFiles(Units.name("a.service"), units.path("journal"), 64 * 1024);
    }

    private List<String> texts() throws Exception {
        return files().last(new JournalPart(-1, false)).stream().map(JournalLine::text).toList();
    }

    @Test
    void theJournalIsBoundedAndKeepsWhatCameLast() throws Exception {
        units.run("a.service", """
                [Service]
                Type=oneshot
                ExecStart=/bin/sh -c 'i=0; while [ $i -lt 9000 ]; do echo line number $i; i=$((i+1)); done; echo done'
                """);

        units.untilWritten("a.service", "Finished a.service");

        var lines = units.journal("a.service");
        assertThat(lines).contains("line number 8999", "done").doesNotContain("line number 0");
        try (var files = Files.list(units.path("state/exec/journal/a.service"))) {
            long bytes = files.mapToLong(file -> file.toFile().length()).sum();
            assertThat(bytes).isBetween(units.settings.journalBytes(), 3 * units.settings.journalBytes());
        }
    }

    @Test
    void whatComesTooFastIsDroppedAndCountedAndTheNextIntervalBeginsAnew() throws Exception {
        units.runtime.close();
        var clock = new SimClock();
        var output = units.path("output");
        var journal = new UnitJournal(Units.name("a.service"), output, bigFiles(), clock);
        write(output, 0, RateLimit.BURST + 500);
        journal.ingest();
        assertThat(bigTexts()).hasSize(RateLimit.BURST).last().isEqualTo("line " + (RateLimit.BURST - 1));

        clock.pass(RateLimit.INTERVAL.minusMillis(1));
        write(output, RateLimit.BURST + 500, RateLimit.BURST + 600);
        journal.ingest();
        assertThat(bigTexts()).hasSize(RateLimit.BURST);
        clock.pass(Duration.ofMillis(1));
        write(output, RateLimit.BURST + 600, RateLimit.BURST + 601);
        journal.ingest();

        assertThat(bigTexts().subList(RateLimit.BURST, bigTexts().size()))
                .containsExactly(
                        "Suppressed 600 lines, as more than 10000 came within 30 s",
                        "line " + (RateLimit.BURST + 600));
        journal.say("flota", "as the next agent begins");
        new UnitJournal(Units.name("a.service"), output, bigFiles(), clock).ingest();
        assertThat(bigTexts()).as("with another agent").hasSize(RateLimit.BURST + 3);
    }

    @Test
    void thatLinesWereDroppedIsToldWhenTheUnitEnds() throws Exception {
        units.runtime.close();
        var output = units.path("output");
        var journal = new UnitJournal(Units.name("a.service"), output, bigFiles(), new SimClock());
        write(output, 0, RateLimit.BURST + 7);

        journal.finish();

        assertThat(bigTexts()).last().isEqualTo("Suppressed 7 lines, as more than 10000 came within 30 s");
    }

    private static void write(Path output, int from, int to) throws IOException {
        Files.writeString(
                output,
                IntStream.range(from, to).mapToObj(i -> "line " + i + "\n").collect(Collectors.joining()),
                StandardOpenOption.CREATE,
                StandardOpenOption.APPEND);
    }

    private JournalFiles bigFiles() throws IOException {
        return new JournalFiles(Units.name("a.service"), units.path("journal"), 8 << 20);
    }

    private List<String> bigTexts() throws IOException {
        return bigFiles().last(new JournalPart(-1, false)).stream().map(JournalLine::text).toList();
    }

    @Test
    void whatIsWrittenWhileNoAgentIsThereIsNotLostAndComesOnce() throws Exception {
        units.run("a.service", """
                [Service]
                ExecStart=%s
                """.formatted(units.script("i=0; while :; do i=$((i+1)); echo line $i; sleep 0.002; done\n")));
        units.untilWritten("a.service", "line 50");

        units.restartAgent();
        units.restartAgent();

        units.untilWritten("a.service", "line 200");
        assertThat(units.journal("a.service").stream().filter(line -> line.startsWith("line ")).limit(200))
                .containsExactlyElementsOf(java.util.stream.IntStream.rangeClosed(1, 200)
                        .mapToObj(i -> "line " + i)
                        .toList());
    }
}
