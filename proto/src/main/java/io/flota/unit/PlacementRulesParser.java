package io.flota.unit;

import com.google.common.base.Ascii;
import com.google.common.base.CharMatcher;
import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSetMultimap;
import io.flota.unit.PartitionRules.OnDisconnect;
import io.flota.unit.PartitionRules.OnReconnect;
import io.flota.unit.UnitFile.Setting;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import java.util.regex.Pattern;

/// Reads the placement options of one file. What fleet ignored without a word is refused if it can only be a mistake,
/// and warned of if it did no harm.
final class PlacementRulesParser {
    /// @param text one value: specifiers expanded, quotes gone
    private record Value(Setting setting, String text) {}

    private record Note(int line, String text) {}

    private static final Pattern MACHINE_ID = Pattern.compile("[0-9a-f]{8}|[0-9a-f]{32}");
    private static final CharMatcher BLANK = CharMatcher.anyOf(" \t");

    private final String source;
    private final UnitName unit;
    /// The unit, or what stands in for the instances of a template.
    private final UnitName name;
    private final boolean template;
    private final UnitFile file;
    private final List<Note> problems = new ArrayList<>();
    private final List<Note> warnings = new ArrayList<>();
    private final Map<PlacementOption, List<Value>> values = new EnumMap<>(PlacementOption.class);

    PlacementRulesParser(String source, UnitName name, UnitFile file) {
        this.source = source;
        this.unit = name;
        this.name = name.isTemplate() ? UnitName.standIn(name) : name;
        this.template = name.isTemplate();
        this.file = file;
    }

    PlacementRules parse() throws UnitFileException {
        PlacementOption.warnings(file, (text, line) -> warnings.add(new Note(line, text)));
        for (var option : PlacementOption.values()) {
            values.put(option, switch (option.reading()) {
                case VALUES -> valuesOf(option);
                case LINES -> List.of(); // who reads those does it line by line
            });
        }
        var machineId = machineId();
        var machineOf = ImmutableList.<UnitName>builder();
        each(PlacementOption.MACHINE_OF, value -> machineOf.add(peer(value.text())));
        var metadata = ImmutableSetMultimap.<String, String>builder();
        each(PlacementOption.MACHINE_METADATA, value -> metadata(value, metadata));
        var conflicts = ImmutableList.<Glob>builder();
        each(PlacementOption.CONFLICTS, value -> Splitter.on(BLANK).omitEmptyStrings().split(value.text())
                .forEach(pattern -> conflicts.add(glob(value, UnitName.service(pattern)))));
        var replaces = ImmutableList.<Glob>builder();
        each(PlacementOption.REPLACES, value -> replaces.add(glob(value, UnitName.service(single(value.text())))));
        boolean global = last(PlacementOption.GLOBAL, BooleanValue::parse).orElse(false);
        var rules = new PlacementRules(
                machineId, machineOf.build(), metadata.build(), conflicts.build(), global, replaces.build(),
                partition(), reservation(), new OfferParser(unit, file, this::problem).parse(), standby(), texts(warnings));
        RefusedCombination.of(rules).ifPresent(refused -> problems.add(new Note(line(refused), refused.message())));
        contradictions(rules);
        contradictionsOfStandby(rules);
        if (!problems.isEmpty()) {
            throw new UnitFileException(texts(problems));
        }
        return rules.apartFromPrimary();
    }

    private int line(RefusedCombination refused) {
        return values.get(refused.option()).stream()
                .filter(value -> refused.value().isEmpty() || value.text().equals(refused.value()))
                .findFirst()
                .orElseThrow()
                .setting()
                .line();
    }

    private ImmutableList<String> texts(List<Note> notes) {
        return notes.stream()
                .sorted(Comparator.comparingInt(Note::line))
                .map(note -> source + ":" + note.line() + ": " + note.text())
                .collect(ImmutableList.toImmutableList());
    }

    private void problem(Setting setting, String what) {
        problems.add(new Note(setting.line(), setting.key() + "=" + what + "."));
    }

    private void warn(Setting setting, String what) {
        warnings.add(new Note(setting.line(), setting.key() + "=" + what + "."));
    }

