package io.flota.unitctl.command;

import io.flota.api.v1.PolicyRecord;
import io.flota.unitctl.client.ClusterException;
import io.flota.unitctl.render.MachineListing;
import java.io.IOException;
import picocli.CommandLine.Model.CommandSpec;

/// The machines whose agents are alive.
final class ListMachines implements Command {
    @Override
    public CommandSpec spec() {
        return Lists.addFlags(
                Flags.command("list-machines", "Show the machines whose agents are alive.")
                        .addPositional(Flags.arguments("MACHINE", "Only these: ids or the first digits of them.")),
                new MachineListing(false));
    }

    @Override
    public int run(Invocation invocation) throws CommandException, ClusterException, IOException {
        var reply = invocation.cluster().listMachines();
        invocation.warnIfStale(reply.getFreshness());
        var asked = invocation.arguments();
        var rows = MachineListing.rows(reply).stream()
                .filter(row -> asked.isEmpty() || asked.stream().anyMatch(row.machine().getId()::startsWith))
                .toList();
        boolean anyPolicy = rows.stream().anyMatch(row -> !row.policy().equals(PolicyRecord.getDefaultInstance()));
        Lists.print(invocation, new MachineListing(anyPolicy), rows);
        var unknown = asked.stream()
                .filter(digits -> rows.stream().noneMatch(row -> row.machine().getId().startsWith(digits)))
                .toList();
        unknown.forEach(digits -> invocation.err().println("No machine's id begins with \"" + digits + "\""));
        return unknown.isEmpty() ? 0 : CommandException.FAILED;
    }
}
