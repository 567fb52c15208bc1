package io.flota.agent.runtime.systemd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.management.HotSpotDiagnosticMXBean;
import io.flota.agent.runtime.UnitRuntime.JournalLine;
import io.flota.agent.runtime.UnitRuntime.JournalPart;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// Journals of units, as systemd keeps them.
class SystemdJournalTest extends OnSystemd {
    /// Another one for each test: journals outlive their units.
    private final String unit = "j" + UUID.randomUUID() + ".service";

    @Test
    void theLastLinesAreTold() throws Exception {
        machine.run(unit, "[Service]\nType=oneshot\nExecStart=/bin/sh -c 'for i in 1 2 3; do echo line $$i; done'\n");
        machine.untilWritten(unit, "line 3");
        machine.untilWritten(unit, "Finished " + unit + ".");

        var lines = read(unit, new JournalPart(3, false));

        assertThat(lines).hasSize(3);
        assertThat(lines.getLast().text()).isEqualTo("Finished " + unit + ".");
        assertThat(lines.getLast().process()).isEqualTo("systemd[1]");
        assertThat(lines.getFirst().time()).isBetween(Instant.now().minusSeconds(60), Instant.now());
    }

    @Test
    void onlyWhatIsNewerIsTold() throws Exception {
        machine.run(unit, "[Service]\nExecStart=" + machine.script("echo early\nsleep 1\necho late\nsleep 1000\n") + "\n");
        machine.untilWritten(unit, "late");
        var late = read(unit, new JournalPart(-1, false)).getLast();

        var since = read(unit, new JournalPart(-1, false, Optional.of(late.time().minusMillis(200))));

        assertThat(since).extracting(JournalLine::text).containsExactly("late");
    }

    @Test
    void aJournalIsFollowedUntilTheUnitIsUnloaded() throws Exception {
        machine.run(unit, "[Service]\nExecStart=/bin/sh -c 'i=0; while :; do echo tick $$i; i=$$((i+1)); sleep 0.1; done'\n");
        var lines = new CopyOnWriteArrayList<String>();
        var reader = Thread.ofVirtual().start(() -> {
            try {
                machine.runtime.journal(
                        SystemdMachine.name(unit), new JournalPart(0, true),
                        batch -> batch.forEach(line -> lines.add(line.text())));
            } catch (Exception e) {
                lines.add(e.toString());
            }
        });
        await().atMost(SystemdMachine.HOPELESS).until(() -> lines.size() > 5);

        machine.unload(unit);

        assertThat(reader.join(SystemdMachine.HOPELESS)).isTrue();
        assertThat(lines).anyMatch(line -> line.startsWith("tick "));
    }

    @Test
    void whoFollowsFromAfterTheLastLineMissesNothingAndHearsNothingTwice() throws Exception {
        machine.run(unit, "[Service]\nExecStart=" + machine.script("echo early\nsleep 2\necho late\nsleep 1000\n") + "\n");
        machine.untilWritten(unit, "early");
        var last = read(unit, new JournalPart(-1, false)).getLast();
        var since = Optional.of(last.time().plus(1, ChronoUnit.MICROS));
        var lines = new CopyOnWriteArrayList<String>();
        var reader = Thread.ofVirtual().start(() -> {
            try {
                machine.runtime.journal(
                        SystemdMachine.name(unit), new JournalPart(-1, true, since),
                        batch -> batch.forEach(line -> lines.add(line.text())));
            } catch (Exception e) {
                lines.add(e.toString());
            }
        });

        await().atMost(SystemdMachine.HOPELESS).until(() -> lines.contains("late"));
        machine.unload(unit);

        assertThat(reader.join(SystemdMachine.HOPELESS)).isTrue();
        assertThat(lines).doesNotContain("early", last.text()).doesNotHaveDuplicates();
    }

    @Test
    void oneWhoLeavesLeavesNoProcessBehind() throws Exception {
        machine.run(unit, "[Service]\nExecStart=/bin/sleep 1000\n");
        var reader = Thread.ofVirtual().start(() -> {
            try {
                machine.runtime.journal(SystemdMachine.name(unit), new JournalPart(0, true), _ -> {});
            } catch (Exception e) {
                assertThat(e).isInstanceOf(InterruptedException.class);
            }
        });
        await().atMost(SystemdMachine.HOPELESS).until(() -> ProcessHandle.current().children().count() > 0);

        reader.interrupt();

        assertThat(reader.join(SystemdMachine.HOPELESS)).isTrue();
        await().atMost(SystemdMachine.HOPELESS).until(() -> ProcessHandle.current().children().count() == 0);
    }

    /// As `unitctl journal --lines all | head`.
    @Test
    void oneWhoLeavesEarlyLeavesNoThreadBehind() throws Exception {
        machine.run(unit, "[Service]\nType=oneshot\nExecStart=/bin/sh -c 'seq 8000; echo end'\n");
        machine.untilWritten(unit, "end");

        var reader = Thread.ofVirtual().start(() -> {
            try {
                machine.runtime.journal(SystemdMachine.name(unit), new JournalPart(-1, false), _ -> {
                    untilFull();
                    Thread.currentThread().interrupt();
                });
            } catch (Exception e) {
                assertThat(e).isInstanceOf(InterruptedException.class);
            }
        });

        assertThat(reader.join(SystemdMachine.HOPELESS)).isTrue();
        await().atMost(SystemdMachine.HOPELESS).until(() -> threads().noneMatch(line -> line.contains("journal of")));
    }

    /// Until the thread that reads ahead waits for room.
    private void untilFull() {
        await().atMost(SystemdMachine.HOPELESS).until(() -> threads().anyMatch(line -> line.contains("BlockingQueue.put")));
    }

    /// What all threads are at, virtual ones included.
    private Stream<String> threads() throws Exception {
        var file = machine.path("threads" + UUID.randomUUID());
        ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class)
                .dumpThreads(file.toString(), HotSpotDiagnosticMXBean.ThreadDumpFormat.TEXT_PLAIN);
        return Files.readAllLines(file).stream();
    }

    @Test
    void aUnitThatIsNotKnownHasNoJournal() throws Exception {
        assertThat(machine.runtime.journal(SystemdMachine.name("dbus.service"), new JournalPart(1, false), _ -> {}))
                .isFalse();
    }

    private List<JournalLine> read(String name, JournalPart part) throws Exception {
        var lines = new ArrayList<JournalLine>();
        machine.runtime.journal(SystemdMachine.name(name), part, lines::addAll);
        return lines;
    }
}