    private void each(PlacementOption option, Consumer<Value> reader) {
        for (var value : values.get(option)) {
            try {
                reader.accept(value);
            } catch (IllegalArgumentException wrong) {
                problem(value.setting(), wrong.getMessage());
            }
        }
    }

    /// All values of an option, in the order of the file. None is empty and none has a quote.
    private List<Value> valuesOf(PlacementOption option) {
        var found = new ArrayList<Value>();
        for (var setting : file.settings()) {
            if (option.is(setting)) {
                for (var text : unquoted(setting.value())) {
                    add(option, new Value(setting, Specifiers.expandInPlacement(name, text)), found);
                }
            }
        }
        return found;
    }

    private void add(PlacementOption option, Value value, List<Value> found) {
        boolean unsatisfiable = option == PlacementOption.MACHINE_ID || option == PlacementOption.MACHINE_OF;
        if (value.text().indexOf('"') >= 0) {
            problem(value.setting(), Excerpt.of(value.setting().value()) + " has a quote that is not one of a pair"
                    + " around a value. Quote each value, or none");
        } else if (!value.text().isEmpty()) {
            found.add(value);
        } else if (value.setting().value().isEmpty() && unsatisfiable) {
            problem(value.setting(), " has no value, which no machine can satisfy. Give it one, or remove the line");
        } else if (option.isOurs()) {
            problem(value.setting(), " has no value. Give it one, or remove the line");
        } else if (value.setting().value().isEmpty()) {
            warn(value.setting(), " has no value and no effect; it does not reset the list");
        }
    }

    /// fleet's quoting: a value that begins and ends with a quote is a list, cut at blanks outside of quotes. Any
    /// other value is one. An unpaired quote stays, to be complained about.
    private static ImmutableList<String> unquoted(String value) {
        long quotes = value.chars().filter(c -> c == '"').count();
        if (!value.startsWith("\"") || !value.endsWith("\"") || quotes % 2 == 1) {
            return ImmutableList.of(value);
        }
        var values = ImmutableList.<String>builder();
        var text = new StringBuilder();
        boolean quoted = false;
        for (char c : value.toCharArray()) {
            quoted ^= c == '"';
            if (c == ' ' && !quoted) {
                values.add(text.toString());
                text.setLength(0);
            } else if (c != '"') {
                text.append(c);
            }
        }
        return values.add(text.toString()).build();
    }

    private Optional<String> machineId() {
        var all = values.get(PlacementOption.MACHINE_ID);
        var counts = PlacementOption.MACHINE_ID.names().stream()
                .flatMap(key -> all.stream().filter(value -> value.setting().key().equals(key)))
                .findFirst();
        counts.ifPresent(value -> {
            boolean known = !(template && value.setting().value().contains("%"));
            if (known && !MACHINE_ID.matcher(value.text()).matches()) {
                problem(value.setting(), Excerpt.of(value.text()) + " is not a machine id. Write all 32 digits of"
                        + " 0-9 and a-f in /etc/machine-id, or the first 8");
            }
            all.stream().filter(other -> !other.equals(value)).forEach(other -> warn(other.setting(),
                    Excerpt.of(other.text()) + " has no effect: the one in line " + value.setting().line()
                            + " counts"));
        });
        return counts.map(Value::text);
    }

    private UnitName peer(String text) {
        var unit = unit(text);
        if (unit.equals(name)) {
            throw new IllegalArgumentException(
                    Excerpt.of(unit.full()) + " is this unit itself, which would wait for itself. Remove the line");
        }
        return unit;
    }

    private Optional<Standby> standby() {
        var hold = last(PlacementOption.STANDBY_HOLD, TimeSpan::parse).orElse(Standby.DEFAULT_HOLD);
        var primary = last(PlacementOption.STANDBY_FOR, this::primary);
        values.get(PlacementOption.STANDBY_FOR).stream()
                .skip(1)
                .forEach(another -> problem(another.setting(), Excerpt.of(another.text())
                        + " would be a second unit to stand by for. Write a unit of its own for each"));
        return primary.map(unit -> new Standby(unit, hold));
    }

