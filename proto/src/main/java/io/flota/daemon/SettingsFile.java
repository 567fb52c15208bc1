package io.flota.daemon;

import io.flota.unit.NearestName;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.tomlj.Toml;
import org.tomlj.TomlArray;
import org.tomlj.TomlParseResult;
import org.tomlj.TomlTable;

/// A program's settings file: TOML, whose keys are the names of the long options (`etcd-endpoints = …`).
public final class SettingsFile {
    /// Where an installed program looks if it is not told where.
    private static final Path USUAL_FOLDER = Path.of("/etc/flota");

    /// @param value as it would stand on the command line
    private record Setting(String value, int line) {}

    private final Optional<Path> path;
    private final Map<String, Setting> settings;

    private SettingsFile(Optional<Path> path, Map<String, Setting> settings) {
        this.path = path;
        this.settings = settings;
    }

    /// Reads the file that was asked for, or else the usual one of `/etc/flota`, if it is there.
    ///
    /// @param usualName such as `agent.toml`
    /// @param program whose settings these are, as messages say it
    /// @param known the keys that there are
    /// @throws SettingsException with every problem, each as `file:line: what`
    public static SettingsFile find(
            Optional<Path> asked, String usualName, String program, Collection<String> known)
            throws SettingsException {
        var usual = USUAL_FOLDER.resolve(usualName);
        var path = asked.or(() -> Optional.of(usual).filter(Files::exists));
        return path.isEmpty()
                ? new SettingsFile(path, Map.of())
                : new SettingsFile(path, read(path.get(), program, known));
    }

    /// The file itself; empty if there is none.
    public Optional<Path> path() {
        return path;
    }

    /// As it would stand on the command line: lists and tables as `a,b` and `k=v,k=v`.
    public Optional<String> value(String key) {
        return Optional.ofNullable(settings.get(key)).map(Setting::value);
    }

    /// Where a setting stands, as `file:line`.
    public Optional<String> place(String key) {
        return path.flatMap(file ->
                Optional.ofNullable(settings.get(key)).map(setting -> file + ":" + setting.line()));
    }

    private static Map<String, Setting> read(Path path, String program, Collection<String> known)
            throws SettingsException {
        var toml = parse(path);
        var problems = new ArrayList<String>();
        for (var error : toml.errors()) {
            var what = error.getMessage().lines().findFirst().orElse("");
            problems.add(path + ":" + error.position().line() + ": " + what);
        }
        var settings = new TreeMap<String, Setting>();
        for (String key : toml.keySet()) {
            int line = toml.inputPositionOf(List.of(key)).line();
            if (!known.contains(key)) {
                problems.add(path + ":" + line + ": \"" + key + "\" is not a setting of " + program
                        + NearestName.of(key, known).map(near -> "; did you mean \"" + near + "\"?").orElse(""));
                continue;
            }
            text(toml.get(List.of(key))).ifPresentOrElse(
                    value -> settings.put(key, new Setting(value, line)),
                    () -> problems.add(path + ":" + line + ": \"" + key
                            + "\" must be a text, number, true or false, a list of these, or a table of texts"));
        }
        if (!problems.isEmpty()) {
            throw new SettingsException(problems);
        }
        return settings;
    }

    private static TomlParseResult parse(Path path) throws SettingsException {
        try {
            return Toml.parse(path);
        } catch (IOException e) {
            throw new SettingsException(List.of("cannot read the settings file " + path + ": " + reason(e)));
        }
    }

    private static Optional<String> text(Object value) {
        return switch (value) {
            case String text -> Optional.of(text);
            case Long number -> Optional.of(number.toString());
            case Double number -> Optional.of(number.toString());
            case Boolean truth -> Optional.of(truth.toString());
            case TomlArray array -> joined(array.toList().stream().map(SettingsFile::text).toList());
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
            case NoSuchFileException _ -> "no such file";
            case AccessDeniedException _ -> "permission denied";
            default -> e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
        };
    }
}
