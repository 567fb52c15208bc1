package io.flota.unitctl.local;

import io.flota.unitctl.client.ClusterException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The nodes, one a line.
record StatusTable(List<NodeProcess> processes, Optional<LocalTls> tls) {
    private static final String ROW = "%-12s  %-14s  %-8s  %-21s  %s";

    List<String> lines() throws IOException {
        var lines = new ArrayList<String>();
        lines.add(ROW.formatted("NODE", "STATE", "PID", "ADDRESS", "LOG"));
        var leader = leader();
        for (var process : processes) {
            var node = process.node();
            var main = process.main();
            var state = process.state().toString();
            lines.add(ROW.formatted(
                    node.name(),
                    node.name().equals(leader) && main.isPresent() ? state + ", leads" : state,
                    main.map(pid -> Long.toString(pid.pid())).orElse("-"),
                    node.address(),
                    node.log()));
        }
        return lines;
    }

    /// As the first scheduler that answers sees it.
    private String leader() throws IOException {
        for (var process : processes) {
            if (process.node().kind() == Node.Kind.SCHEDULER && process.state() == NodeProcess.State.RUNNING) {
                try {
                    return new Probe(process.node(), tls).leader();
                } catch (ClusterException _) {
                    continue; // it only starts, or has lost its mind: the next one may know
                }
            }
        }
        return "";
    }
}
