package io.flota.unit;

import com.google.common.collect.ImmutableList;
import java.util.Map;
import java.util.function.UnaryOperator;

/// One command of `ExecStart=` and its like.
///
/// @param ignoreFailure prefix `-`: that it fails counts as success
/// @param literal prefix `:`: `$` means nothing
/// @param privilege prefixes `+`, `!`, `!!`
/// @param executable an absolute path, or a name to be looked up; not expanded yet
/// @param named prefix `@`: the first argument is what the process is to be called
/// @param arguments not expanded yet
public record CommandLine(
        boolean ignoreFailure,
        boolean literal,
        Privilege privilege,
        String executable,
        boolean named,
        ImmutableList<String> arguments) {

    /// How much of `User=` and its like holds for a command.
    public enum Privilege {
        /// All of it.
        NONE,
        /// `+`: nothing of it, nor of name spaces and capabilities.
        FULL,
        /// `!`: all but the change of user and group.
        KEEP_USER,
        /// `!!`: as `!` where the kernel has no ambient capabilities, else nothing special.
        AMBIENT
    }

    /// All commands of one assignment, as separated by ` ; `. None if the value is empty, which resets the list.
    ///
    /// @throws IllegalArgumentException whose message says what is wrong
    public static ImmutableList<CommandLine> parse(String value) {
        var commands = ImmutableList.<CommandLine>builder();
        var reader = new WordReader(value, WordReader.Escapes.C);
        while (!reader.atEnd()) {
            if (!reader.skip(";")) {
                commands.add(one(reader));
            }
        }
        return commands.build();
    }

    private static CommandLine one(WordReader reader) {
        String first = reader.next().orElseThrow();
        int at = 0;
        boolean ignoreFailure = false;
        boolean named = false;
        boolean literal = false;
        var privilege = Privilege.NONE;
        for (; at < first.length(); at++) {
            char c = first.charAt(at);
            if (c == '-' && !ignoreFailure) {
                ignoreFailure = true;
            } else if (c == '@' && !named) {
                named = true;
            } else if (c == ':' && !literal) {
                literal = true;
            } else if (c == '+' && privilege == Privilege.NONE) {
                privilege = Privilege.FULL;
            } else if (c == '!' && privilege == Privilege.NONE) {
                privilege = Privilege.KEEP_USER;
            } else if (c == '!' && privilege == Privilege.KEEP_USER) {
                privilege = Privilege.AMBIENT;
            } else {
                break;
            }
        }
        String executable = checked(first.substring(at));
        var arguments = arguments(reader);
        if (named && arguments.isEmpty()) {
            throw new IllegalArgumentException("prefix @ asks for the name of the process as first argument, and"
                    + " there is none. Add one, or remove the @");
        }
        return new CommandLine(ignoreFailure, literal, privilege, executable, named, arguments);
    }

    private static ImmutableList<String> arguments(WordReader reader) {
        var arguments = ImmutableList.<String>builder();
        while (!reader.atEnd() && !reader.skip(";")) {
            if (reader.skip("\\;")) {
                arguments.add(";");
            } else {
                arguments.add(reader.next().orElseThrow());
            }
        }
        return arguments.build();
    }

    private static String checked(String executable) {
        if (executable.isEmpty()) {
            throw new IllegalArgumentException("there is no program to run. Write its path");
        }
        if (executable.endsWith("/")) {
            throw new IllegalArgumentException(Excerpt.of(executable) + " is a folder, not a program. Write its path");
        }
        if (!executable.startsWith("/") && executable.contains("/")) {
            throw new IllegalArgumentException(Excerpt.of(executable) + " is neither an absolute path nor a plain name."
                    + " Write the whole path, beginning with /");
        }
        if (executable.chars().anyMatch(c -> c < ' ' || c == 127)) {
            throw new IllegalArgumentException(Excerpt.of(executable) + " has a control character. Remove it");
        }
        return executable;
    }

    /// The arguments as the process is to see them, without the program itself. Specifiers are expanded first, then
    /// variables, unless [#literal].
    public ImmutableList<String> expandedArguments(UnaryOperator<String> specifiers, Map<String, String> variables) {
        var words = arguments.stream().map(specifiers).collect(ImmutableList.toImmutableList());
        return literal ? words : VariableExpansion.expand(words, variables);
    }
}
