package io.flota.unitctl.command;

import java.util.List;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/// Reads the flags and arguments of a command.
public final class CommandLines {
    private CommandLines() {}

    public static ParseResult parse(Command command, List<String> words) throws CommandException {
        return parse(command.spec(), words);
    }

    /// What stands there if no command does.
    public static ParseResult parseGlobal(List<String> words) throws CommandException {
        return parse(CommandSpec.create().name("unitctl"), words);
    }

    /// Says which of the flags that were given mean nothing here.
    public static void tellIdle(Invocation invocation) throws CommandException {
        FleetFlags.tellIdle(invocation.spec(), invocation);
    }

    private static ParseResult parse(CommandSpec spec, List<String> words) throws CommandException {
        Flags.addGlobal(spec);
        try {
            return new CommandLine(spec)
                    .setExpandAtFiles(false)
                    .parseArgs(FleetFlags.spelling(spec, words).toArray(String[]::new));
        } catch (UnmatchedArgumentException unknown) {
            throw CommandException.usage(unmatched(spec, unknown.getUnmatched().getFirst()));
        } catch (ParameterException wrong) {
            throw CommandException.usage(spec.name() + ": " + wrong.getMessage());
        }
    }

    private static String unmatched(CommandSpec spec, String word) {
        if (!word.startsWith("-")) {
            return spec.name() + " takes no argument \"" + word + "\"";
        }
        String flag = word.split("=", 2)[0];
        if (spec.positionalParameters().stream().anyMatch(words -> words.paramLabel().contains(" -- "))) {
            return spec.name() + " has no flag " + flag + "; flags of the command inside stand behind \"--\"";
        }
        var known = spec.options().stream()
                .flatMap(option -> Stream.of(option.names()))
                .filter(name -> name.startsWith("--"))
                .toList();
        return spec.name() + " has no flag " + flag + Nearest.suggestion(flag, known);
    }
}
