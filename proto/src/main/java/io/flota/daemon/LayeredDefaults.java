package io.flota.daemon;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import picocli.CommandLine.IDefaultValueProvider;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/// Where an option that is not on the command line gets its value: the environment (`--etcd-endpoints` is
/// `FLOTA_ETCD_ENDPOINTS`), then the settings file (`etcd-endpoints = …`), then the option's own default.
final class LayeredDefaults implements IDefaultValueProvider {
    private static final String CONFIG = "config";
    /// What only makes sense for one start.
    private static final Set<String> NO_SETTINGS = Set.of(CONFIG, "check-config");

    private final Map<String, String> environment;
    private final SettingsFile file;

    private LayeredDefaults(Map<String, String> environment, SettingsFile file) {
        this.environment = environment;
        this.file = file;
    }

    /// @param usualName of the settings file, if none is asked for
    /// @throws SettingsException with every problem of the file: bad TOML, keys that are no option of the command
    static LayeredDefaults of(
            CommandSpec command, Map<String, String> environment, Optional<Path> asked, String usualName)
            throws SettingsException {
        var known = command.options().stream()
                .filter(option -> !option.usageHelp() && !option.versionHelp())
                .map(LayeredDefaults::key)
                .filter(key -> !NO_SETTINGS.contains(key))
                .toList();
        return new LayeredDefaults(environment, SettingsFile.find(asked, usualName, command.name(), known));
    }

    @Override
    public String defaultValue(ArgSpec arg) {
        if (!(arg instanceof OptionSpec option)) {
            return null; // picocli's word for "no default from here"
        }
        String key = key(option);
        if (NO_SETTINGS.contains(key)) {
            return key.equals(CONFIG) ? file.path().map(Path::toString).orElse(null) : null;
        }
        return variable(key).or(() -> file.value(key)).orElse(null);
    }

    /// Where an option's value comes from, as `file:line` or the name of a variable; empty if it is the command line's.
    Optional<String> place(String key, List<String> commandLine) {
        String option = "--" + key;
        if (commandLine.stream().anyMatch(word -> word.equals(option) || word.startsWith(option + "="))) {
            return Optional.empty();
        }
        return variable(key).map(_ -> environmentVariable(key)).or(() -> file.place(key));
    }

    private Optional<String> variable(String key) {
        return Optional.ofNullable(environment.get(environmentVariable(key))).filter(value -> !value.isEmpty());
    }

    static String key(OptionSpec option) {
        return option.longestName().replaceFirst("^--", "");
    }

    static String environmentVariable(String key) {
        return "FLOTA_" + key.toUpperCase(Locale.ROOT).replace('-', '_');
    }
}
