package io.flota.unitctl.command;

import com.google.protobuf.ByteString;
import io.flota.api.v1.ExecCommand;
import io.flota.api.v1.ExecStart;
import io.flota.api.v1.TerminalSize;
import io.flota.unitctl.client.BrokenCallException;
import io.flota.unitctl.client.ClusterException;
import io.flota.unitctl.client.Visit;
import io.flota.unitctl.terminal.RawTerminal;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;

/// Runs a command inside a unit.
final class Exec implements Command {
    private static final int PIECE = 32 * 1024;
    /// As a shell says it of a command whose reader has gone.
    private static final int NOBODY_READS = 141;

    @Override
    public CommandSpec spec() {
        return Flags.command(
                        "exec",
                        "Run a command inside a unit that runs: unitctl exec -it web@1 -- sh",
                        "Its exit status is unitctl's; 127 if there is no such program, 128 and N for signal N.")
                .addOption(Flags.flag("Hand standard input on to it.", "-i", "--stdin"))
                .addOption(Flags.flag("Give it a terminal.", "-t", "--tty"))
                .addOption(Flags.value("USER", "As this user of the unit's, instead of root.", "-u", "--user"))
                .addOption(Flags.value(
                        "ID", "On this machine, for a unit on several: its id or the first digits of it.", "--machine"))
                .addPositional(Flags.arguments("UNIT -- COMMAND", "One unit, and the command with its arguments."));
    }

    @Override
    public int run(Invocation invocation)
            throws CommandException, ClusterException, IOException, InterruptedException {
        var arguments = invocation.arguments();
        if (arguments.size() < 2) {
            throw CommandException.usage("unitctl exec takes a unit and a command: unitctl exec web@1 -- ls /");
        }
        boolean onTerminal = invocation.has("--tty");
        var here = invocation.surroundings();
        if (onTerminal && (!here.inIsTerminal() || !here.outIsTerminal())) {
            throw CommandException.usage("-t needs a terminal here, too: leave it away where input or output is none");
        }
        var command = ExecCommand.newBuilder()
                .addAllWords(arguments.subList(1, arguments.size()))
                .setUser(invocation.value("--user").orElse(""));
        var start = ExecStart.newBuilder()
                .setUnit(Selection.fullName(arguments.getFirst()))
                .setMachineId(invocation.value("--machine").orElse(""));
        var cluster = invocation.cluster();
        if (!onTerminal) {
            try (var visit = cluster.enter(start.setCommand(command).build())) {
                return converse(invocation, visit);
            }
        }
        command.setTerminalType(here.environment().getOrDefault("TERM", "")).setTerminal(size(RawTerminal.size()));
        Visit.End end;
        try (var visit = cluster.enter(start.setCommand(command).build())) {
            visit.begun(); // until then Ctrl-C is for unitctl
            try (var terminal = RawTerminal.open()) {
                terminal.onResize(size -> resize(visit, size));
                end = converse(invocation, visit, false);
            }
        }
        return told(invocation, end);
    }

    private static TerminalSize size(Optional<RawTerminal.Size> size) {
        return size.map(known -> TerminalSize.newBuilder().setColumns(known.columns()).setRows(known.rows()).build())
                .orElse(TerminalSize.getDefaultInstance());
    }

    private static void resize(Visit visit, RawTerminal.Size size) {
        try {
            visit.resize(size(Optional.of(size)));
        } catch (BrokenCallException _) {
            // whoever reads learns of it, too, and says so
        }
    }

    private static int converse(Invocation invocation, Visit visit) throws ClusterException, InterruptedException {
        return told(invocation, converse(invocation, visit, true));
    }

    private static int told(Invocation invocation, Visit.End end) {
        if (!end.problem().isEmpty()) {
            invocation.err().println(end.problem());
        }
        return end.status();
    }

    /// @param mayEnd whether a command that is not to read anything is told so at once; on a terminal that would be typed
    private static Visit.End converse(Invocation invocation, Visit visit, boolean mayEnd)
            throws ClusterException, InterruptedException {
        boolean hasInput = invocation.has("--stdin");
        if (hasInput || mayEnd) {
            var input = hasInput ? invocation.surroundings().in() : InputStream.nullInputStream();
            Thread.ofPlatform().daemon().name("input").start(() -> handOn(input, visit));
        }
        while (true) {
            switch (visit.next()) {
                case Visit.Output(var bytes) -> {
                    if (!print(bytes, invocation.out())) {
                        return new Visit.End(NOBODY_READS, "");
                    }
                }
                case Visit.ErrorOutput(var bytes) -> print(bytes, invocation.err());
                case Visit.End end -> {
                    return end;
                }
            }
        }
    }

    /// @return false if nobody reads it any more
    private static boolean print(ByteString bytes, PrintStream stream) {
        try {
            bytes.writeTo(stream);
        } catch (IOException e) {
            throw new IllegalStateException("a PrintStream throws nothing", e);
        }
        return !stream.checkError();
    }

    private static void handOn(InputStream input, Visit visit) {
        var buffer = new byte[PIECE];
        try (var output = visit.input()) {
            for (int count = input.read(buffer); count >= 0; count = input.read(buffer)) {
                output.write(buffer, 0, count);
            }
        } catch (IOException _) {
            return; // the command has ended, or the connection: the one who reads its output says which
        }
    }
}
