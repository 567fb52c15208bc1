package io.flota.examples.faults;

import io.flota.examples.faults.Fault.CutOff;
import io.flota.examples.faults.Fault.DiskSlow;
import io.flota.examples.faults.Fault.Killed;
import io.flota.examples.faults.Fault.MachineKilled;
import io.flota.examples.faults.Fault.Manner;
import io.flota.examples.faults.Fault.Stopped;
import io.flota.testing.Draw;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/// Which faults and which commands there will be, and when: a pure function of its seed, the time it lasts, and the
/// cluster's size.
///
/// In the first quarter there are no commands, and only faults that no unit has to notice: etcd and schedulers fail in
/// every way, agents are started anew, or are away for less than a lease. After a pause everything happens, commands
/// too. Pauses are long enough for a cluster to do something, and short enough for faults to overlap.
///
/// @param faults by the time at which they begin
/// @param commands by their times
/// @param innocent until when no unit had a reason to be touched; nothing begins shortly before it
record Plan(List<PlannedFault> faults, List<PlannedCommand> commands, Duration innocent) {
    /// @param at since the beginning
    record PlannedFault(Duration at, Duration lasts, Fault fault) {}

    record PlannedCommand(Duration at, Command command) {}

    /// @param units that operators have to do with
    record Size(int machines, int schedulers, int members, List<String> units) {}

    private static final Duration QUIET = Duration.ofSeconds(2);

    /// Long enough for a machine that is taken for lost by mistake to lose its units.
    private static final Duration AFTERMATH = Duration.ofSeconds(8);

    /// Far from every lease's end.
    private static final Duration WITHIN_A_LEASE = Duration.ofMillis(1_000);

    /// After which a node is of use to the next fault: it has to be there again.
    private static final Duration REST = Duration.ofSeconds(1);

    /// After which an agent's lease is as fresh as ever, though it was started anew on a busy host.
    private static final Duration LONG_REST = Duration.ofSeconds(10);

    private static final int LONGEST_PAUSE = 4_000;
    private static final int SHORTEST_FAULT = 200;
    private static final int LONGEST_FAULT = 15_000;
    private static final int LONGEST_THOUGHT = 4_000;
    private static final String[] VERBS = {
        "start", "start", "start", "stop", "restart", "restart", "unload", "destroy", "load", "submit", "start --replace"
    };

    static Plan of(long seed, Duration time, Size size) {
        var random = new Random(seed);
        var quarter = time.dividedBy(4);
        var innocent = quarter.plus(AFTERMATH);
        var faults = new ArrayList<PlannedFault>();
        faults.addAll(faults(random, QUIET, quarter, LONG_REST, () -> harmless(random, size)));
        faults.addAll(faults(random, innocent, time, REST, () -> any(random, size)));
        return new Plan(List.copyOf(faults), commands(random, innocent, time, size), innocent);
    }

    private record Drawn(Fault fault, Duration lasts) {}

    /// @param rest of a machine after a fault
    private static List<PlannedFault> faults(
            Random random, Duration from, Duration until, Duration rest, Supplier<Drawn> draw) {
        var faults = new ArrayList<PlannedFault>();
        Map<String, Duration> busy = new HashMap<>(); // nodes, until when; asked by name only
        for (var at = from; at.compareTo(until) < 0; at = at.plusMillis(random.nextInt(LONGEST_PAUSE))) {
            var drawn = draw.get();
            var left = until.minus(at);
            var lasts = drawn.lasts().compareTo(left) < 0 ? drawn.lasts() : left;
            var now = at;
            if (drawn.fault().nodes().stream().allMatch(
                    node -> busy.getOrDefault(node, Duration.ZERO).compareTo(now) < 0)) {
                faults.add(new PlannedFault(at, lasts, drawn.fault()));
                drawn.fault().nodes().forEach(node ->
                        busy.put(node, now.plus(lasts).plus(node.startsWith("machine-") ? rest : REST)));
            }
        }
        return faults;
    }

