package io.flota.unitctl.command;

import io.flota.unitctl.client.ClusterException;
import io.flota.unitctl.render.UnitFileListing;
import java.io.IOException;
import picocli.CommandLine.Model.CommandSpec;

/// What is registered.
final class ListUnitFiles implements Command {
    private final UnitFileListing listing = new UnitFileListing();

    @Override
    public CommandSpec spec() {
        return Lists.addFlags(
                Flags.command(
                                "list-unit-files",
                                "Show the registered units, what is wanted of them, and where they are.")
                        .addPositional(Flags.arguments("UNIT", "Only these: names or quoted patterns.")),
                listing);
    }

    @Override
    public int run(Invocation invocation) throws CommandException, ClusterException, IOException {
        var reply = invocation.cluster().listUnits(Selection.of(invocation.arguments()).request());
        invocation.warnIfStale(reply.getFreshness());
        Lists.print(invocation, listing, reply.getUnitsList());
        return 0;
    }
}
