package io.flota.agent.runtime.setting;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import com.google.common.collect.ImmutableSortedSet;
import io.flota.unit.Specifiers;
import io.flota.unit.UnitFile;
import io.flota.unit.UnitFile.Setting;
import io.flota.unit.UnitFileException;
import io.flota.unit.UnitName;
import io.flota.unit.Words;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.Function;

/// Reads settings one key at a time, and keeps what is wrong and which keys nobody asked for.
public final class SettingReader {
    /// Keys that say nothing about how a unit runs here, or whose meaning this runtime always has.
    private static final ImmutableSet<String> MEANINGLESS = ImmutableSet.of(
            "Unit.Description", "Unit.Documentation", "Unit.SourcePath", "Unit.DefaultDependencies",
            "Unit.IgnoreOnIsolate", "Unit.CollectMode", "Unit.RefuseManualStart", "Unit.AllowIsolate",
            "Service.SyslogIdentifier", "Service.MemoryAccounting", "Service.CPUAccounting", "Service.TasksAccounting",
            "Service.BlockIOAccounting", "Service.IOAccounting", "Service.KillExcludeNothing");

    /// Sections whose keys are named one by one if nobody asked for them; of others only the section is.
    private static final ImmutableSet<String> SYSTEMD = ImmutableSet.of("Unit", "Service");

    private final ImmutableSet<String> sections;
    private final UnitFile file;
    private final Specifiers.Context context;
    private final Set<String> asked = new HashSet<>(MEANINGLESS);
    private final List<String> problems = new ArrayList<>();
    private final Set<String> unheld = new LinkedHashSet<>();

    public SettingReader(UnitFile file, Specifiers.Context context) {
        this(file, context, SYSTEMD);
    }

    private SettingReader(UnitFile file, Specifiers.Context context, ImmutableSet<String> sections) {
        this.file = file;
        this.context = context;
        this.sections = sections;
    }

    /// One that also reads a section which is not systemd's.
    public static SettingReader with(String section, UnitFile file, Specifiers.Context context) {
        return new SettingReader(
                file, context, ImmutableSet.<String>builder().addAll(SYSTEMD).add(section).build());
    }

    /// What was not honoured.
    ///
    /// @throws UnitFileException with everything that was wrong
    public ImmutableList<String> finish() throws UnitFileException {
        if (!problems.isEmpty()) {
            throw new UnitFileException(problems);
        }
        var ignored = new LinkedHashSet<>(unheld);
        for (var setting : file.settings()) {
            boolean ours = sections.contains(setting.section());
            boolean elsewhere = setting.section().equals("Install") || setting.section().startsWith("X-");
            if (!elsewhere && !setting.key().startsWith("X-") && !asked.contains(id(setting))) {
                ignored.add(ours ? setting.key() + "=" : "[" + setting.section() + "]");
            }
        }
        return ImmutableList.copyOf(ignored);
    }

    /// Says that a value of a key has no effect here.
    public void unheld(String words) {
        unheld.add(words);
    }

    public void problem(String what) {
        problems.add(context.name() + ": " + what);
    }

    /// The last value of a key of `[Service]`; empty if it is not set, or reset by an empty one.
    public <T> Optional<T> service(String key, Function<String, T> parse) {
        return last("Service", key, parse);
    }

    public <T> Optional<T> last(String section, String key, Function<String, T> parse) {
        asked.add(section + "." + key);
        var all = file.all(section, key);
        if (all.isEmpty() || all.getLast().value().isEmpty()) {
            return Optional.empty();
        }
        return attempt(all.getLast(), parse);
    }

    /// A key whose value is one of a few words.
    public <T> T choice(String key, T unset, Map<String, T> words) {
        return choice("Service", key, unset, words);
    }

    /// The same of any section.
    public <T> T choice(String section, String key, T unset, Map<String, T> words) {
        return last(section, key, value -> {
                    if (!words.containsKey(value)) {
                        throw new IllegalArgumentException(
                                "\"" + value + "\" is not one of " + String.join(", ", words.keySet()));
                    }
                    return words.get(value);
                })
                .orElse(unset);
    }

    /// Every value of a list key of `[Service]`, in order; an empty assignment resets the list.
    public <T> ImmutableList<T> list(String key, Function<String, ? extends Iterable<T>> parse) {
        return all("Service", key, parse);
    }

    /// The same of any section.
    public <T> ImmutableList<T> all(String section, String key, Function<String, ? extends Iterable<T>> parse) {
        asked.add(section + "." + key);
        var values = new ArrayList<T>();
        eachOf(section, key, values::clear, setting -> attempt(setting, parse)
                .ifPresent(found -> found.forEach(values::add)));
        return ImmutableList.copyOf(values);
    }

    /// Whether the last assignment of a key is an empty one.
    public boolean isEmptied(String section, String key) {
        return file.last(section, key).filter(String::isEmpty).isPresent();
    }

    /// Whether a key has a value.
    public boolean isSet(String section, String key) {
        return file.last(section, key).filter(value -> !value.isEmpty()).isPresent();
    }

    public UnitName unit() {
        return context.name();
    }

    /// A list of units in `[Unit]`.
    public ImmutableSortedSet<UnitName> units(String key) {
        asked.add("Unit." + key);
        var units = new TreeSet<UnitName>();
        eachOf("Unit", key, units::clear, setting -> attempt(setting, this::names).ifPresent(units::addAll));
        units.remove(context.name());
        return ImmutableSortedSet.copyOf(units);
    }

    public String expand(String value) {
        return Specifiers.expand(context, value);
    }

    private ImmutableList<UnitName> names(String value) {
        return Words.split(value).stream()
                .map(word -> UnitName.ofReference(expand(word)))
                .collect(ImmutableList.toImmutableList());
    }

    private void eachOf(String section, String key, Runnable reset, Consumer<Setting> consumer) {
        for (var setting : file.all(section, key)) {
            if (setting.value().isEmpty()) {
                reset.run();
            } else {
                consumer.accept(setting);
            }
        }
    }

    private <T> Optional<T> attempt(Setting setting, Function<String, ? extends T> parse) {
        try {
            return Optional.of(parse.apply(setting.value()));
        } catch (IllegalArgumentException e) {
            problems.add(context.name() + ":" + setting.line() + ": " + setting.key() + "=" + setting.value() + ": "
                    + e.getMessage() + ".");
            return Optional.empty();
        }
    }

    /// @throws IllegalArgumentException if the value is no such number
    public static int whole(String value, int least, int most) {
        try {
            int number = Integer.parseInt(value);
            if (number >= least && number <= most) {
                return number;
            }
        } catch (NumberFormatException _) {
            // said below
        }
        throw new IllegalArgumentException("is not a whole number from " + least + " to " + most);
    }

    private static String id(Setting setting) {
        return setting.section() + "." + setting.key();
    }

    public static ImmutableMap<String, String> merged(List<ImmutableMap<String, String>> maps) {
        var merged = ImmutableMap.<String, String>builder();
        maps.forEach(merged::putAll);
        return merged.buildKeepingLast();
    }
}
