package io.flota.unitctl.command;

import java.io.IOException;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.CommandSpec;

/// The overview, and the flags of each command.
public final class Help implements Command {
    private static final int COLUMN = 18;

    @Override
    public CommandSpec spec() {
        return Flags.command("help", "Show all commands, or the flags of one.")
                .addPositional(Flags.arguments("COMMAND", "A command."));
    }

    @Override
    public int run(Invocation invocation) throws CommandException, IOException {
        if (invocation.arguments().isEmpty()) {
            invocation.out().print(overview());
        } else {
            invocation.out().print(of(Commands.named(invocation.arguments().getFirst())));
        }
        return 0;
    }

    /// The flags of one command.
    public static String of(Commands command) {
        var spec = command.create().spec();
        return new CommandLine(command == Commands.LOCAL ? spec.name("unitctl local") : Flags.addGlobal(spec))
                .getUsageMessage(Ansi.OFF);
    }

    /// All commands.
    public static String overview() throws IOException {
        var text = new StringBuilder("unitctl " + Version.own()
                + " drives a cluster of machines that run systemd-style units.\n\n"
                + "Usage: unitctl [FLAGS] COMMAND [FLAGS] [ARGUMENTS]\n\nCommands:\n");
        for (Commands command : Commands.values()) {
            text.append("  ").append(command.word()).repeat(' ', COLUMN - command.word().length());
            text.append(command.summary()).append('\n');
        }
        text.append("\nFlags of all commands (also variables, as UNITCTL_ENDPOINT, and settings, as endpoint):\n");
        var spec = Flags.addGlobal(CommandSpec.create(), true);
        text.append(new CommandLine(spec).getHelp().optionList());
        return text.append("\nExit status: 0 done, 1 refused or failed, 2 wrong usage.\n").toString();
    }
}
