package io.flota.unitctl.command;

import io.flota.unitctl.client.ClusterException;
import io.flota.unitctl.render.MachineListing;
import java.io.IOException;
import picocli.CommandLine.Model.CommandSpec;

/// The machines whose agents are alive.
final class ListMachines implements Command {
    private final MachineListing listing = new MachineListing();

    @Override
    public CommandSpec spec() {
        return Lists.addFlags(Flags.command("list-machines", "Show the machines whose agents are alive."), listing);
    }

    @Override
    public int run(Invocation invocation) throws CommandException, ClusterException, IOException {
        var reply = invocation.cluster().listMachines();
        invocation.warnIfStale(reply.getFreshness());
        Lists.print(invocation, listing, reply.getMachinesList());
        return 0;
    }
}
