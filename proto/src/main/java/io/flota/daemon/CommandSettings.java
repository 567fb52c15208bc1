package io.flota.daemon;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSortedMap;
import io.flota.daemon.fleet.Remark;
import io.flota.unit.TimeSpan;
import java.time.Duration;
import java.util.List;
import java.util.TreeMap;
import java.util.regex.Pattern;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;

/// One reading of a command's settings: from flags, environment and files into what is annotated for picocli.
final class CommandSettings {
    /// How problems begin that are an option's.
    private static final Pattern OPTION = Pattern.compile("^--([a-z-]+)\\b.*", Pattern.DOTALL);

    private final CommandLine command;
    private final List<String> words;
    private final LayeredDefaults defaults;

    private CommandSettings(CommandLine command, List<String> words, LayeredDefaults defaults) {
        this.command = command;
        this.words = words;
        this.defaults = defaults;
    }

    /// Knows all files from now on; options are not filled yet.
    ///
    /// @throws SettingsException with every problem of the files
    static CommandSettings of(CommandLine command, LayeredDefaults.Sources sources) throws SettingsException {
        var defaults = new LayeredDefaults(command.getCommandSpec(), sources);
        command.setDefaultValueProvider(defaults);
        return new CommandSettings(command, sources.words(), defaults);
    }

    /// For picocli, which is to understand what daemons are told.
    static CommandLine command(Object annotated) {
        return new CommandLine(annotated)
                .registerConverter(ListenAddress.class, ListenAddress::parse)
                .registerConverter(LogLevel.class, LogLevel::parse)
                .registerConverter(Duration.class, TimeSpan::parse);
    }

    /// Of the command.
    String name() {
        return command.getCommandName();
    }

    /// Fills the options.
    ///
    /// @throws SettingsException if one is not known or has a value that is none
    void fill() throws SettingsException {
        try {
            command.parseArgs(words.toArray(String[]::new));
        } catch (ParameterException e) {
            throw new SettingsException(List.of(placed(e)));
        }
    }

    /// The value of each option, to tell what has changed; not for human eyes, for there are secrets among them.
    ImmutableSortedMap<String, String> values() {
        var values = new TreeMap<String, String>();
        for (var option : command.getCommandSpec().options()) {
            values.put(LayeredDefaults.key(option), String.valueOf(option.<Object>getValue()));
        }
        return ImmutableSortedMap.copyOf(values);
    }

    ImmutableList<Remark> translated() {
        return defaults.translated();
    }

    ImmutableList<String> translationInWords() {
        return defaults.translationInWords(command.getCommandName());
    }

    String placed(ParameterException problem) {
        var place = problem.getArgSpec() instanceof OptionSpec option ? placeOf(LayeredDefaults.key(option)) : "";
        return place + problem.getMessage();
    }

    /// With where the value comes from in front, if that is not the command line.
    String placed(String problem) {
        var option = OPTION.matcher(problem);
        return (option.matches() ? placeOf(option.group(1)) : "") + problem;
    }

    private String placeOf(String option) {
        return defaults.place(option).map(place -> place + ": ").orElse("");
    }
}
