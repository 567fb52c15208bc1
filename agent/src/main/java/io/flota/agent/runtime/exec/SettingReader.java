package io.flota.agent.runtime.exec;

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
final class SettingReader {
    /// Keys that say nothing about how a unit runs here, or whose meaning this runtime always has.
    private static final ImmutableSet<String> MEANINGLESS = ImmutableSet.of(
            "Unit.Description", "Unit.Documentation", "Unit.SourcePath", "Unit.DefaultDependencies",
            "Unit.IgnoreOnIsolate", "Unit.CollectMode", "Unit.RefuseManualStart", "Unit.AllowIsolate",
            "Service.SyslogIdentifier", "Service.MemoryAccounting", "Service.CPUAccounting", "Service.TasksAccounting",
            "Service.BlockIOAccounting", "Service.IOAccounting", "Service.KillExcludeNothing");

    private final UnitFile file;
    private final Specifiers.Context context;
    private final Set<String> asked = new HashSet<>(MEANINGLESS);
    private final List<String> problems = new ArrayList<>();
    private final Set<String> unheld = new LinkedHashSet<>();

    SettingReader(UnitFile file, Specifiers.Context context) {
        this.file = file;
        this.context = context;
    }

    /// What was not honoured.
    ///
    /// @throws UnitFileException with everything that was wrong
    ImmutableList<String> finish() throws UnitFileException {
        if (!problems.isEmpty()) {
            throw new UnitFileException(problems);
        }
        var ignored = new LinkedHashSet<>(unheld);
        for (var setting : file.settings()) {
            boolean ours = setting.section().equals("Unit") || setting.section().equals("Service");
            boolean elsewhere = setting.section().equals("Install") || setting.section().startsWith("X-");
            if (!elsewhere && !setting.key().startsWith("X-") && !asked.contains(id(setting))) {
                ignored.add(ours ? setting.key() + "=" : "[" + setting.section() + "]");
            }
        }
        return ImmutableList.copyOf(ignored);
    }

    /// Says that a value of a key has no effect here.
    void unheld(String words) {
        unheld.add(words);
    }

    void problem(String what) {
        problems.add(context.name() + ": " + what);
    }

    /// The last value of a key of `[Service]`; empty if it is not set, or reset by an empty one.
    <T> Optional<T> service(String key, Function<String, T> parse) {
        return last("Service", key, parse);
    }

    <T> Optional<T> last(String section, String key, Function<String, T> parse) {
        asked.add(section + "." + key);
        var all = file.all(section, key);
        if (all.isEmpty() || all.getLast().value().isEmpty()) {
            return Optional.empty();
        }
        return attempt(all.getLast(), parse);
    }

    /// A key whose value is one of a few words.
    <T> T choice(String key, T unset, Map<String, T> words) {
        return service(key, value -> {
                    if (!words.containsKey(value)) {
                        throw new IllegalArgumentException(
                                "\"" + value + "\" is not one of " + String.join(", ", words.keySet()));
                    }
                    return words.get(value);
                })
                .orElse(unset);
    }

    /// Every value of a list key of `[Service]`, in order; an empty assignment resets the list.
    <T> ImmutableList<T> list(String key, Function<String, ? extends Iterable<T>> parse) {
        asked.add("Service." + key);
        var values = new ArrayList<T>();
        eachOf("Service", key, values::clear, setting -> attempt(setting, parse)
                .ifPresent(found -> found.forEach(values::add)));
        return ImmutableList.copyOf(values);
    }

    /// A list of units in `[Unit]`.
    ImmutableSortedSet<UnitName> units(String key) {
        asked.add("Unit." + key);
        var units = new TreeSet<UnitName>();
        eachOf("Unit", key, units::clear, setting -> attempt(setting, this::names).ifPresent(units::addAll));
        units.remove(context.name());
        return ImmutableSortedSet.copyOf(units);
    }

    String expand(String value) {
        return Specifiers.expand(context, value);
    }

    private ImmutableList<UnitName> names(String value) {
        return Words.split(value).stream()
                .map(word -> new UnitName(expand(word)))
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
    static int whole(String value, int least, int most) {
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

    static ImmutableMap<String, String> merged(List<ImmutableMap<String, String>> maps) {
        var merged = ImmutableMap.<String, String>builder();
        maps.forEach(merged::putAll);
        return merged.buildKeepingLast();
    }
}
