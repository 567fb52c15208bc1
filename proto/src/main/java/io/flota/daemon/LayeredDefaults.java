package io.flota.daemon;

import io.flota.unit.NearestName;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.tomlj.Toml;
import org.tomlj.TomlArray;
import org.tomlj.TomlParseResult;
import org.tomlj.TomlTable;
import picocli.CommandLine.IDefaultValueProvider;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/// Where an option that is not on the command line gets its value: the environment (`--etcd-endpoints` is
/// `FLOTA_ETCD_ENDPOINTS`), then the settings file (`etcd-endpoints = …`), then the option's own default.
final class LayeredDefaults implements IDefaultValueProvider {
    private final Map<String, String> environment;
    private final Map<String, String> file;

    private LayeredDefaults(Map<String, String> environment, Map<String, String> file) {
        this.environment = environment;
        this.file = file;
    }

    /// @throws SettingsException with every problem of the file: bad TOML, keys that are no option of the command
    static LayeredDefaults of(CommandSpec command, Map<String, String> environment, Optional<Path> file)
            throws SettingsException {
        return new LayeredDefaults(environment, file.isEmpty() ? Map.of() : read(command, file.get()));
    }

    @Override
    public String defaultValue(ArgSpec arg) {
        if (!(arg instanceof OptionSpec option)) {
            return null; // picocli's word for "no default from here"
        }
        String key = key(option);
        String fromEnvironment = environment.get(environmentVariable(key));
        return fromEnvironment != null && !fromEnvironment.isEmpty() ? fromEnvironment : file.get(key);
    }

    static String key(OptionSpec option) {
        return option.longestName().replaceFirst("^--", "");
    }

    static String environmentVariable(String key) {
        return "FLOTA_" + key.toUpperCase(Locale.ROOT).replace('-', '_');
    }

    private static Map<String, String> read(CommandSpec command, Path path) throws SettingsException {
        TomlParseResult toml;
        try {
            toml = Toml.parse(path);
        } catch (IOException e) {
            throw new SettingsException(List.of("cannot read the settings file " + path + ": " + reason(e)));
        }
        var problems = new ArrayList<String>();
        toml.errors()
                .forEach(error -> problems.add(
                        path + ":" + error.position().line() + ": " + error.getMessage().lines().findFirst().orElse("")));
        var values = new TreeMap<String, String>();
        var known = command.options().stream()
                .filter(option -> !option.usageHelp() && !option.versionHelp())
                .map(LayeredDefaults::key)
                .collect(Collectors.toList());
        known.remove("config");
        for (String key : toml.keySet()) {
            int line = toml.inputPositionOf(List.of(key)).line();
            if (!known.contains(key)) {
                problems.add(path + ":" + line + ": \"" + key + "\" is not a setting of " + command.name()
                        + NearestName.of(key, known).map(near -> "; did you mean \"" + near + "\"?").orElse(""));
                continue;
            }
            text(toml.get(List.of(key))).ifPresentOrElse(
                    value -> values.put(key, value),
                    () -> problems.add(path + ":" + line + ": \"" + key
                            + "\" must be a text, number, true or false, a list of these, or a table of texts"));
        }
        if (!problems.isEmpty()) {
            throw new SettingsException(problems);
        }
        return values;
    }

    /// A TOML value as it would be written on the command line; lists and tables become `a,b` and `k=v,k=v`.
    private static Optional<String> text(Object value) {
        return switch (value) {
            case String text -> Optional.of(text);
            case Long number -> Optional.of(number.toString());
            case Double number -> Optional.of(number.toString());
            case Boolean truth -> Optional.of(truth.toString());
            case TomlArray array -> joined(array.toList().stream().map(LayeredDefaults::text).toList());
            case TomlTable table -> joined(table.keySet().stream()
                    .sorted()
                    .map(key -> text(table.get(List.of(key))).map(item -> key + "=" + item))
                    .toList());
            default -> Optional.empty();
        };
    }

    private static Optional<String> joined(List<Optional<String>> parts) {
        return parts.stream().anyMatch(Optional::isEmpty)
                ? Optional.empty()
                : Optional.of(parts.stream().map(Optional::get).collect(Collectors.joining(",")));
    }

    static String reason(IOException e) {
        return switch (e) {
            case java.nio.file.NoSuchFileException _ -> "no such file";
            case java.nio.file.AccessDeniedException _ -> "permission denied";
            default -> e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
        };
    }
}
