package io.flota.examples.faults;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/// What was done to the cluster and when, by the host's monotonic clock; told on standard output as it happens.
final class Deeds {
    /// @param until when all of it was undone; [Long#MAX_VALUE] if it is not yet
    record Inflicted(Fault fault, long from, long until) {}

    /// @param from before it was called
    /// @param until when it had ended
    record Commanded(Command command, long from, long until, int exitCode, String said) {}

    private final long began = System.nanoTime();
    private final List<Inflicted> faults = new ArrayList<>();
    private final List<Commanded> commands = new ArrayList<>();

    synchronized void inflicted(Fault fault, long from, long until) {
        faults.remove(new Inflicted(fault, from, Long.MAX_VALUE));
        faults.add(new Inflicted(fault, from, until));
    }

    synchronized void commanded(Commanded commanded) {
        commands.add(commanded);
    }

    synchronized List<Inflicted> faults() {
        return List.copyOf(faults);
    }

    synchronized List<Commanded> commands() {
        return List.copyOf(commands);
    }

    /// Times at which a machine's agent and perhaps all its units got no further by themselves.
    Stream<Inflicted> on(String node) {
        return faults().stream().filter(inflicted -> inflicted.fault().nodes().contains(node));
    }

    void tell(String line) {
        System.out.printf("%7.1f s  %s%n", seconds(System.nanoTime()), line);
    }

    /// Since the beginning.
    double seconds(long nanos) {
        return (nanos - began) / (double) TimeUnit.SECONDS.toNanos(1);
    }
}
