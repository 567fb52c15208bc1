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
import java.util.stream.IntStream;

/// Which faults and which commands there will be, and when: a pure function of its seed, the time it lasts, and the
/// cluster's size. Pauses are long enough for a cluster to do something, and short enough for faults to overlap.
///
/// @param faults by the time at which they begin
/// @param commands by their times
record Plan(List<PlannedFault> faults, List<PlannedCommand> commands) {
    /// @param at since the beginning
    record PlannedFault(Duration at, Duration lasts, Fault fault) {}

    record PlannedCommand(Duration at, Command command) {}

    /// @param units that operators have to do with
    record Size(int machines, int schedulers, int members, List<String> units) {}

    private static final Duration QUIET = Duration.ofSeconds(2);
    private static final int LONGEST_PAUSE = 5_000;
    private static final int SHORTEST_FAULT = 200;
    private static final int LONGEST_FAULT = 12_000;
    private static final int LONGEST_THOUGHT = 4_000;
    private static final String[] VERBS = {
        "start", "start", "start", "stop", "restart", "restart", "unload", "destroy", "load", "submit", "start --replace"
    };

    static Plan of(long seed, Duration time, Size size) {
        var random = new Random(seed);
        return new Plan(faults(random, time, size), commands(random, time, size));
    }

    private static List<PlannedFault> faults(Random random, Duration time, Size size) {
        var faults = new ArrayList<PlannedFault>();
        Map<String, Duration> busy = new HashMap<>(); // nodes, until when; asked by name only
        for (var at = QUIET; at.compareTo(time) < 0; at = at.plusMillis(random.nextInt(LONGEST_PAUSE))) {
            var fault = draw(random, size);
            var rest = time.minus(at);
            var drawn = lasts(random, fault);
            var lasts = drawn.compareTo(rest) < 0 ? drawn : rest;
            var now = at;
            var end = at.plus(lasts);
            if (fault.nodes().stream().allMatch(node -> busy.getOrDefault(node, Duration.ZERO).compareTo(now) < 0)) {
                faults.add(new PlannedFault(at, lasts, fault));
                // A node needs a moment to be there again, before it is of use to a fault.
                fault.nodes().forEach(node -> busy.put(node, end.plusSeconds(1)));
            }
        }
        return List.copyOf(faults);
    }

    /// Short ones, that hit what is under way, are as likely as long ones, that outlast leases.
    private static Duration lasts(Random random, Fault fault) {
        double share = random.nextDouble();
        long millis = Math.round(SHORTEST_FAULT * Math.pow(LONGEST_FAULT / (double) SHORTEST_FAULT, share));
        // An agent that is killed is as a rule started anew at once.
        return fault instanceof Killed && random.nextInt(3) > 0 ? Duration.ZERO : Duration.ofMillis(millis);
    }

    private static Fault draw(Random random, Size size) {
        var machine = "machine-" + (1 + random.nextInt(size.machines()));
        var scheduler = "scheduler-" + (1 + random.nextInt(size.schedulers()));
        var members = IntStream.rangeClosed(1, size.members()).mapToObj(i -> "etcd-" + i).toList();
        var member = Draw.oneOf(random, members);
        var manner = Draw.oneOf(random, Manner.values());
        var others = members.stream().filter(other -> !other.equals(member)).toList();
        return switch (random.nextInt(16)) {
            case 0, 1 -> new Killed(List.of(machine));
            case 2, 3 -> new Stopped(List.of(machine));
            case 4 -> new MachineKilled(machine);
            case 5, 6 -> new CutOff(List.of(machine), members, manner);
            case 7 -> new CutOff(List.of(machine), List.of(member), manner);
            case 8 -> new Killed(List.of(scheduler));
            case 9 -> new Stopped(List.of(scheduler));
            case 10 -> new CutOff(List.of(scheduler), members, manner);
            case 11 -> new Killed(List.of(member));
            case 12 -> new Stopped(List.of(member));
            case 13 -> new CutOff(List.of(member), others, manner);
            case 14 -> new DiskSlow(member, Duration.ofMillis(50 + random.nextInt(450)));
            default -> outage(random, others);
        };
    }

    private static Fault outage(Random random, List<String> majority) {
        return random.nextBoolean() ? new Killed(majority) : new Stopped(majority);
    }

    private static List<PlannedCommand> commands(Random random, Duration time, Size size) {
        var commands = new ArrayList<PlannedCommand>();
        for (var at = QUIET; at.compareTo(time) < 0; at = at.plusMillis(random.nextInt(LONGEST_THOUGHT))) {
            var unit = Draw.oneOf(random, size.units());
            commands.add(new PlannedCommand(
                    at, new Command(Draw.oneOf(random, VERBS), List.of(unit), random.nextInt(2))));
        }
        return List.copyOf(commands);
    }
}