    private static Drawn any(Random random, Size size) {
        var fault = random.nextInt(16) < 8 ? ofMachines(random, size) : ofTheRest(random, size);
        // An agent that is killed is as a rule started anew at once.
        return new Drawn(fault, fault instanceof Killed && random.nextInt(3) > 0 ? Duration.ZERO : lasts(random));
    }

    private static Drawn harmless(Random random, Size size) {
        if (random.nextInt(3) > 0) {
            return new Drawn(ofTheRest(random, size), lasts(random));
        }
        var fault = ofMachines(random, size);
        return switch (fault) {
            case MachineKilled(var machine) -> new Drawn(new Killed(List.of(machine)), Duration.ZERO);
            case Killed _ -> new Drawn(fault, Duration.ZERO);
            case CutOff cut when cut.members().size() < size.members() -> new Drawn(cut, lasts(random));
            case CutOff _, Stopped _, DiskSlow _ -> new Drawn(fault, WITHIN_A_LEASE);
        };
    }

    /// Short ones, that hit what is under way, are as likely as long ones, that outlast leases.
    private static Duration lasts(Random random) {
        return Duration.ofMillis(Math.round(
                SHORTEST_FAULT * Math.pow(LONGEST_FAULT / (double) SHORTEST_FAULT, random.nextDouble())));
    }

    private static Fault ofMachines(Random random, Size size) {
        var machine = "machine-" + (1 + random.nextInt(size.machines()));
        var members = members(size);
        var manner = Draw.oneOf(random, Manner.values());
        return switch (random.nextInt(8)) {
            case 0, 1 -> new Killed(List.of(machine));
            case 2, 3 -> new Stopped(List.of(machine));
            case 4 -> new MachineKilled(machine);
            case 5, 6 -> new CutOff(List.of(machine), members, manner);
            default -> new CutOff(List.of(machine), List.of(Draw.oneOf(random, members)), manner);
        };
    }

    /// Of schedulers and etcd members.
    private static Fault ofTheRest(Random random, Size size) {
        var scheduler = "scheduler-" + (1 + random.nextInt(size.schedulers()));
        var members = members(size);
        var member = Draw.oneOf(random, members);
        var manner = Draw.oneOf(random, Manner.values());
        var others = members.stream().filter(other -> !other.equals(member)).toList();
        return switch (random.nextInt(8)) {
            case 0 -> new Killed(List.of(scheduler));
            case 1 -> new Stopped(List.of(scheduler));
            case 2 -> new CutOff(List.of(scheduler), members, manner);
            case 3 -> new Killed(List.of(member));
            case 4 -> new Stopped(List.of(member));
            case 5 -> new CutOff(List.of(member), others, manner);
            case 6 -> new DiskSlow(member, Duration.ofMillis(50 + random.nextInt(450)));
            default -> outage(random, others);
        };
    }

    private static List<String> members(Size size) {
        return IntStream.rangeClosed(1, size.members()).mapToObj(i -> "etcd-" + i).toList();
    }

    private static Fault outage(Random random, List<String> majority) {
        return random.nextBoolean() ? new Killed(majority) : new Stopped(majority);
    }

    private static List<PlannedCommand> commands(Random random, Duration from, Duration until, Size size) {
        var commands = new ArrayList<PlannedCommand>();
        for (var at = from; at.compareTo(until) < 0; at = at.plusMillis(random.nextInt(LONGEST_THOUGHT))) {
            commands.add(new PlannedCommand(at, random.nextInt(8) == 0 ? toMachine(random, size) : toUnit(random, size)));
        }
        return List.copyOf(commands);
    }

    private static Command toUnit(Random random, Size size) {
        return new Command(
                Draw.oneOf(random, VERBS), List.of(Draw.oneOf(random, size.units())), random.nextInt(2));
    }

    /// By the first digits of its id, which on a local cluster are its number.
    private static Command toMachine(Random random, Size size) {
        var machine = "%02x".formatted(1 + random.nextInt(size.machines()));
        return new Command(Draw.oneOf(random, "cordon", "drain", "uncordon", "uncordon"), List.of(machine), 0);
    }
}
