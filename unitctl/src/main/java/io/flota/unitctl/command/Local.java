package io.flota.unitctl.command;

import io.flota.unitctl.local.LocalCommand;
import java.io.PrintWriter;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

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
        var local = new CommandLine(new LocalCommand())
                .setOut(new PrintWriter(surroundings.out(), true))
                .setErr(new PrintWriter(surroundings.err(), true));
        addHelp(local);
        local.getSubcommands().values().forEach(Local::addHelp);
        return local.execute(arguments);
    }

    private static void addHelp(CommandLine command) {
        command.getCommandSpec()
                .addOption(OptionSpec.builder("-h", "--help")
                        .usageHelp(true)
                        .description("Show this help.")
                        .build());
    }
}
