package io.flota.unitctl.command;

import io.flota.api.v1.SetPolicyRequest;
import io.flota.unitctl.client.ClusterException;
import io.flota.unitctl.render.Ids;
import java.io.IOException;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;

/// Metadata that operators give a machine, or take from it, whatever its agent tells.
final class SetMetadata implements Command {
    enum Change {
        SET("set-metadata", "KEY=VALUE"),
        UNSET("unset-metadata", "KEY"),
        RESET("reset-metadata", "KEY");

        private final String word;
        private final String label;

        Change(String word, String label) {
            this.word = word;
            this.label = label;
        }
    }

    private final Change change;

    SetMetadata(Change change) {
        this.change = change;
    }

    @Override
    public CommandSpec spec() {
        String[] description =
                switch (change) {
                    case SET -> new String[] {
                        "Give a machine metadata, which counts instead of what its agent tells.",
                        "Units that do not fit there any more move."
                    };
                    case UNSET -> new String[] {
                        "Take metadata from a machine, though its agent may tell it.",
                        "Units that do not fit there any more move."
                    };
                    case RESET -> new String[] {"Let count again what a machine's agent tells."};
                };
        return Flags.command(change.word, description)
                .addPositional(Flags.arguments(
                        "MACHINE " + change.label,
                        "A machine's id, or its first digits, and " + change.label + " once or more."));
    }

    @Override
    public int run(Invocation invocation) throws CommandException, ClusterException, IOException {
        var arguments = invocation.arguments();
        if (arguments.size() < 2) {
            throw CommandException.usage(
                    "unitctl " + change.word + " takes a machine and " + change.label + " once or more");
        }
        var request = request(arguments.subList(1, arguments.size()))
                .addMachineIds(Cordon.digits(arguments.getFirst()))
                .build();
        var machine = invocation.cluster().setPolicy(request).getMachineIds(0);
        invocation.out().println("Machine " + Ids.shortened(machine) + " metadata " + done() + ": "
                + String.join(" ", arguments.subList(1, arguments.size())));
        return 0;
    }

    private String done() {
        return switch (change) {
            case SET -> "set";
            case UNSET -> "unset";
            case RESET -> "reset";
        };
    }

    private SetPolicyRequest.Builder request(List<String> words) throws CommandException {
        var request = SetPolicyRequest.newBuilder();
        for (String word : words) {
            int sign = word.indexOf('=');
            if ((change == Change.SET) != (sign > 0)) {
                throw CommandException.usage("\"" + word + "\" is not " + change.label);
            }
            switch (change) {
                case SET -> {
                    if (request.containsSetMetadata(word.substring(0, sign))) {
                        throw CommandException.usage("metadata " + word.substring(0, sign) + " is given twice");
                    }
                    request.putSetMetadata(word.substring(0, sign), word.substring(sign + 1));
                }
                case UNSET -> request.addUnsetMetadata(word);
                case RESET -> request.addResetMetadata(word);
            }
        }
        return request;
    }
}
