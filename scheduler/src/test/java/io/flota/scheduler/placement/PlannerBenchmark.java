package io.flota.scheduler.placement;

import com.google.common.collect.ImmutableSortedMap;
import com.google.common.hash.Hashing;
import com.google.protobuf.ByteString;
import io.flota.machine.Machine;
import io.flota.machine.MachineId;
import io.flota.machine.Resources;
import io.flota.registry.Fact;
import io.flota.registry.Fact.FileFact;
import io.flota.registry.Fact.MachineFact;
import io.flota.registry.Fact.PlacementFact;
import io.flota.registry.Fact.StateFact;
import io.flota.registry.Fact.UnitFact;
import io.flota.registry.Key.MachineKey;
import io.flota.scheduler.cluster.Change;
import io.flota.scheduler.cluster.Change.Removed;
import io.flota.scheduler.cluster.Change.Written;
import io.flota.scheduler.cluster.Cluster;
import io.flota.scheduler.placement.Decision.Place;
import io.flota.unit.DesiredState;
import io.flota.unit.Placement;
import io.flota.unit.Unit;
import io.flota.unit.UnitName;
import io.flota.unit.UnitState;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/// How long plans take in a large cluster. No test by its name, so that it runs only when it is asked for, from the top
/// of the repository:
///
/// ```
/// ./mvnw -q -pl scheduler -am test -Dtest=PlannerBenchmark -Dsurefire.failIfNoSpecifiedTests=false
/// ```
///
/// Prints minimum, median and maximum of [#RUNS] runs in milliseconds of processor time, so that a busy machine does not
/// count, after [#WARM_UPS] that are not counted either. Other sizes: `-Dflota.machines=100 -Dflota.units=1000`.
class PlannerBenchmark {
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
    private static final int WARM_UPS = 15;
    private static final int RUNS = 21;

    private final int machines = Integer.getInteger("flota.machines", 1_000);
    private final int units = Integer.getInteger("flota.units", 10_000);

    @Test
    void measure() {
        System.out.printf("%d machines, %d units%n", machines, units);
        compare("no rules", _ -> "");
        compare("metadata, one of ten zones each", i -> "MachineMetadata=zone=" + i % 10);
        compare("pairs: every second follows one", i -> i % 2 == 0 ? "" : "MachineOf=u@" + (i - 1) + ".service");
        compare("anti-affinity in apps of ten", i -> "Conflicts=app" + i / 10 + "-*");
        compare("all conflict with all, most wait", _ -> "Conflicts=u@* app*");
        compare("reservations, room for all", _ -> "[X-Flota]\nMemory=1M");
        compare("reservations, one in ten waits", _ -> "[X-Flota]\nMemory=1200K");
    }

    private void compare(String name, IntFunction<String> options) {
        System.out.println(name);
        var empty = cluster(options);
        report("  read all", () -> cluster(options).units().size());
        report("  place all", () -> Planner.plan(empty).changes().size());
        var full = placed(empty);
        report("  nothing to do", () -> Planner.plan(full).changes().size());
        var lossy = full.with(full.revision() + 1, List.of(new Removed(new MachineKey(machine(machines / 2)))));
        report("  one machine lost", () -> Planner.plan(lossy).changes().size());
        var state = full.states().firstEntry();
        var change = List.<Change>of(new Written(
                new StateFact(state.getValue().firstKey(), state.getKey(), state.getValue().firstEntry().getValue())));
        report("  one state in", () -> full.with(full.revision() + 1, change).states().size());
    }

    private static void report(String name, Supplier<Integer> work) {
        for (int i = 0; i < WARM_UPS; i++) {
            work.get();
        }
        var millis = new double[RUNS];
        int result = 0;
        for (int i = 0; i < RUNS; i++) {
            long start = THREADS.getCurrentThreadCpuTime();
            result = work.get();
            millis[i] = (THREADS.getCurrentThreadCpuTime() - start) / 1e6;
        }
        Arrays.sort(millis);
        System.out.printf(
                Locale.ROOT,
                "%-20s %8.2f %8.2f %8.2f ms   -> %d%n",
                name, millis[0], millis[RUNS / 2], millis[RUNS - 1], result);
    }

    private Cluster cluster(IntFunction<String> options) {
        var facts = new ArrayList<Fact>();
        for (int i = 0; i < machines; i++) {
            facts.add(new MachineFact(new Machine(
                    machine(i), "host-" + i, "", "", ImmutableSortedMap.of("zone", "" + i % 10), new Resources(11L << 20, 1), "",
                    "boot", "1")));
        }
        for (int i = 0; i < units; i++) {
            var text = options.apply(i);
            var file = ByteString.copyFromUtf8("[Service]\nExecStart=/bin/true\n[X-Fleet]\n" + text + "\n");
            var hash = Hashing.sha256().hashBytes(file.asReadOnlyByteBuffer()).toString();
            var name = new UnitName(
                    text.startsWith("Conflicts=app") ? "app" + i / 10 + "-" + i % 10 + ".service" : "u@" + i + ".service");
            facts.add(new FileFact(hash, file));
            facts.add(new UnitFact(new Unit(name, hash, DesiredState.LAUNCHED, 1), 1));
        }
        return Cluster.EMPTY.with(1, facts.stream().<Change>map(Written::new).toList());
    }

    private static Cluster placed(Cluster cluster) {
        var changes = new ArrayList<Change>();
        for (var decision : Planner.plan(cluster).changes()) {
            if (decision instanceof Place(var unit, var machine, var reason)) {
                var hash = unit.unit().fileHash();
                var id = "1-" + unit.name();
                changes.add(new Written(new PlacementFact(
                        new Placement(machine, unit.name(), hash, DesiredState.LAUNCHED, 1, id, reason), 2)));
                changes.add(new Written(new StateFact(
                        machine,
                        unit.name(),
                        new UnitState("loaded", "active", "running", hash, id, 1, Instant.EPOCH, "", 1, 0))));
            }
        }
        return cluster.with(3, changes);
    }

    private static MachineId machine(int number) {
        return new MachineId(String.format(Locale.ROOT, "%032x", number));
    }
}
