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
                Flags.command("list-machines", "Show the machines whose agents are alive."), new MachineListing(false));
    }

    @Override
    public int run(Invocation invocation) throws CommandException, ClusterException, IOException {
        var reply = invocation.cluster().listMachines();
        invocation.warnIfStale(reply.getFreshness());
        var rows = MachineListing.rows(reply);
        boolean anyPolicy = rows.stream().anyMatch(row -> !row.policy().equals(PolicyRecord.getDefaultInstance()));
        Lists.print(invocation, new MachineListing(anyPolicy), rows);
        return 0;
    }
}
