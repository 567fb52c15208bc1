package io.flota.unitctl;

import io.flota.unitctl.client.ClusterException;
import io.flota.unitctl.command.Command;
import io.flota.unitctl.command.CommandException;
import io.flota.unitctl.command.CommandLines;
import io.flota.unitctl.command.Commands;
import io.flota.unitctl.command.Help;
import io.flota.unitctl.command.Invocation;
import io.flota.unitctl.command.Local;
import io.flota.unitctl.command.Surroundings;
import io.flota.unitctl.command.Words;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.ParseResult;

/// Runs one command line.
public final class Unitctl {
    /// Not for operators, so that no list has it: the build makes the start-up cache with it.
    private static final String TRAIN = "train";

    private final Surroundings surroundings;

    private Unitctl(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    /// @return the exit status; all that is to be said has been printed
    public static int run(Surroundings surroundings, String... arguments) {
        return new Unitctl(surroundings).run(Words.of(List.of(arguments)));
    }

    private int run(Words words) {
        try {
            return dispatch(words);
        } catch (CommandException ended) {
            return fail(words, ended.status(), ended.getMessage(), ended);
        } catch (NoSuchFileException missing) {
            return fail(words, CommandException.FAILED, missing.getFile() + ": no such file", missing);
        } catch (AccessDeniedException denied) {
            return fail(words, CommandException.FAILED, denied.getFile() + ": permission denied", denied);
        } catch (ClusterException | IOException failed) {
            return fail(words, CommandException.FAILED, failed.getMessage(), failed);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return fail(words, CommandException.FAILED, "interrupted", interrupted);
        } catch (RuntimeException bug) {
            return fail(words, CommandException.FAILED, "unitctl has a bug: " + bug + " (--debug shows where)", bug);
        }
    }

    private int dispatch(Words words) throws CommandException, ClusterException, IOException, InterruptedException {
        if (words.command().isEmpty()) {
            return withoutCommand(words);
        }
        if (words.command().get().equals(TRAIN)) {
            return Rehearsal.run(surroundings);
        }
        var name = Commands.named(words.command().get());
        if (name == Commands.LOCAL) {
            return Local.run(surroundings, words.others().toArray(String[]::new));
        }
        Command command = name.create();
        ParseResult given = CommandLines.parse(command, words.others());
        if (given.hasMatchedOption("--help")) {
            surroundings.out().print(Help.of(name));
            return 0;
        }
        try (var invocation = new Invocation(given, surroundings)) {
            CommandLines.tellIdle(invocation);
            return command.run(invocation);
        }
    }

    private int withoutCommand(Words words)
            throws CommandException, ClusterException, IOException, InterruptedException {
        if (words.has("--version") || words.has("-v")) {
            return dispatch(new Words(Optional.of(Commands.VERSION.word()), List.of()));
        }
        CommandLines.parseGlobal(words.others());
        surroundings.out().print(Help.overview());
        return 0;
    }

    private int fail(Words words, int status, String message, Exception cause) {
        surroundings.out().flush();
        surroundings.err().println(message);
        if (words.has("--debug") || isSet("UNITCTL_DEBUG") || isSet("FLEETCTL_DEBUG")) {
            cause.printStackTrace(surroundings.err());
        }
        return status;
    }

    private boolean isSet(String variable) {
        return !surroundings.environment().getOrDefault(variable, "").isEmpty();
    }
}
