package io.flota.simulation;

import io.flota.simulation.Script.Scripted;
import io.flota.simulation.Script.Shape;
import io.flota.unit.DesiredState;
import io.flota.unit.UnitName;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// Thinks up scripts: units that get in each other's way, operators who cannot make up their mind, and faults.
final class ScriptWriter {
    private static final List<UnitName> UNITS = Stream.of(
                    "web@1.service", "web@2.service", "web@3.service", "db@1.service", "db@2.service",
                    "side@1.service", "side@2.service", "one.service", "all.service", "ssd.service", "frail.service",
                    "slow.service", "stays.service", "goes.service", "here.service",
                    "heir.service", "spare@1.service", "large@1.service", "large@2.service", "small.service")
            .map(UnitName::new)
            .toList();

    private static final Duration LONG_TTL = Duration.ofSeconds(15);

    private final long seed;
    private final SplittableRandom random;
    private final Shape shape;

    private ScriptWriter(long seed) {
        this.seed = seed;
        this.random = new SplittableRandom(seed);
        int machines = random.nextInt(2, 6);
        this.shape = new Shape(
                machines, random.nextInt(1, 4), ttls(machines), Duration.ofSeconds(random.nextInt(2, 6)), 0.009,
                1 + 0.009 * (2 * random.nextDouble() - 1));
    }

    /// Mostly the same for all machines; in some clusters many have a longer one.
    private List<Duration> ttls(int machines) {
        var ttl = Duration.ofSeconds(random.nextInt(2, 6));
        boolean mixed = random.nextInt(4) == 0;
        return IntStream.range(0, machines)
                .mapToObj(_ -> mixed && random.nextInt(3) > 0 ? LONG_TTL : ttl)
                .toList();
    }

    static Script write(long seed) {
        return new ScriptWriter(seed).write();
    }

    private Script write() {
        var acts = new ArrayList<Scripted>();
        int lasts = random.nextInt(40, 150);
        int starts = random.nextInt(2, 8);
        for (int i = 0; i < starts; i++) {
            acts.add(new Scripted(moment(8), start()));
        }
        int commands = random.nextInt(0, 14);
        for (int i = 0; i < commands; i++) {
            acts.add(new Scripted(moment(lasts), command()));
        }
        int faults = random.nextInt(0, 12);
        for (int i = 0; i < faults; i++) {
            acts.add(new Scripted(moment(lasts), fault()));
        }
        for (int i = random.nextInt(0, 3); i > 0; i--) {
            disaster(moment(lasts), acts);
        }
        acts.sort(Comparator.comparing(Scripted::at));
        return new Script(seed, shape, List.copyOf(acts));
    }

    private Duration moment(int seconds) {
        return Duration.ofMillis(random.nextInt(1, seconds * 1000));
    }

    private Act start() {
        var unit = unit();
        return new Act.Apply(scheduler(), unit, DesiredState.LAUNCHED, false, text(unit));
    }

    private Act command() {
        var unit = unit();
        return switch (random.nextInt(11)) {
            case 10 -> new Act.ReleaseValve(scheduler());
            case 0, 1 -> new Act.Destroy(scheduler(), unit);
            case 2 -> new Act.Apply(scheduler(), unit, DesiredState.INACTIVE, false, text(unit));
            case 3 -> new Act.Apply(scheduler(), unit, DesiredState.LOADED, false, text(unit));
            case 4, 5 -> new Act.Apply(scheduler(), unit, DesiredState.LAUNCHED, true, text(unit));
            case 6 -> new Act.Metadata(machine(), random.nextBoolean() ? "ssd" : "hdd");
            case 7 -> new Act.Policy(
                    scheduler(), machine(), Act.Policing.values()[random.nextInt(3)],
                    random.nextInt(3) == 0 ? "ssd" : "");
            default -> start();
        };
    }

    private Act fault() {
        return switch (random.nextInt(21)) {
            case 0, 1, 2 -> new Act.MachineDies(machine(), lasting(40));
            case 3, 4 -> new Act.AgentDies(machine(), lasting(15));
            case 5 -> new Act.AgentHandsOver(machine(), Duration.ofSeconds(random.nextInt(31, 50)));
            case 6, 7 -> new Act.AgentPauses(machine(), lasting(20));
            case 8 -> new Act.DiskFull(machine(), lasting(20));
            case 9 -> new Act.ClockSet(place(), Duration.ofSeconds(random.nextInt(-3600, 3600)));
            case 10, 11 -> new Act.SchedulerDies(scheduler(), lasting(20));
            case 12 -> new Act.SchedulerPauses(scheduler(), lasting(20));
            case 13 -> new Act.EtcdAway(lasting(25));
            case 14 -> new Act.EtcdChangesLeader(some(), Duration.ofMillis(random.nextInt(0, 1000)));
            case 15, 16 -> new Act.Cut(some(), random.nextInt(4) > 0, random.nextInt(4) > 0, lasting(25));
            case 17 -> new Act.Slow(place(), random.nextInt(2, 300), lasting(30));
            case 18 -> random.nextBoolean() ? new Act.WatchesBreak(place()) : new Act.WatchesFallSilent(place());
            case 19 -> new Act.AgentGivesWay(machine(), lasting(15));
            default -> new Act.EtcdCompacts(random.nextInt(0, 20));
        };
    }

