package io.flota.simulation;

import io.flota.simulation.Script.Scripted;
import io.flota.simulation.Script.Shape;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// A short and quiet script: a few acts on a small cluster, in which nothing happens by chance.
///
/// @param name what happens, in words
record Scenario(String name, Script script) {
    private static final int SCHEDULERS = 2;
    private static final Duration TTL = Duration.ofSeconds(2);
    /// After the last act; what dies because of it is away for less.
    private static final Duration REST = Duration.ofSeconds(22);

    static Scenario of(String name, long seed, int machines, List<Scripted> steps) {
        var acts = new ArrayList<>(steps);
        acts.add(new Scripted(acts.getLast().at().plusMillis(1), new Act.Nothing(REST)));
        var ttls = Collections.nCopies(machines, TTL);
        return new Scenario(name, new Script(seed, new Shape(machines, SCHEDULERS, ttls, TTL, 0.009, 1), acts));
    }

    /// All processes that talk to etcd.
    List<String> components() {
        return Stream.concat(
                        IntStream.rangeClosed(1, script.shape().schedulers()).mapToObj(number -> "scheduler-" + number),
                        IntStream.rangeClosed(1, script.shape().machines()).mapToObj(number -> "machine-" + number))
                .toList();
    }

    /// When the last act is done.
    Duration lastStep() {
        return script.end();
    }

    @Override
    public String toString() {
        return name;
    }
}
