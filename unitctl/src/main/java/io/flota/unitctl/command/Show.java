package io.flota.unitctl.command;

import io.flota.api.v1.Unit;
import io.flota.unitctl.client.ClusterException;
import io.flota.unitctl.render.PropertyPage;
import java.io.IOException;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;

/// What is registered of units, for scripts.
final class Show implements Command {
    @Override
    public CommandSpec spec() {
        return Flags.addOutput(Flags.command(
                        "show",
                        "Print what is registered of units as NAME=VALUE, what set-property has set included.")
                .addPositional(Flags.arguments("UNIT", "Names or quoted patterns.")));
    }

    @Override
    public int run(Invocation invocation) throws CommandException, ClusterException, IOException {
        var selection = Selection.of(invocation.units());
        Output output = invocation.output();
        var reply = invocation.cluster().listUnits(selection.request());
        invocation.warnIfStale(reply.getFreshness());
        List<Unit> units = reply.getUnitsList();
        if (output.isTree()) {
            invocation.out().print(output.render(units.stream().map(PropertyPage::value).toList()));
        } else {
            invocation.out().print(String.join("\n", units.stream().map(PropertyPage::render).toList()));
        }
        var missing = selection.missing(reply);
        missing.forEach(invocation.err()::println);
        return missing.isEmpty() ? 0 : CommandException.FAILED;
    }
}
