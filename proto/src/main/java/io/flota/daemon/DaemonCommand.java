package io.flota.daemon;

import io.flota.unit.TimeSpan;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;

/// Runs a daemon's command: settings from flags, environment and file, one clear line for each problem, which says
/// where the value comes from if it is not the command line.
///
/// Exit codes: 0 ended as asked, 1 failed, 2 wrong usage or settings; with `--check-config` 0 all is fine, 1 it is not.
public final class DaemonCommand {
    public static final int FAILED = 1;
    public static final int WRONG_USAGE = 2;

    private static final String CHECK = "--check-config";
    /// How problems begin that are an option's.
    private static final Pattern OPTION = Pattern.compile("^--([a-z-]+)\\b.*", Pattern.DOTALL);

    private final CommandLine command;
    private final List<String> words;
    private final PrintWriter err;

    private DaemonCommand(CommandLine command, List<String> words, PrintWriter err) {
        this.command = command;
        this.words = words;
        this.err = err;
    }

    /// @param daemon annotated for picocli; its `--config` names the settings file, and its `call` runs until the end
    /// @param usualFile the settings file's name in `/etc/flota`, read if it is there and no other is asked for
    /// @return the exit code
    public static int run(
            Callable<Integer> daemon,
            String usualFile,
            String[] args,
            Map<String, String> environment,
            PrintWriter err) {
        var command = new CommandLine(daemon)
                .setErr(err)
                .registerConverter(ListenAddress.class, ListenAddress::parse)
                .registerConverter(Duration.class, TimeSpan::parse);
        return new DaemonCommand(command, List.of(args), err).run(usualFile, environment);
    }

    private int run(String usualFile, Map<String, String> environment) {
        try {
            var asked = configFile(environment);
            var defaults = LayeredDefaults.of(command.getCommandSpec(), environment, asked, usualFile);
            command.setDefaultValueProvider(defaults);
            command.setParameterExceptionHandler((e, _) -> refuse(List.of(place(e, defaults) + e.getMessage())));
            command.setExecutionExceptionHandler((e, _, _) -> {
                if (e instanceof SettingsException settings) {
                    return refuse(settings.problems().stream()
                            .map(problem -> place(problem, defaults) + problem)
                            .toList());
                }
                throw e; // a bug, or an outage that the daemon did not expect: let the caller see all of it
            });
        } catch (SettingsException e) {
            return refuse(e.problems());
        }
        return command.execute(words.toArray(String[]::new));
    }

    private int refuse(List<String> problems) {
        problems.stream()
                .flatMap(String::lines)
                .forEach(line -> err.println(command.getCommandName() + ": " + line));
        err.flush();
        return words.contains(CHECK) ? FAILED : WRONG_USAGE;
    }

    private String place(ParameterException problem, LayeredDefaults defaults) {
        return problem.getArgSpec() instanceof OptionSpec option
                ? place("--" + LayeredDefaults.key(option), defaults)
                : "";
    }

    private String place(String problem, LayeredDefaults defaults) {
        var option = OPTION.matcher(problem);
        return option.matches() ? defaults.place(option.group(1), words).map(place -> place + ": ").orElse("") : "";
    }

    /// `--config` is read ahead of everything else, because it is where the other options' values come from.
    private Optional<Path> configFile(Map<String, String> environment) {
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
