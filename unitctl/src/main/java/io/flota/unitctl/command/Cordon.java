package io.flota.unitctl.command;

import io.flota.api.v1.SetPolicyRequest;
import io.flota.unitctl.client.ClusterException;
import io.flota.unitctl.render.Ids;
import java.io.IOException;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;

/// cordon and uncordon: whether machines take anything new.
final class Cordon implements Command {
    private final boolean cordoned;

    Cordon(boolean cordoned) {
        this.cordoned = cordoned;
    }

    @Override
    public CommandSpec spec() {
        var spec = cordoned
                ? Flags.command(
                        "cordon",
                        "Have machines take no new units and keep those that they have.",
                        "A machine that is being drained keeps what is still there.")
                : Flags.command("uncordon", "Have machines take units again, after cordon or drain.");
        return spec.addPositional(Flags.arguments("MACHINE", "Ids, or as many of their first digits as are unique."));
    }

    @Override
    public int run(Invocation invocation) throws CommandException, ClusterException, IOException {
        var request = SetPolicyRequest.newBuilder()
                .addAllMachineIds(machines(invocation))
                .setCordoned(cordoned)
                .setDraining(false)
                .build();
        for (String machine : invocation.cluster().setPolicy(request).getMachineIdsList()) {
            invocation.out().println("Machine " + Ids.shortened(machine) + (cordoned ? " cordoned" : " uncordoned"));
        }
        return 0;
    }

    static List<String> machines(Invocation invocation) throws CommandException {
        if (invocation.arguments().isEmpty()) {
            throw CommandException.usage("No machines given");
        }
        return invocation.arguments().stream().map(Cordon::digits).toList();
    }

    /// A machine as lists show it, `85c0c595...` or `85c0c595.../172.17.8.101`, is meant, too.
    static String digits(String machine) {
        return machine.replaceFirst("\\.\\.\\..*$", "").replaceFirst("/.*$", "");
    }
}
