package io.flota.daemon;

import io.flota.unit.TimeSpan;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine;

/// Runs a daemon's command: settings from flags, environment and file, one clear line for each problem.
///
/// Exit codes: 0 ended as asked, 1 failed, 2 wrong usage or settings.
public final class DaemonCommand {
    public static final int FAILED = 1;
    public static final int WRONG_USAGE = 2;

    private DaemonCommand() {}

    /// @param daemon annotated for picocli; its `--config` names the settings file, and its `call` runs until the end
    /// @return the exit code
    public static int run(Callable<Integer> daemon, String[] args, Map<String, String> environment, PrintWriter err) {
        var command = new CommandLine(daemon)
                .setErr(err)
                .registerConverter(ListenAddress.class, ListenAddress::parse)
                .registerConverter(Duration.class, TimeSpan::parse);
        command.setParameterExceptionHandler((e, _) -> refuse(err, command, e.getMessage()));
        command.setExecutionExceptionHandler((e, _, _) -> {
            if (e instanceof SettingsException settings) {
                return refuse(err, command, settings.getMessage());
            }
            throw e; // a bug, or an outage that the daemon did not expect: let the caller see all of it
        });
        try {
            var file = configFile(args, environment);
            command.setDefaultValueProvider(LayeredDefaults.of(command.getCommandSpec(), environment, file));
        } catch (SettingsException e) {
            return refuse(err, command, e.getMessage());
        }
        return command.execute(args);
    }

    private static int refuse(PrintWriter err, CommandLine command, String problems) {
        problems.lines().forEach(line -> err.println(command.getCommandName() + ": " + line));
        err.flush();
        return WRONG_USAGE;
    }

    /// `--config` is read ahead of everything else, because it is where the other options' values come from.
    private static Optional<Path> configFile(String[] args, Map<String, String> environment) {
        var words = Arrays.asList(args);
        int at = words.indexOf("--config");
        if (at >= 0 && at + 1 < words.size()) {
            return Optional.of(Path.of(words.get(at + 1)));
        }
        return words.stream()
                .filter(word -> word.startsWith("--config="))
                .map(word -> Path.of(word.substring("--config=".length())))
                .findFirst()
                .or(() -> Optional.ofNullable(environment.get("FLOTA_CONFIG"))
                        .filter(path -> !path.isEmpty())
                        .map(Path::of));
    }
}
