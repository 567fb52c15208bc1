package io.flota.daemon;

import java.io.PrintWriter;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine;

/// Runs a daemon's command: settings from flags, environment and files, one clear line for each problem, which says
/// where the value comes from if it is not the command line.
///
/// Exit codes: 0 ended as asked, 1 failed, 2 wrong usage or settings; with `--check-config` 0 all is fine, 1 it is not.
public final class DaemonCommand {
    public static final int FAILED = 1;
    public static final int WRONG_USAGE = 2;

    static final String CHECK = "--check-config";

    private final CommandLine command;
    private final List<String> words;
    private final PrintWriter err;

    private DaemonCommand(CommandLine command, List<String> words, PrintWriter err) {
        this.command = command;
        this.words = words;
        this.err = err;
    }

    /// What is done with settings that are there.
    @FunctionalInterface
    interface Work {
        /// @return the exit code
        int with(CommandSettings settings) throws Exception;
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
        return run(daemon, usualFile, List.of(args), environment, err, _ -> daemon.call());
    }

    static int run(
            Object daemon, String usualFile, List<String> words, Map<String, String> environment, PrintWriter err,
            Work work) {
        var command = CommandSettings.command(daemon).setErr(err);
        return new DaemonCommand(command, words, err).run(usualFile, environment, work);
    }

    private int run(String usualFile, Map<String, String> environment, Work work) {
        CommandSettings settings;
        try {
            settings = CommandSettings.of(command, new LayeredDefaults.Sources(words, environment, usualFile, Map.of()));
        } catch (SettingsException e) {
            return refuse(e.problems());
        }
        command.setParameterExceptionHandler((e, _) -> refuse(List.of(settings.placed(e))));
        command.setExecutionExceptionHandler((e, _, _) -> {
            if (e instanceof SettingsException wrong) {
                return refuse(wrong.problems().stream().map(settings::placed).toList());
            }
            throw e; // a bug, or an outage that the daemon did not expect: let the caller see all of it
        });
        command.setExecutionStrategy(parsed -> {
            Integer help = CommandLine.executeHelpRequest(parsed);
            if (help != null) {
                return help;
            }
            try {
                return work.with(settings);
            } catch (Exception e) {
                throw new CommandLine.ExecutionException(command, "the daemon failed", e);
            }
        });
        return command.execute(words.toArray(String[]::new));
    }

    private int refuse(List<String> problems) {
        tell(command.getCommandName(), problems, err);
        return words.contains(CHECK) ? FAILED : WRONG_USAGE;
    }

    static void tell(String who, List<String> problems, PrintWriter err) {
        problems.stream().flatMap(String::lines).forEach(line -> err.println(who + ": " + line));
        err.flush();
    }
}
