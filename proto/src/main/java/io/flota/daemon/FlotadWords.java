package io.flota.daemon;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableListMultimap;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSortedMap;
import io.flota.unit.NearestName;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/// Which words of a command line, and which variables, are for which daemon of a process that has several. What is of
/// the process (etcd, TLS files, logs) is for all; what is of one daemon only is its own; and what several have each for
/// themselves, as `--listen`, is told apart by the daemon's name: `--agent-listen`, `FLOTA_AGENT_LISTEN`.
final class FlotadWords {
    private static final String VARIABLE = "FLOTA_";
    private static final String NEGATION = "no-";
    /// Told apart although they are of the process, as each daemon has a file of its own.
    private static final String CONFIG = "config";

    /// By short name, in the order of the daemons.
    private final ImmutableMap<String, CommandSpec> commands;
    private final TreeSet<String> common = new TreeSet<>();

    FlotadWords(List<Daemon> daemons) {
        commands = daemons.stream()
                .collect(ImmutableMap.toImmutableMap(Daemon::shortName, CommandSpec::forAnnotatedObject));
        Stream.of(new EtcdOptions(), new ListenOptions(), new DaemonOptions())
                .flatMap(options -> CommandSpec.forAnnotatedObject(options).options().stream())
                .map(LayeredDefaults::key)
                .forEach(common::add);
        common.remove(CONFIG);
    }

    /// @return the words for each daemon
    /// @throws SettingsException with every problem
    ImmutableListMultimap<String, String> dealOut(List<String> words) throws SettingsException {
        var dealt = ImmutableListMultimap.<String, String>builder();
        var problems = new ArrayList<String>();
        for (int at = 0; at < words.size(); at++) {
            var word = words.get(at);
            int equals = word.indexOf('=');
            var option = equals < 0 ? word : word.substring(0, equals);
            var takers = takers(option);
            boolean takesNext = equals < 0
                    && takers.values().stream().anyMatch(FlotadWords::needsValue)
                    && at + 1 < words.size();
            if (takesNext) {
                at++;
            }
            var problem = problem(option, takers);
            problem.ifPresent(problems::add);
            for (var taker : problem.isPresent() ? List.<Map.Entry<String, Taken>>of() : takers.entrySet()) {
                dealt.put(taker.getKey(), "--" + taker.getValue().written() + word.substring(option.length()));
                if (takesNext) {
                    dealt.put(taker.getKey(), words.get(at));
                }
            }
        }
        if (!problems.isEmpty()) {
            throw new SettingsException(problems);
        }
        return dealt.build();
    }

    /// @return the variables of each daemon
    /// @throws SettingsException with every problem
    ImmutableMap<String, ImmutableSortedMap<String, String>> environments(Map<String, String> environment)
            throws SettingsException {
        var problems = new ArrayList<String>();
        for (var apart : apart()) {
            var variable = LayeredDefaults.environmentVariable(apart);
            if (!environment.getOrDefault(variable, "").isEmpty()) {
                problems.add(variable + " could be for any of the daemons: write " + commands.keySet().stream()
                        .map(name -> VARIABLE + name.toUpperCase(Locale.ROOT) + "_" + variable.substring(VARIABLE.length()))
                        .collect(Collectors.joining(" or ")));
            }
        }
        if (!problems.isEmpty()) {
            throw new SettingsException(problems);
        }
        return commands.keySet().stream()
                .collect(ImmutableMap.toImmutableMap(name -> name, name -> environment(name, environment)));
    }

    private static ImmutableSortedMap<String, String> environment(String name, Map<String, String> environment) {
        var own = VARIABLE + name.toUpperCase(Locale.ROOT) + "_";
        var view = new TreeMap<>(environment);
        environment.forEach((variable, value) -> {
            if (variable.startsWith(own)) {
                view.put(VARIABLE + variable.substring(own.length()), value);
            }
        });
        return ImmutableSortedMap.copyOf(view);
    }

    /// @param written the option as its daemon knows it, without dashes
    private record Taken(String written, OptionSpec option) {}

    private static boolean needsValue(Taken taken) {
        return taken.option().arity().min() > 0; // never of a switch, negated or not
    }

    /// By the daemons' names; more than one also where only one can be meant.
    private Map<String, Taken> takers(String word) {
        var named = new TreeMap<String, Taken>();
        var all = new TreeMap<String, Taken>();
        if (word.startsWith("--")) {
            var option = word.substring(2);
            commands.forEach((name, command) -> {
                known(command, option).ifPresent(spec -> all.put(name, new Taken(option, spec)));
                if (option.startsWith(name + "-")) {
                    var own = option.substring(name.length() + 1);
                    known(command, own).ifPresent(spec -> named.put(name, new Taken(own, spec)));
                }
            });
        }
        return named.isEmpty() ? all : named;
    }

    private Optional<String> problem(String word, Map<String, Taken> takers) {
        if (takers.isEmpty()) {
            return Optional.of("there is no option " + word + NearestName.of(word.replaceFirst("^--", ""), allOptions())
                    .map(near -> "; did you mean --" + near + "?")
                    .orElse(""));
        }
        var option = takers.values().iterator().next().written();
        return takers.size() > 1 && apart().contains(option)
                ? Optional.of(word + " could be for any of the daemons: write " + takers.keySet().stream()
                        .map(name -> "--" + name + "-" + option)
                        .collect(Collectors.joining(" or ")))
                : Optional.empty();
    }

    private static Optional<OptionSpec> known(CommandSpec command, String option) {
        var plain = command.findOption("--" + option);
        if (plain != null || !option.startsWith(NEGATION)) {
            return Optional.ofNullable(plain);
        }
        return Optional.ofNullable(command.findOption("--" + option.substring(NEGATION.length())))
                .filter(OptionSpec::negatable);
    }

    /// What more than one daemon has, each for itself.
    ImmutableList<String> apart() {
        return allOptions().stream()
                .filter(option -> !common.contains(option))
                .filter(option -> commands.values().stream()
                                .filter(command -> known(command, option).isPresent())
                                .count()
                        > 1)
                .collect(ImmutableList.toImmutableList());
    }

    private TreeSet<String> allOptions() {
        return commands.values().stream()
                .flatMap(command -> command.options().stream())
                .filter(option -> !option.usageHelp() && !option.versionHelp())
                .map(LayeredDefaults::key)
                .collect(Collectors.toCollection(TreeSet::new));
    }
}
