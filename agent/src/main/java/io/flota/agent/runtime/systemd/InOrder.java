package io.flota.agent.runtime.systemd;

import com.google.common.collect.ImmutableList;
import io.flota.unit.Specifiers;
import io.flota.unit.UnitFile;
import io.flota.unit.UnitFile.Setting;
import io.flota.unit.UnitFileException;
import io.flota.unit.UnitName;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/// The order in which units that are to be started together are asked for. systemd keeps to `After=` between jobs that
/// it has; a unit that is asked for first would not wait for one that it hears of later.
final class InOrder {
    private final Map<UnitName, Entry> entries = new TreeMap<>();
    private final Map<UnitName, TreeSet<UnitName>> after = new TreeMap<>();
    private final Map<UnitName, Entry> ordered = new LinkedHashMap<>();
    private final TreeSet<UnitName> visited = new TreeSet<>();

    private InOrder(List<Entry> units) {
        units.forEach(entry -> {
            entries.put(entry.name(), entry);
            after.put(entry.name(), new TreeSet<>());
        });
        units.forEach(this::read);
    }

    static ImmutableList<Entry> of(List<Entry> units) {
        if (units.size() < 2) {
            return ImmutableList.copyOf(units);
        }
        var order = new InOrder(units);
        order.entries.keySet().forEach(order::visit);
        return ImmutableList.copyOf(order.ordered.values());
    }

    private void read(Entry entry) {
        try {
            var file = UnitFile.parse(entry.name().full(), entry.file().text());
            names(entry.name(), file.all("Unit", "After")).forEach(other -> after.get(entry.name()).add(other));
            names(entry.name(), file.all("Unit", "Before")).stream()
                    .filter(after::containsKey)
                    .forEach(other -> after.get(other).add(entry.name()));
        } catch (UnitFileException _) {
            // systemd has read it, and will keep to what it says as well as it can
        }
    }

    private List<UnitName> names(UnitName unit, List<Setting> settings) {
        var names = new ArrayList<UnitName>();
        for (var setting : settings) {
            for (var word : Specifiers.expandInPlacement(unit, setting.value()).split("\\s+")) {
                if (UnitName.problem(word).isEmpty() && entries.containsKey(new UnitName(word))) {
                    names.add(new UnitName(word));
                }
            }
        }
        return names;
    }

    /// A cycle is broken somewhere, as systemd does.
    private void visit(UnitName name) {
        if (visited.add(name)) {
            after.get(name).forEach(this::visit);
            ordered.put(name, entries.get(name));
        }
    }
}
