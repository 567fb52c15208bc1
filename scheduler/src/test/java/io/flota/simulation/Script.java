package io.flota.simulation;

import java.time.Duration;
import java.util.List;

/// All that is decided beforehand of one run: the cluster, what operators do and what befalls it, and the seed of all
/// the noise between. A script that fails can be made shorter act by act.
record Script(long seed, Shape shape, List<Scripted> acts) {
    /// @param agentTtls of each machine's lease
    /// @param drift of machines' clocks, as a share: each is at most so much fast or slow
    record Shape(
            int machines,
            int schedulers,
            List<Duration> agentTtls,
            Duration leaderTtl,
            double drift,
            double etcdClockRate) {}

    /// An act and its moment.
    record Scripted(Duration at, Act act) {}

    Script with(List<Scripted> fewer) {
        return new Script(seed, shape, List.copyOf(fewer));
    }

    Duration end() {
        return acts.isEmpty() ? Duration.ZERO : acts.getLast().at();
    }
}
