package io.flota.unitctl.command;

import com.google.protobuf.ByteString;
import io.flota.unit.PlacementRules;
import io.flota.unit.RenderRules;
import io.flota.unit.UnitFile;
import io.flota.unit.UnitFileException;
import io.flota.unit.UnitName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;

/// Checks unit files as a scheduler would, without one.
final class Verify implements Command {
    @Override
    public CommandSpec spec() {
        return Flags.command("verify", "Check unit files without a cluster; each problem comes as file:line: what.")
                .addPositional(Flags.arguments("FILE", "Unit files."));
    }

    @Override
    public int run(Invocation invocation) throws CommandException, IOException {
        if (invocation.arguments().isEmpty()) {
            throw CommandException.usage("No unit files given");
        }
        boolean good = true;
        for (String file : invocation.arguments()) {
            List<String> problems = check(invocation, file);
            problems.forEach(invocation.err()::println);
            good &= problems.isEmpty();
            if (problems.isEmpty()) {
                invocation.out().println(file + ": ok");
            }
        }
        return good ? 0 : CommandException.FAILED;
    }

    private static List<String> check(Invocation invocation, String file) throws IOException {
        Path path = invocation.surroundings().directory().resolve(file);
        try {
            var name = new UnitName(path.getFileName().toString());
            var rules = rules(file, name, ByteString.copyFrom(Files.readAllBytes(path)));
            rules.warnings().forEach(warning -> invocation.err().println("warning: " + warning));
            return List.of();
        } catch (IllegalArgumentException badName) {
            return List.of(file + ": " + badName.getMessage());
        } catch (NoSuchFileException _) {
            return List.of(file + ": no such file");
        } catch (UnitFileException wrong) {
            return wrong.problems();
        }
    }

    static PlacementRules rules(String source, UnitName name, ByteString bytes) throws UnitFileException {
        var file = UnitFile.parse(source, bytes);
        var rules = PlacementRules.of(source, name, file);
        RenderRules.of(source, name, file);
        return rules;
    }
}
