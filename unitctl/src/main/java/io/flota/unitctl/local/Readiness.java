package io.flota.unitctl.local;

import io.flota.unitctl.client.ClusterException;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/// Waits until a cluster that was just started is of use, or says which part of it is not, and why.
record Readiness(Blueprint blueprint, List<NodeProcess> processes) {
    /// Far more than a start takes on a busy host: it only ends a hopeless wait.
    private static final Duration LIMIT = Duration.ofSeconds(90);

    private static final int LAST_WORDS = 8;

    void await() throws IOException, LocalException {
        if (!Patience.until(LIMIT, this::complete)) {
            throw new LocalException("the cluster is not complete after %d s: %s\n%s"
                    .formatted(LIMIT.toSeconds(), wanting(), logs()));
        }
    }

    private boolean complete() throws IOException, LocalException {
        for (var process : processes) {
            if (process.main().isEmpty()) {
                throw new LocalException(process.node().name() + " ended by itself; the last lines of "
                        + process.node().log() + ":\n" + lastWords(process));
            }
        }
        return wanting().isEmpty();
    }

    /// What is still missing, in words; empty if nothing is.
    private String wanting() throws IOException {
        for (var process : processes) {
            var node = process.node();
            if (node.kind() == Node.Kind.MACHINE && !Ports.answers(node.listens().getFirst())) {
                return node.name() + " does not listen on " + node.address();
            }
        }
        for (var process : processes) {
            var node = process.node();
            if (node.kind() == Node.Kind.SCHEDULER) {
                var wanting = wantingAt(node);
                if (!wanting.isEmpty()) {
                    return wanting;
                }
            }
        }
        return "";
    }

    private String wantingAt(Node scheduler) throws IOException {
        var probe = new Probe(scheduler, blueprint.tls());
        try {
            Set<String> missing = new TreeSet<>(blueprint.machineIds());
            missing.removeAll(probe.machineIds());
            if (!missing.isEmpty()) {
                return scheduler.name() + " does not see the machines " + missing;
            }
            return probe.leader().isEmpty() ? scheduler.name() + " sees no leader" : "";
        } catch (ClusterException failure) {
            return scheduler.name() + " does not answer: " + failure.getMessage();
        }
    }

    private String logs() throws IOException {
        var logs = new StringBuilder();
        for (var process : processes) {
            logs.append(process.node().log()).append(":\n").append(lastWords(process)).append('\n');
        }
        return logs.toString();
    }

    private static String lastWords(NodeProcess process) throws IOException {
        return process.lastWords(LAST_WORDS).stream().map(line -> "  " + line).collect(Collectors.joining("\n"));
    }
}
