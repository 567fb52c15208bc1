package io.flota.unitctl.local;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/// Signals that Java does not know.
final class Signals {
    private Signals() {}

    /// Those that are gone by now are passed over.
    static void send(String name, Collection<Long> pids) throws IOException, LocalException {
        if (pids.isEmpty()) {
            return;
        }
        var command = new ArrayList<>(List.of("/bin/sh", "-c", "kill -s \"$0\" \"$@\" 2>/dev/null", name));
        pids.forEach(pid -> command.add(Long.toString(pid)));
        try {
            new ProcessBuilder(command).start().waitFor();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            throw new LocalException("interrupted");
        }
    }
}