    /// Faults that go together.
    private void disaster(Duration at, List<Scripted> acts) {
        switch (random.nextInt(13)) {
            case 0 -> acts.add(new Scripted(at, new Act.MachineIsGone(shape.machines())));
            case 1 -> acts.add(new Scripted(at, new Act.Cut(all("scheduler-", "machine-"), true, true, lasting(25))));
            case 2 -> {
                var half = random.nextBoolean() ? List.of("machine-" + machine()) : some();
                var places = Stream.concat(all("scheduler-").stream(), half.stream()).distinct().toList();
                acts.add(new Scripted(at, new Act.Cut(places, true, true, lasting(25))));
            }
            case 3 -> acts.add(new Scripted(at, new Act.Cut(all("machine-"), true, true, lasting(25))));
            case 4 -> {
                var most = all("machine-").stream().filter(_ -> random.nextInt(4) > 0).toList();
                acts.add(new Scripted(at, new Act.Cut(most, true, true, lasting(25))));
            }
            case 5 -> { // renewals that a deposed leader acknowledged are the last ones
                var misled = some();
                var moment = Duration.ofMillis(random.nextInt(200, 1000));
                acts.add(new Scripted(at, new Act.EtcdChangesLeader(misled, moment)));
                acts.add(new Scripted(at.plus(moment.minusMillis(random.nextInt(100))),
                        new Act.Cut(misled, true, true, lasting(25))));
            }
            case 11 -> { // whom another one stands in for goes and comes
                var pair = List.of(UNITS.get(0), new UnitName("spare@1.service"));
                pair.forEach(unit -> acts.add(new Scripted(moment(8), new Act.Apply(
                        scheduler(), unit, DesiredState.LAUNCHED, false, text(unit)))));
                acts.add(new Scripted(at, new Act.MachineDies(machine(), lasting(20))));
                acts.add(new Scripted(at.plusSeconds(random.nextInt(40)), new Act.SchedulerDies(scheduler(), lasting(5))));
            }
            case 6, 7 -> { // the last renewals are acknowledged late
                var db = UNITS.get(random.nextInt(3, 5));
                int machine = machine();
                var pause = lasting(20);
                acts.add(new Scripted(moment(8), new Act.Apply(scheduler(), db, DesiredState.LAUNCHED, false, text(db))));
                acts.add(new Scripted(at, new Act.Slow("machine-" + machine, random.nextInt(30, 300), pause)));
                acts.add(new Scripted(at.plusMillis(random.nextInt(500, 6000)), switch (random.nextInt(3)) {
                    case 0 -> new Act.AgentPauses(machine, pause);
                    case 1 -> new Act.AgentDies(machine, pause);
                    default -> new Act.Cut(List.of("machine-" + machine), true, true, pause);
                }));
            }
            case 8 -> { // drained machines are shut down
                var time = at;
                for (int machine = 1; machine <= shape.machines(); machine++) {
                    if (random.nextInt(4) > 0) {
                        acts.add(new Scripted(at, new Act.Policy(scheduler(), machine, Act.Policing.DRAINING, "")));
                        time = time.plusMillis(random.nextInt(500));
                        acts.add(new Scripted(
                                time.plusSeconds(20), new Act.MachineDies(machine, Duration.ofSeconds(30))));
                    }
                }
            }
            case 9 -> { // the lost are said to be lost, most come back, and vanish again
                var all = UNITS.get(8);
                var most = all("machine-").subList(0, shape.machines() - 1);
                acts.add(new Scripted(moment(8), new Act.Apply(scheduler(), all, DesiredState.LAUNCHED, false, text(all))));
                acts.add(new Scripted(at, new Act.MachineDies(shape.machines(), Duration.ofSeconds(80))));
                acts.add(new Scripted(at, new Act.Cut(most, true, true, Duration.ofSeconds(random.nextInt(8, 20)))));
                acts.add(new Scripted(at.plusSeconds(8), new Act.ReleaseValve(scheduler())));
                acts.add(new Scripted(at.plusSeconds(40), new Act.Cut(most, true, true, lasting(25))));
            }
            case 10 -> { // what is thrown away is wanted again while the leader tidies up
                var one = UNITS.get(7);
                var text = text(one);
                acts.add(new Scripted(moment(8), new Act.Apply(scheduler(), one, DesiredState.LAUNCHED, false, text)));
                acts.add(new Scripted(at.minusMillis(1), new Act.Slow(
                        "scheduler-" + scheduler(), random.nextInt(30, 300), Duration.ofSeconds(20))));
                acts.add(new Scripted(at, new Act.Destroy(scheduler(), one)));
                acts.add(new Scripted(at.plusMillis(random.nextInt(10, 3_000)),
                        new Act.Apply(scheduler(), one, DesiredState.LAUNCHED, false, text)));
            }
            default -> { // an agent with a shorter lease dies before it has seen to all that the last one left
                var db = UNITS.get(random.nextInt(3, 5));
                int machine = machine();
                var death = lasting(3);
                acts.add(new Scripted(moment(8), new Act.Apply(scheduler(), db, DesiredState.LAUNCHED, false, text(db))));
                acts.add(new Scripted(at, new Act.Lease(machine, Duration.ofSeconds(random.nextInt(2, 6)))));
                if (random.nextBoolean()) {
                    acts.add(new Scripted(at, new Act.Slow(
                            "machine-" + machine, random.nextInt(10, 100), Duration.ofSeconds(20))));
                }
                acts.add(new Scripted(at.plusMillis(1), new Act.AgentDies(machine, death)));
                acts.add(new Scripted(at.plus(death).plusMillis(random.nextInt(5, 1_500)),
                        new Act.AgentDies(machine, lasting(20))));
            }
        }
    }