    private UnitName primary(String text) {
        var unit = unit(text);
        if (unit.equals(name)) {
            throw new IllegalArgumentException(
                    Excerpt.of(unit.full()) + " is this unit itself, which cannot stand in for itself. Name another one");
        }
        return unit;
    }

    /// One unit by its full name.
    private UnitName unit(String text) {
        String peer = UnitName.service(single(text));
        String withType = peer + ".service";
        boolean typed = UnitName.problem(peer).isEmpty();
        if (!typed && UnitName.problem(withType).isEmpty()) {
            throw new IllegalArgumentException(
                    Excerpt.of(peer) + " is no unit name: its type is missing. Write " + withType);
        }
        if (!typed) {
            throw new IllegalArgumentException(Excerpt.of(peer) + " is no unit name: "
                    + UnitName.problem(peer).orElseThrow() + ". Write the full name of one unit");
        }
        var unit = new UnitName(peer);
        if (unit.isTemplate() && !template) {
            throw new IllegalArgumentException(Excerpt.of(peer) + " is a template, which never runs. Name an instance,"
                    + " such as " + unit.prefix() + "@1." + unit.type());
        }
        return unit;
    }

    /// Refuses what was meant as several values where fleet takes one.
    private static String single(String text) {
        if (BLANK.matchesAnyOf(text)) {
            throw new IllegalArgumentException(Excerpt.of(text) + " has a blank, and is taken as one value. Give each"
                    + " value its own line, or quote each of them");
        }
        return text;
    }

    private static void metadata(Value value, ImmutableSetMultimap.Builder<String, String> metadata) {
        String text = value.text();
        int equals = text.indexOf('=');
        String key = text.substring(0, Math.max(0, equals));
        String wanted = text.substring(equals + 1);
        boolean several = wanted.indexOf('=') >= 0;
        if (several && BLANK.matchesAnyOf(text)) {
            throw new IllegalArgumentException(Excerpt.of(text) + " is taken as one value. Quote each pair, as in"
                    + " MachineMetadata=\"disk=ssd\" \"region=x\"");
        }
        if (equals < 0 || several || key.isEmpty() || wanted.isEmpty()) {
            throw new IllegalArgumentException(Excerpt.of(text) + " is no key=value. Write it with one \"=\", and"
                    + " something on both sides");
        }
        if (BLANK.matchesAnyOf(key) || !BLANK.trimFrom(wanted).equals(wanted)) {
            throw new IllegalArgumentException(Excerpt.of(text) + " has a blank around its \"=\". Write "
                    + BLANK.trimFrom(key) + "=" + BLANK.trimFrom(wanted));
        }
        metadata.put(key, wanted);
    }

    private Glob glob(Value value, String pattern) {
        var glob = new Glob(pattern);
        glob.literal().flatMap(UnitName::problem).ifPresent(problem -> warn(value.setting(),
                Excerpt.of(pattern) + " matches no unit: " + problem));
        return glob;
    }

    /// What the last line says that gives an option.
    private <T> Optional<T> last(PlacementOption option, Function<String, T> reader) {
        var all = new ArrayList<T>();
        each(option, value -> all.add(reader.apply(value.text())));
        return all.isEmpty() ? Optional.empty() : Optional.of(all.getLast());
    }

    private PartitionRules partition() {
        boolean exclusive = last(PlacementOption.EXCLUSIVE, BooleanValue::parse).orElse(false);
        var onDisconnect = last(PlacementOption.ON_DISCONNECT, text -> oneOf(OnDisconnect.values(), text));
        var grace = last(PlacementOption.DISCONNECT_GRACE, PlacementRulesParser::grace);
        var onReconnect = last(PlacementOption.ON_RECONNECT, text -> oneOf(OnReconnect.values(), text));
        return new PartitionRules(
                exclusive,
                onDisconnect.orElse(exclusive ? OnDisconnect.STOP : OnDisconnect.RUN),
                grace.orElse(Duration.ZERO),
                onReconnect.orElse(OnReconnect.NEWEST));
    }

    private Reservation reservation() {
        return new Reservation(amount(PlacementOption.CPU, Reservation::cpuMillis),
                amount(PlacementOption.MEMORY, Reservation::memoryBytes));
    }

