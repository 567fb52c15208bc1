package io.flota.agent.runtime.exec;

import static org.assertj.core.api.Assertions.assertThat;

import io.flota.agent.runtime.guard.Watchdog;
import java.nio.file.Files;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

class HandsTest extends MachineTest {
    @Test
    void aFileThatCannotBeReadDoesNotHideThoseOfOtherUnits() throws Exception {
        var settings = units.elsewhere("other");
        var events = new CopyOnWriteArrayList<String>();
        try (var state = StateFolder.open(settings.stateFolder());
                var journals = new Journals(state, settings.journalBytes(), InstantSource.system())) {
            Files.createDirectory(state.runs().resolve("a.service.1.exit"));
            Files.writeString(state.runs().resolve("b.service.2.exit"), "exit 3\n");
            var cgroups = units.cgroups();
            try (var watchdog = new Watchdog(
                            state.fence(), state.watchdog(), settings.machineId(), unit -> cgroups.tree(unit).address(),
                            BootClock.open(state.note("clock"))::sinceBoot);
                    var hands = new Hands(settings, state, cgroups, journals, watchdog, (unit, event) ->
                            events.add(unit + ": " + event))) {
                hands.know(Units.name("a.service"));
                hands.know(Units.name("b.service"));

                hands.runFilesChanged(Set.of());
            }
        }

        assertThat(events).isEqualTo(List.of("b.service: " + new Event.Ended(2, new Exit.Code(3))));
    }
}
