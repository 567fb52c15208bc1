package io.flota.agent.runtime.systemd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.flota.agent.runtime.UnitRuntime.JournalLine;
import io.flota.agent.runtime.UnitRuntime.JournalPart;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

/// Journals of units, as systemd keeps them.
class SystemdJournalTest extends OnSystemd {
    @Test
    void theLastLinesAreTold() throws Exception {
        machine.run("a.service", "[Service]\nType=oneshot\nExecStart=/bin/sh -c 'for i in 1 2 3; do echo line $$i; done'\n");
        machine.untilWritten("a.service", "line 3");
        machine.untilWritten("a.service", "Finished a.service.");

        var lines = read("a.service", new JournalPart(3, false));

        assertThat(lines).hasSize(3);
        assertThat(lines.getLast().text()).isEqualTo("Finished a.service.");
        assertThat(lines.getLast().process()).isEqualTo("systemd[1]");
        assertThat(lines.getFirst().time()).isBetween(Instant.now().minusSeconds(60), Instant.now());
    }

    @Test
    void onlyWhatIsNewerIsTold() throws Exception {
        machine.run("a.service", "[Service]\nExecStart=" + machine.script("echo early\nsleep 1\necho late\nsleep 1000\n") + "\n");
        machine.untilWritten("a.service", "late");
        var late = read("a.service", new JournalPart(-1, false)).getLast();

        var since = read("a.service", new JournalPart(-1, false, Optional.of(late.time().minusMillis(200))));

        assertThat(since).extracting(JournalLine::text).containsExactly("late");
    }

    @Test
    void aJournalIsFollowedUntilTheUnitIsUnloaded() throws Exception {
        machine.run("a.service", "[Service]\nExecStart=/bin/sh -c 'i=0; while :; do echo tick $$i; i=$$((i+1)); sleep 0.1; done'\n");
        var lines = new CopyOnWriteArrayList<String>();
        var reader = Thread.ofVirtual().start(() -> {
            try {
                machine.runtime.journal(
                        SystemdMachine.name("a.service"), new JournalPart(0, true),
                        batch -> batch.forEach(line -> lines.add(line.text())));
            } catch (Exception e) {
                lines.add(e.toString());
            }
        });
        await().atMost(SystemdMachine.HOPELESS).until(() -> lines.size() > 5);

        machine.unload("a.service");

        assertThat(reader.join(SystemdMachine.HOPELESS)).isTrue();
        assertThat(lines).anyMatch(line -> line.startsWith("tick "));
    }

    @Test
    void oneWhoLeavesLeavesNoProcessBehind() throws Exception {
        machine.run("a.service", "[Service]\nExecStart=/bin/sleep 1000\n");
        var reader = Thread.ofVirtual().start(() -> {
            try {
                machine.runtime.journal(SystemdMachine.name("a.service"), new JournalPart(0, true), _ -> {});
            } catch (Exception e) {
                assertThat(e).isInstanceOf(InterruptedException.class);
            }
        });
        await().atMost(SystemdMachine.HOPELESS).until(() -> ProcessHandle.current().children().count() > 0);

        reader.interrupt();

        assertThat(reader.join(SystemdMachine.HOPELESS)).isTrue();
        await().atMost(SystemdMachine.HOPELESS).until(() -> ProcessHandle.current().children().count() == 0);
    }

    @Test
    void aUnitThatIsNotKnownHasNoJournal() throws Exception {
        assertThat(machine.runtime.journal(SystemdMachine.name("dbus.service"), new JournalPart(1, false), _ -> {}))
                .isFalse();
    }

    private List<JournalLine> read(String unit, JournalPart part) throws Exception {
        var lines = new ArrayList<JournalLine>();
        machine.runtime.journal(SystemdMachine.name(unit), part, lines::addAll);
        return lines;
    }
}
