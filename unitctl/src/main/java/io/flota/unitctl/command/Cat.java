package io.flota.unitctl.command;

import io.flota.unitctl.client.ClusterException;
import io.flota.unitctl.client.RefusedException;
import java.io.IOException;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;

/// A registered unit's file, byte for byte.
final class Cat implements Command {
    @Override
    public CommandSpec spec() {
        return Flags.command("cat", "Print the file of a registered unit.")
                .addPositional(Flags.arguments("UNIT", "One unit."));
    }

    @Override
    public int run(Invocation invocation) throws CommandException, ClusterException, IOException {
        List<String> units = invocation.arguments();
        if (units.size() != 1) {
            throw CommandException.usage("One unit file must be provided");
        }
        String name = Selection.fullName(units.getFirst());
        try {
            invocation.cluster().unitFile(name).getFile().writeTo(invocation.out());
            return 0;
        } catch (RefusedException refused) {
            if (refused.isNotFound()) {
                throw CommandException.failed("Unit " + name + " not found", refused);
            }
            throw refused;
        }
    }
}