    /// What a template takes from its instances' names is read of them.
    private long amount(PlacementOption option, ToLongFunction<String> reader) {
        long amount = 0;
        for (var value : values.get(option)) {
            try {
                boolean known = !(template && value.setting().value().contains("%"));
                amount = known ? reader.applyAsLong(value.text()) : 0;
            } catch (IllegalArgumentException wrong) {
                problem(value.setting(), wrong.getMessage());
            }
        }
        return amount;
    }

    /// In lower case, as systemd writes such words.
    private static <E extends Enum<E>> E oneOf(E[] two, String text) {
        for (var one : two) {
            if (Ascii.toLowerCase(one.name()).equals(text)) {
                return one;
            }
        }
        throw new IllegalArgumentException(Excerpt.of(text) + " is neither " + Ascii.toLowerCase(two[0].name())
                + " nor " + Ascii.toLowerCase(two[1].name()) + ". Write one of them");
    }

    private static Duration grace(String text) {
        var grace = TimeSpan.parse(text);
        if (grace.equals(TimeSpan.FOREVER)) {
            throw new IllegalArgumentException(
                    Excerpt.of(text) + " would never be over. Write OnDisconnect=run, if the unit is to run on");
        }
        return grace;
    }

    private void contradictions(PlacementRules rules) {
        var partition = rules.partition();
        if (partition.exclusive() && rules.global()) {
            contradiction(PlacementOption.EXCLUSIVE, "Exclusive cannot be used with Global, which wants the unit on"
                    + " every machine. Remove one of them");
        }
        if (rules.global() && !rules.offer().announcements().isEmpty()) {
            problem(file.all("X-Flota", "Announce").getLast(), " cannot be used with Global: of a service one machine"
                    + " would be announced for the unit, and not all. Remove one of them");
        }
        if (partition.exclusive() && partition.onDisconnect() == OnDisconnect.RUN) {
            contradiction(PlacementOption.ON_DISCONNECT, "Exclusive cannot be used with OnDisconnect=run: an exclusive"
                    + " unit stops before its machine's lease ends. Remove one of them");
        }
        if (partition.exclusive()) {
            contradiction(PlacementOption.DISCONNECT_GRACE, "Exclusive cannot be used with DisconnectGrace: an"
                    + " exclusive unit stops before its machine's lease ends. Remove one of them");
        } else if (partition.onDisconnect() == OnDisconnect.RUN) {
            contradiction(PlacementOption.DISCONNECT_GRACE, "DisconnectGrace has no meaning without"
                    + " OnDisconnect=stop. Add that, or remove the line");
        }
        if (partition.exclusive() && partition.onReconnect() == OnReconnect.OLDEST) {
            contradiction(PlacementOption.ON_RECONNECT, "Exclusive cannot be used with OnReconnect=oldest: no"
                    + " exclusive unit runs on until its machine is back. Remove one of them");
        }
    }

    private void contradictionsOfStandby(PlacementRules rules) {
        if (values.get(PlacementOption.STANDBY_FOR).isEmpty()) {
            contradiction(PlacementOption.STANDBY_HOLD, "StandbyHold has no meaning without StandbyFor. Add that, or"
                    + " remove the line");
        }
        if (rules.standby().isEmpty()) {
            return;
        }
        var primary = rules.standby().get().primary();
        if (rules.global()) {
            contradiction(PlacementOption.STANDBY_FOR, "StandbyFor cannot be used with Global, which wants the unit on"
                    + " every machine. Remove one of them");
        }
        if (rules.machineOf().contains(primary)) {
            contradiction(PlacementOption.STANDBY_FOR, "StandbyFor cannot be used with MachineOf of the same unit: a"
                    + " standby is on another machine. Remove one of them");
        }
        if (rules.replaces().stream().anyMatch(glob -> glob.matches(primary.full()))) {
            contradiction(PlacementOption.STANDBY_FOR, "StandbyFor cannot be used with Replaces of the same unit, which"
                    + " takes its machine. Remove one of them");
        }
    }

    /// Blames the last line that gives the option, if any does.
    private void contradiction(PlacementOption option, String message) {
        var given = values.get(option);
        if (!given.isEmpty()) {
            problems.add(new Note(given.getLast().setting().line(), message + "."));
        }
    }
}
