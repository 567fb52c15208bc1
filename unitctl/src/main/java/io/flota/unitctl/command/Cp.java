package io.flota.unitctl.command;

import io.flota.api.v1.ExecStart;
import io.flota.unitctl.archive.PackedFiles;
import io.flota.unitctl.archive.ReceivedFiles;
import io.flota.unitctl.client.ClusterException;
import io.flota.unitctl.client.Visit;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import picocli.CommandLine.Model.CommandSpec;

/// Copies files to and from the inside of units.
final class Cp implements Command {
    /// One side of a copy.
    ///
    /// @param unit its full name; empty: this machine
    private record Side(Optional<String> unit, String path) {}

    @Override
    public CommandSpec spec() {
        return Flags.command(
                        "cp",
                        "Copy a file or folder to or from the inside of a unit that runs:",
                        "unitctl cp web@1:/etc/x ./x, unitctl cp ./x web@1:/tmp/",
                        "Into a folder that is there under its own name, else under the name that is given.")
                .addOption(Flags.value(
                        "ID", "On this machine, for a unit on several: its id or the first digits of it.", "--machine"))
                .addPositional(Flags.arguments("FROM TO", "Two paths, one of them UNIT:PATH."));
    }

    @Override
    public int run(Invocation invocation)
            throws CommandException, ClusterException, IOException, InterruptedException {
        var arguments = invocation.arguments();
        if (arguments.size() != 2) {
            throw CommandException.usage("unitctl cp takes two paths: unitctl cp web@1:/etc/x ./x");
        }
        var from = side(arguments.getFirst());
        var to = side(arguments.getLast());
        if (from.unit().isPresent() == to.unit().isPresent()) {
            throw CommandException.usage("one of the two paths has to be UNIT:PATH, as in unitctl cp web@1:/etc/x ./x");
        }
        if (from.unit().isPresent()) {
            receive(invocation, from, to.path());
        } else {
            send(invocation, from.path(), to);
        }
        return 0;
    }

    /// A path of this machine that has a colon begins with `./` or `/`.
    private static Side side(String argument) throws CommandException {
        int colon = argument.indexOf(':');
        if (colon <= 0 || argument.startsWith(".") || argument.lastIndexOf('/', colon) >= 0) {
            return new Side(Optional.empty(), argument);
        }
        if (colon == argument.length() - 1) {
            throw CommandException.usage("\"" + argument + "\" names no path inside the unit");
        }
        return new Side(Optional.of(Selection.fullName(argument.substring(0, colon))), argument.substring(colon + 1));
    }

    private static ExecStart.Builder start(Invocation invocation, String unit) {
        return ExecStart.newBuilder().setUnit(unit).setMachineId(invocation.value("--machine").orElse(""));
    }

    private static void receive(Invocation invocation, Side from, String to)
            throws CommandException, ClusterException, IOException, InterruptedException {
        var unit = from.unit().orElseThrow();
        var place = place(invocation.surroundings().directory(), from.path(), to);
        try (var visit = invocation.cluster().enter(start(invocation, unit).setRead(from.path()).build());
                var files = new ReceivedFiles(place, invocation.err()::println)) {
            var tar = new VisitOutput(visit);
            Optional<IOException> broken = Optional.empty();
            try {
                files.unpack(tar);
            } catch (IOException failure) {
                broken = Optional.of(failure);
            }
            tar.endWell("tar in " + unit, broken);
            files.moveIntoPlace();
        } catch (IOException failure) {
            throw CommandException.failed("cannot copy " + unit + ":" + from.path() + ": " + words(failure), failure);
        }
    }

    private static String words(IOException failure) {
        return ReceivedFiles.printable(
                failure.getMessage() == null ? failure.getClass().getSimpleName() : failure.getMessage());
    }

    /// Where what is copied goes.
    private static Path place(Path directory, String from, String to) throws CommandException {
        var given = directory.resolve(to).normalize();
        if (Files.isDirectory(given)) {
            var name = Path.of("/", from).normalize().getFileName();
            if (name == null) {
                throw CommandException.usage("all of a unit is not copied at once: name a folder");
            }
            return given.resolve(name);
        }
        if (to.endsWith("/") || !Files.isDirectory(given.toAbsolutePath().getParent())) {
            throw CommandException.failed(
                    (to.endsWith("/") ? to : given.toAbsolutePath().getParent()) + ": no such folder");
        }
        return given;
    }

    private static void send(Invocation invocation, String from, Side to)
            throws CommandException, ClusterException, IOException, InterruptedException {
        var unit = to.unit().orElseThrow();
        var source = invocation.surroundings().directory().resolve(from);
        if (!Files.exists(source)) {
            throw new NoSuchFileException(from);
        }
        try (var visit = invocation.cluster().enter(start(invocation, unit).setWrite(to.path()).build())) {
            var wanted = visit.begun();
            var own = source.toRealPath(java.nio.file.LinkOption.NOFOLLOW_LINKS).getFileName();
            if (own == null) {
                throw CommandException.failed("all of this machine is not copied at once: name a folder");
            }
            var sent = new CompletableFuture<Optional<IOException>>();
            Thread.ofPlatform().daemon().name("tar").start(() -> sent.complete(pack(
                    invocation, source, wanted.isEmpty() ? own.toString() : wanted, visit)));
            new VisitOutput(visit).endWell("tar in " + unit, Optional.empty());
            var failure = sent.join();
            if (failure.isPresent()) {
                throw failure.get();
            }
        } catch (IOException failure) {
            throw CommandException.failed("cannot copy " + from + " to " + unit + ": " + words(failure), failure);
        }
    }

    /// @return what went wrong here; then the visit is over
    private static Optional<IOException> pack(Invocation invocation, Path source, String name, Visit visit) {
        try (var input = visit.input()) {
            PackedFiles.write(source, name, input, invocation.err()::println);
            return Optional.empty();
        } catch (IOException failure) {
            visit.close();
            return Optional.of(failure);
        }
    }
}