    private List<String> all(String... kinds) {
        return Stream.of(kinds)
                .flatMap(kind -> IntStream.rangeClosed(1, kind.equals("machine-") ? shape.machines() : shape.schedulers())
                        .mapToObj(number -> kind + number))
                .toList();
    }

    private Duration lasting(int seconds) {
        return Duration.ofMillis(random.nextInt(100, seconds * 1000));
    }

    private UnitName unit() {
        return UNITS.get(random.nextInt(UNITS.size()));
    }

    private int machine() {
        return random.nextInt(1, shape.machines() + 1);
    }

    private int scheduler() {
        return random.nextInt(1, shape.schedulers() + 1);
    }

    private String place() {
        return random.nextInt(3) == 0 ? "scheduler-" + scheduler() : "machine-" + machine();
    }

    private List<String> some() {
        var all = Stream.concat(
                IntStream.rangeClosed(1, shape.machines()).mapToObj(number -> "machine-" + number),
                IntStream.rangeClosed(1, shape.schedulers()).mapToObj(number -> "scheduler-" + number));
        boolean several = random.nextBoolean();
        return several ? all.filter(_ -> random.nextInt(3) == 0).toList() : List.of(place());
    }

    /// Mostly the same for a unit, and now and then another file.
    private UnitText text(UnitName unit) {
        boolean slow = unit.full().startsWith("slow");
        boolean frail = unit.full().startsWith("frail");
        var command = SimProgram.command(
                slow ? 8_000 : 50 + 100L * random.nextInt(2), stop(unit), frail ? "700" : "never",
                frail ? 2 : 0, 300);
        return new UnitText(options(unit), command);
    }

    /// Of several of a kind the last one takes its time.
    private static long stop(UnitName unit) {
        return switch (unit.full()) {
            case "slow.service" -> 5_000;
            case "web@3.service", "db@2.service", "here.service" -> 3_000;
            default -> 20;
        };
    }

    private String options(UnitName unit) {
        boolean other = random.nextInt(8) == 0;
        return switch (unit.prefix()) {
            case "web" -> (other ? "" : "[X-Fleet]\nConflicts=web@*.service\n")
                    + "[X-Flota]\nAnnounce=web:80\nAnnounceDrain=500ms\n";
            case "spare" -> "[X-Flota]\nStandbyFor=%s\nStandbyHold=5s\n".formatted(other ? "one.service" : "web@%i.service");
            case "side" -> "[X-Fleet]\nMachineOf=%s\n".formatted(other ? "one.service" : "web@%i.service");
            case "all" -> "[X-Fleet]\nGlobal=true\n" + (other ? "MachineMetadata=disk=hdd\n" : "");
            case "ssd" -> other ? "[X-Fleet]\nConflicts=one.service\n" : "[X-Fleet]\nMachineMetadata=disk=ssd\n";
            case "one" -> other ? "[X-Fleet]\nReplaces=ssd.service\n" : "";
            // Wants the place of the other one, and waits until that has left.
            case "heir" -> "[X-Fleet]\nMachineID=" + SimMachine.id(1).value() + "\nConflicts=here.service\n";
            case "here" -> "[X-Fleet]\nMachineID=" + SimMachine.id(other ? 2 : 1).value() + "\n";
            // On a machine with 3G.
            case "large" -> "[X-Flota]\nMemory=" + (other ? "1G\n" : "2G\n");
            case "small" -> "[X-Flota]\nMemory=" + (other ? "2G" : "1G") + "\nCPU=0.5\nAnnounce=small:80\nAnnounceDrain=0\n";
            case "db" -> "[X-Flota]\nAnnounce=db:5432\nAnnounceDrain=1s\n" + (other ? "" : "Exclusive=true\n");
            case "stays" -> "[X-Flota]\nOnReconnect=" + (other ? "newest" : "oldest") + "\n";
            case "goes" -> "[X-Flota]\nOnDisconnect=stop\nDisconnectGrace=" + (other ? "3s" : "0s") + "\n";
            default -> "";
        };
    }
}
