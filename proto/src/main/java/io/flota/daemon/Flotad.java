package io.flota.daemon;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/// `flotad`: scheduler and agent in one process, for clusters where every machine is to have both.
public final class Flotad {
    static final String NAME = "flotad";
    /// In which they start and end: leadership is handed over before units are.
    private static final ImmutableList<String> ORDER = ImmutableList.of("scheduler", "agent");
    /// What a machine where everything is in one process is to do unless told otherwise: a stop of that process, as for
    /// an upgrade, was what removed all units of a fleetd's machine.
    private static final ImmutableMap<String, String> USUAL = ImmutableMap.of("on-stop", "keep");

    private final Supplier<List<Daemon>> daemons;
    private final List<String> words;
    private final Map<String, String> environment;

    private Flotad(Supplier<List<Daemon>> daemons, List<String> words, Map<String, String> environment) {
        this.daemons = daemons;
        this.words = words;
        this.environment = environment;
    }

    public static void main(String[] args) {
        DaemonProcess.main(NAME, err -> run(Flotad::loaded, args, System.getenv(), System.out, err));
    }

    /// @param daemons makes new ones for each reading of the settings
    /// @return the exit code
    static int run(
            Supplier<List<Daemon>> daemons, String[] args, Map<String, String> environment, PrintStream out,
            PrintWriter err) {
        var words = List.of(args);
        if (words.contains("--help") || words.contains("-h")) {
            help(daemons.get(), out);
            return 0;
        }
        if (words.contains("--version") || words.contains("-V")) {
            out.println(NAME + " " + daemons.get().getFirst().version());
            return 0;
        }
        try {
            var flotad = new Flotad(daemons, words, environment);
            return DaemonProcess.run(NAME, new Reading(flotad::read), flotad.read(), err);
        } catch (SettingsException e) {
            DaemonCommand.tell(NAME, e.problems(), err);
            return words.contains(DaemonCommand.CHECK) ? DaemonCommand.FAILED : DaemonCommand.WRONG_USAGE;
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return DaemonCommand.FAILED;
        }
    }

    private List<DaemonSettings> read() throws SettingsException {
        var all = daemons.get();
        var deal = new FlotadWords(all);
        var dealt = deal.dealOut(words);
        var environments = deal.environments(environment);
        var read = new ArrayList<DaemonSettings>();
        var problems = new ArrayList<String>();
        for (var daemon : all) {
            var name = daemon.shortName();
            try {
                read.add(DaemonSettings.read(daemon, dealt.get(name), environments.get(name), USUAL));
            } catch (SettingsException e) {
                e.problems().stream().filter(problem -> !problems.contains(problem)).forEach(problems::add);
            }
        }
        if (!problems.isEmpty()) {
            throw new SettingsException(problems);
        }
        return read;
    }

    private static List<Daemon> loaded() {
        var found = ServiceLoader.load(Daemon.class).stream().map(ServiceLoader.Provider::get).toList();
        return ORDER.stream()
                .map(name -> found.stream()
                        .filter(daemon -> daemon.shortName().equals(name))
                        .findFirst()
                        .orElseThrow(() -> new IllegalStateException("the class path has no flota-" + name + ".jar")))
                .toList();
    }

    private static void help(List<Daemon> daemons, PrintStream out) {
        var apart = new FlotadWords(daemons).apart();
        out.println("""
                Usage: flotad [OPTION]...
                Runs flota-scheduler and flota-agent in one process, with one connection to etcd and one log.

                Takes all options of both, from the command line, as FLOTA_... from the environment, from
                /etc/flota/scheduler.toml and /etc/flota/agent.toml, and from what a fleetd was told (FLEET_... and
                /etc/fleet/fleet.conf): flota-scheduler --help and flota-agent --help list them. What both have
                each for itself has the name of the one that is meant in front on the command line and in the environment:""");
        out.println(apart.stream()
                .flatMap(option -> daemons.stream().map(daemon -> "--" + daemon.shortName() + "-" + option))
                .collect(Collectors.joining(" ", "  ", "")));
        out.println("""

                SIGTERM and SIGINT end it: leadership goes to another scheduler, and units run on, or with --on-stop
                purge are stopped and started elsewhere. SIGUSR1 ends it for another one to take over. SIGHUP has it
                read its settings anew.""");
    }
}
