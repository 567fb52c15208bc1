package io.flota.unitctl.command;

import io.flota.unitctl.client.ClusterException;
import io.flota.unitctl.render.UnitListing;
import java.io.IOException;
import picocli.CommandLine.Model.CommandSpec;

/// What the machines report of the units.
final class ListUnits implements Command {
    private final UnitListing listing = new UnitListing();

    @Override
    public CommandSpec spec() {
        return Lists.addFlags(
                Flags.command("list-units", "Show what the machines report of the units, one line for each of both.")
                        .addPositional(Flags.arguments("UNIT", "Only these: names or quoted patterns.")),
                listing);
    }

    @Override
    public int run(Invocation invocation) throws CommandException, ClusterException, IOException {
        var reply = invocation.cluster().listUnits(Selection.of(invocation.arguments()).request());
        invocation.warnIfStale(reply.getFreshness());
        Lists.print(invocation, listing, UnitListing.rows(reply));
        return 0;
    }
}
