package io.flota.examples.bench;

import io.flota.examples.LocalCluster;
import io.flota.examples.SidecarCrowd;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/// 24 sidecars of one machine that announce and withdraw as fast as they can, and the file of upstreams that is rendered
/// from them meanwhile.
public final class SidecarBench {
    private static final int ROUNDS = Integer.getInteger("bench.rounds", 1);
    private static final int SIDECARS = 24;
    private static final Duration TIME = Duration.ofMinutes(1);

    private SidecarBench() {}

    public static void main(String[] arguments) throws Exception {
        var figures = new Figures();
        int faults = 0;
        for (int round = 0; round < ROUNDS; round++) {
            try (var cluster = LocalCluster.with("--machines", "1").up()) {
                var outcome = SidecarCrowd.write(cluster, SIDECARS, TIME);
                var what = SIDECARS + " sidecars for a minute: ";
                figures.add(what + "announcements and withdrawals", "", outcome.writes());
                figures.add(what + "files rendered and checked", "", outcome.renders());
                figures.add(what + "reloads of nginx", "", outcome.reloads());
                figures.add(what + "states of the file that were read, all whole", "", outcome.states());
                figures.add(what + "those that nginx was asked about, and takes", "", outcome.tested());
                outcome.faults().forEach(System.err::println);
                faults += outcome.faults().size();
            }
        }
        System.out.print(figures.table());
        System.out.println("%d times something was not as it has to be; load average %s"
                .formatted(faults, Files.readString(Path.of("/proc/loadavg")).strip()));
        System.exit(faults == 0 ? 0 : 1);
    }
}
