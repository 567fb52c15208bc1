package io.flota.unitctl.command;

import io.flota.unitctl.render.Listing;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;

/// What the list commands have in common.
final class Lists {
    private Lists() {}

    static CommandSpec addFlags(CommandSpec spec, Listing<?> listing) {
        spec.addOption(Flags.flag("Whole ids and hashes.", "-l", "--full"))
                .addOption(Flags.flag("No line of titles.", "--no-legend"))
                .addOption(Flags.value(
                        "FIELD[,...]",
                        "Columns: " + String.join(", ", listing.fields()) + ". Usually: "
                                + String.join(",", listing.usual()) + ".",
                        "--fields"));
        return Flags.addOutput(spec);
    }

    static <R> void print(Invocation invocation, Listing<R> listing, List<R> rows) throws CommandException {
        Output output = invocation.output();
        List<String> columns = columns(invocation, listing, output);
        invocation.out().print(
                output.isTree()
                        ? output.render(listing.values(rows))
                        : listing.table(
                                rows,
                                columns,
                                !invocation.has("--no-legend"),
                                invocation.has("--full"),
                                invocation.palette()));
    }

    static List<String> columns(Invocation invocation, Listing<?> listing, Output output)
            throws CommandException {
        var chosen = invocation.value("--fields");
        if (chosen.isEmpty()) {
            return output == Output.WIDE ? listing.wide() : listing.usual();
        }
        List<String> columns = chosen.get().isBlank() ? List.of() : List.of(chosen.get().split(",", -1));
        var problem = listing.problem(columns);
        if (problem.isPresent()) {
            throw CommandException.usage(problem.get());
        }
        return columns;
    }
}
