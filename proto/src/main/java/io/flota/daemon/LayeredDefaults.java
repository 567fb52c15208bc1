package io.flota.daemon;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSortedSet;
import io.flota.daemon.fleet.FleetSettings;
import io.flota.daemon.fleet.FleetTranslation;
import io.flota.daemon.fleet.Remark;
import io.flota.daemon.fleet.Remark.Becomes;
import java.nio.file.Path;
import java.util.Comparator;
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
/// `FLOTA_ETCD_ENDPOINTS`), then the settings file (`etcd-endpoints = …`), then what a fleetd was told (`FLEET_…`,
/// then `fleet.conf`), then the option's own default.
final class LayeredDefaults implements IDefaultValueProvider {
    private static final String CONFIG = "config";
    private static final String FLEET_CONFIG = "fleet-config";
    private static final String ENDPOINTS = "etcd-endpoints";
    /// For whoever wants no settings of this machine.
    private static final Path NO_FILE = Path.of("/dev/null");
    /// What only makes sense for one start.
    private static final Set<String> NO_SETTINGS = Set.of(CONFIG, "check-config");

    private final ImmutableSortedSet<String> known;
    private final List<String> words;
    private final Map<String, String> environment;
    private final Map<String, String> usual;
    private final SettingsFile file;
    private final FleetSettings fleet;
    private final FleetTranslation translation;

    /// @param words of the command line
    /// @param file the settings file's name in `/etc/flota`, read if it is there and no other is asked for
    /// @param usual what counts instead of options' own defaults
    record Sources(List<String> words, Map<String, String> environment, String file, Map<String, String> usual) {}

    /// @throws SettingsException with every problem of the files: bad TOML, keys that are no option of the command,
    ///         what is no value of fleet's
    LayeredDefaults(CommandSpec command, Sources sources) throws SettingsException {
        words = sources.words();
        environment = sources.environment();
        usual = sources.usual();
        known = command.options().stream()
                .filter(option -> !option.usageHelp() && !option.versionHelp())
                .map(LayeredDefaults::key)
                .filter(key -> !NO_SETTINGS.contains(key))
                .collect(ImmutableSortedSet.toImmutableSortedSet(Comparator.naturalOrder()));
        var asked = named(CONFIG).or(() -> variable(CONFIG)).map(Path::of);
        file = SettingsFile.find(asked, sources.file(), command.name(), known);
        fleet = known.contains(FLEET_CONFIG) ? fleet(asked) : FleetSettings.NONE;
        translation = FleetTranslation.of(fleet, own(ENDPOINTS).isPresent());
        if (!translation.problems().isEmpty()) {
            throw new SettingsException(translation.problems());
        }
    }

    private FleetSettings fleet(Optional<Path> settingsFile) throws SettingsException {
        var asked = named(FLEET_CONFIG).or(() -> variable(FLEET_CONFIG)).or(() -> file.value(FLEET_CONFIG));
        boolean none = settingsFile.filter(NO_FILE::equals).isPresent();
        var usual = none ? Optional.<Path>empty() : FleetSettings.usualFile();
        return FleetSettings.read(asked.map(Path::of).or(() -> usual), environment);
    }

    @Override
    public String defaultValue(ArgSpec arg) {
        if (!(arg instanceof OptionSpec option)) {
            return null; // picocli's word for "no default from here"
        }
        String key = key(option);
        return switch (key) {
            case CONFIG -> file.path().map(Path::toString).orElse(null);
            case FLEET_CONFIG -> own(key).or(() -> fleet.file().map(Path::toString)).orElse(null);
            default -> NO_SETTINGS.contains(key)
                    ? null
                    : variable(key)
                            .or(() -> file.value(key))
                            .or(() -> translation.option(key).map(Becomes::value))
                            .or(() -> Optional.ofNullable(usual.get(key)))
                            .orElse(null);
        };
    }

    /// Where an option's value comes from, as `file:line` or the name of a variable; empty if it is the command line's.
    Optional<String> place(String key) {
        return onCommandLine(key).isPresent()
                ? Optional.empty()
                : placeOfOwn(key).or(() -> translation.option(key).map(LayeredDefaults::placeOf));
    }

    private static String placeOf(Becomes becomes) {
        return becomes.place() + (becomes.place().contains(":") ? ": " + becomes.key() : "");
    }

    private Optional<String> placeOfOwn(String key) {
        return variable(key).map(_ -> environmentVariable(key)).or(() -> file.place(key));
    }

    /// What fleet's settings become that are this command's affair and count, those included that have no meaning any more.
    ImmutableList<Remark> translated() {
        return translation.remarks().stream()
                .filter(remark -> !(remark instanceof Becomes becomes)
                        || known.contains(becomes.option()) && own(becomes.option()).isEmpty())
                .collect(ImmutableList.toImmutableList());
    }

    /// The same, and those that are not this command's affair, each in a line for operators.
    ImmutableList<String> translationInWords(String command) {
        return translation.remarks().stream()
                .map(remark -> switch (remark) {
                    case Remark.Meaningless none -> placeAndKey(none) + " has no meaning: " + none.because();
                    case Becomes becomes -> placeAndKey(becomes) + " " + becomes.words() + beaten(becomes, command);
                })
                .collect(ImmutableList.toImmutableList());
    }

    private static String placeAndKey(Remark remark) {
        return remark.place().contains(":") ? remark.place() + ": " + remark.key() : remark.place();
    }

    private String beaten(Becomes becomes, String command) {
        var option = becomes.option();
        if (!known.contains(option)) {
            return ", which is not for " + command;
        }
        return onCommandLine(option).map(_ -> "the command line")
                .or(() -> placeOfOwn(option))
                .map(place -> "; " + place + " beats it")
                .orElse("");
    }

    /// What Flota's own settings say.
    private Optional<String> own(String key) {
        return onCommandLine(key).or(() -> variable(key)).or(() -> file.value(key));
    }

    /// Read ahead of everything else, because it is where other options' values come from.
    private Optional<String> named(String option) {
        return onCommandLine(option).filter(path -> !path.isEmpty());
    }

    /// The word behind an option, if it has one.
    private Optional<String> onCommandLine(String key) {
        var option = "--" + key;
        var negated = "--no-" + key;
        for (int at = 0; at < words.size(); at++) {
            var word = words.get(at);
            if (word.equals(option) || word.equals(negated)) {
                return Optional.of(at + 1 < words.size() ? words.get(at + 1) : "");
            }
            if (word.startsWith(option + "=")) {
                return Optional.of(word.substring(option.length() + 1));
            }
        }
        return Optional.empty();
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
