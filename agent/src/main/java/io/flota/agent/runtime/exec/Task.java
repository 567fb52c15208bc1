package io.flota.agent.runtime.exec;

import com.google.common.collect.ImmutableList;
import io.flota.unit.UnitName;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;

/// What the [Supervisor] wants done, in order.
sealed interface Task {
    UnitName unit();

    /// Save the unit as it is now, then do this.
    record CarryOut(Entry entry, ImmutableList<Act> acts) implements Task {
        @Override
        public UnitName unit() {
            return entry.name();
        }
    }

    /// @param keepOld whether what runs still needs the file so far
    record SaveFile(Entry entry, boolean keepOld) implements Task {
        @Override
        public UnitName unit() {
            return entry.name();
        }
    }

    /// From now on it runs with the file that is loaded.
    record ForgetStartedFile(UnitName unit) implements Task {}

    record Forget(UnitName unit) implements Task {}

    /// By unit, what follows each other saved once.
    static ImmutableList<Task> merged(List<Task> tasks) {
        var merged = new LinkedHashMap<UnitName, List<Task>>();
        for (var task : tasks) {
            var ofUnit = merged.computeIfAbsent(task.unit(), _ -> new ArrayList<>());
            if (task instanceof CarryOut(Entry entry, var acts)
                    && !ofUnit.isEmpty()
                    && ofUnit.getLast() instanceof CarryOut(_, var earlier)) {
                ofUnit.removeLast();
                var all = ImmutableList.<Act>builder().addAll(earlier).addAll(acts).build();
                ofUnit.add(new CarryOut(entry, all));
            } else {
                ofUnit.add(task);
            }
        }
        return merged.values().stream().flatMap(List::stream).collect(ImmutableList.toImmutableList());
    }
}
