package io.flota.agent.runtime.exec;

import io.flota.agent.runtime.process.ProcFs;
import java.util.Collection;
import java.util.Optional;

/// Which of a forking service's processes is the daemon, if it has no pid file.
final class DaemonGuess {
    private DaemonGuess() {}

    /// The one whose parent is not of the unit; empty if there is none, or more than one.
    static Optional<ProcFs.Stat> of(Collection<Long> pids) {
        var orphans = pids.stream()
                .flatMap(pid -> ProcFs.stat(pid).stream())
                .filter(stat -> stat.isAlive() && !pids.contains(stat.parent()))
                .toList();
        return orphans.size() == 1 ? Optional.of(orphans.getFirst()) : Optional.empty();
    }
}
