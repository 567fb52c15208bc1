package io.flota.unitctl.command;

import io.flota.unitctl.client.ClusterException;
import java.io.IOException;
import picocli.CommandLine.Model.CommandSpec;

/// One of unitctl's commands.
public interface Command {
    /// Its name, flags and arguments; those that all commands share are added to it.
    CommandSpec spec();

    /// @return the exit status
    int run(Invocation invocation) throws CommandException, ClusterException, IOException, InterruptedException;
}
