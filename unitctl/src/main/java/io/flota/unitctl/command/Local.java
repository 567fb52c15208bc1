package io.flota.unitctl.command;

import io.flota.unitctl.local.LocalCommand;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

/// `unitctl local`, which has commands of its own.
public final class Local implements Command {
    @Override
    public CommandSpec spec() {
        return CommandSpec.forAnnotatedObject(new LocalCommand());
    }

    @Override
    public int run(Invocation invocation) throws CommandException {
        throw CommandException.usage("unitctl local help shows its commands");
    }

    /// It reads its arguments itself.
    ///
    /// @param arguments what stands behind `local`
    public static int run(Surroundings surroundings, String... arguments) {
        return new CommandLine(new LocalCommand())
                .setOut(new java.io.PrintWriter(surroundings.out(), true))
                .setErr(new java.io.PrintWriter(surroundings.err(), true))
                .execute(arguments);
    }
}
