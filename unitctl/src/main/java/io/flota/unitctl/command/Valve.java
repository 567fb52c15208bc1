package io.flota.unitctl.command;

import io.flota.api.v1.ValveRecord;
import io.flota.unitctl.client.ClusterException;
import io.flota.unitctl.render.ValvePage;
import java.io.IOException;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;

/// Shows whether the units of lost machines are held back, and says that they are lost.
final class Valve implements Command {
    @Override
    public CommandSpec spec() {
        return Flags.addOutput(Flags.command(
                                "valve",
                                "Show whether so many machines vanished at once that none of their units is moved; with"
                                        + " release: say that they are lost, so that they are."))
                .addPositional(Flags.arguments("release", "Move the units of the machines that are away now."));
    }

    @Override
    public int run(Invocation invocation) throws CommandException, ClusterException, IOException {
        List<String> words = invocation.arguments();
        if (words.equals(List.of("release"))) {
            invocation.cluster().releaseValve();
            invocation.out().println("Released the valve: the machines that are away are lost, their units are moved");
            return 0;
        }
        if (!words.isEmpty()) {
            boolean released = words.getFirst().equals("release");
            throw CommandException.usage("unknown word \"" + words.get(released ? 1 : 0) + "\" after valve"
                    + (released ? " release" : "") + ". Write unitctl valve, or unitctl valve release");
        }
        var about = invocation.cluster().about();
        invocation.warnIfStale(about.getFreshness().toBuilder().clearHeldReason().build()); // we tell more of it
        ValveRecord valve = about.getValve();
        Output output = invocation.output();
        invocation.out().print(
                output.isTree()
                        ? output.render(ValvePage.values(about.hasValve(), valve))
                        : ValvePage.text(about.hasValve(), valve, invocation.surroundings().clock().instant()));
        return 0;
    }
}
