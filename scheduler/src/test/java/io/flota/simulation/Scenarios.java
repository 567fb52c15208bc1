package io.flota.simulation;

import com.google.common.collect.ImmutableList;
import io.flota.simulation.Script.Scripted;
import io.flota.unit.DesiredState;
import io.flota.unit.UnitName;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/// What happens to units in the life of a cluster, one thing at a time.
///
/// The first machine takes the first unit, since ties end at the id. A leader that begins holds losses for 6 s.
final class Scenarios {
    /// Of the noise. With this one scheduler-1 is the first to lead.
    private static final long SEED = 1;

    /// Whom the operator asks.
    private final int scheduler;

    private Scenarios(int scheduler) {
        this.scheduler = scheduler;
    }

    /// Operators ask the scheduler that does not lead, so that whoever dies has one part only; and in some scenarios
    /// the leader, too.
    static ImmutableList<Scenario> all() {
        var other = new Scenarios(2);
        return Stream.of(new Scenarios(1).changes(), other.changes(), other.commands(), other.losses())
                .flatMap(scenarios -> scenarios)
                .collect(ImmutableList.toImmutableList());
    }

    private Stream<Scenario> changes() {
        return Stream.of(
                scenario("a unit is started", 2, at(1000, launch("a", "", 1))),
                scenario("a unit is restarted", 2, at(1000, launch("a", "", 1)), at(3000, restart("a", 1))),
                scenario("an operator cannot make up their mind", 2,
                        at(1000, launch("a", "", 1)), at(1040, stop("a")), at(1080, launch("a", "", 1)),
                        at(1120, destroy("a")), at(1160, launch("a", "", 2))));
    }

    private Stream<Scenario> commands() {
        return Stream.of(
                scenario("a unit's file is replaced, and replaced back", 2,
                        at(1000, launch("a", "", 1)), at(3000, launch("a", "", 2)), at(3050, launch("a", "", 1)),
                        at(6000, launch("a", "", 2))),
                scenario("a unit is stopped and destroyed", 2,
                        at(1000, launch("a", "", 1)), at(3000, stop("a")), at(4500, destroy("a"))),
                scenario("a running unit is destroyed and comes again", 2,
                        at(1000, launch("a", "", 1)), at(3000, destroy("a")), at(3010, launch("a", "", 2))),
                scenario("two units conflict, and a third waits for its place", 2,
                        at(1000, launch("c@1", "[X-Fleet]\nConflicts=c@*.service\n", 1)),
                        at(1010, launch("c@2", "[X-Fleet]\nConflicts=c@*.service\n", 1)),
                        at(1020, launch("c@3", "[X-Fleet]\nConflicts=c@*.service\n", 1)),
                        at(3000, destroy("c@1"))),
                scenario("a unit takes another one's place", 2,
                        at(1000, launch("a", "", 1)),
                        at(3000, launch("b", "[X-Fleet]\nReplaces=a.service\n", 1))),
                scenario("a machine drains, and takes units again", 2,
                        at(1000, launch("a", "", 1)), at(1010, launch("b", "", 1)),
                        at(3000, policy(1, true, "")), at(6000, policy(1, false, "")), at(6010, launch("d", "", 1))),
                scenario("a machine drains while a unit is being started there", 2,
                        at(1000, launch("a", "", 1)), at(1500, policy(1, true, ""))),
                scenario("a machine's metadata changes under a unit", 3,
                        at(1000, launch("a", "[X-Fleet]\nMachineMetadata=disk=ssd\n", 1)),
                        at(3000, policy(2, false, "hdd")), at(3600, policy(3, false, "ssd"))),
                scenario("a unit's peer follows it", 2,
                        at(1000, launch("a", "", 1)), at(1010, launch("b", "[X-Fleet]\nMachineOf=a.service\n", 1)),
                        at(3000, policy(1, true, ""))),
                scenario("a global unit comes and goes", 2,
                        at(1000, launch("a", "[X-Fleet]\nGlobal=true\n", 1)),
                        at(3000, launch("a", "[X-Fleet]\nGlobal=true\n", 2)),
                        at(5000, destroy("a"))));
    }

    private Stream<Scenario> losses() {
        return Stream.of(
                scenario("the leader dies amid commands", 2,
                        at(1000, launch("a", "", 1)), at(3000, restart("a", 2)),
                        at(3005, new Act.SchedulerDies(1, Duration.ofSeconds(5))), at(3010, launch("b", "", 1)),
                        at(7000, stop("a"))),
                scenario("an agent restarts amid commands", 2,
                        at(1000, launch("a", "", 1)), at(1010, launch("b", "[X-Flota]\nExclusive=true\n", 1)),
                        at(3000, new Act.AgentDies(1, Duration.ofMillis(500))), at(3100, launch("a", "", 2)),
                        at(3700, new Act.AgentDies(2, Duration.ofSeconds(4)))),
                scenario("most machines vanish at once, and return", 3,
                        at(1000, launch("a", "", 1)), at(1010, launch("b", "[X-Flota]\nExclusive=true\n", 1)),
                        at(8000, new Act.Cut(List.of("machine-1", "machine-2"), true, true, Duration.ofSeconds(9)))),
                scenario("etcd is away for a while", 2,
                        at(1000, launch("a", "", 1)), at(1010, launch("b", "[X-Flota]\nExclusive=true\n", 1)),
                        at(8000, new Act.EtcdAway(Duration.ofSeconds(4)))),
                scenario("a machine dies and returns", 3,
                        at(1000, launch("a", "", 1)), at(1010, launch("b", "[X-Fleet]\nMachineOf=a.service\n", 1)),
                        at(1020, launch("c", "[X-Fleet]\nGlobal=true\n", 1)),
                        at(8000, new Act.MachineDies(1, Duration.ofSeconds(12)))),
                scenario("a unit's machine dies, another one stands in for it, and it returns", 2,
                        at(1000, launch("a", "[X-Fleet]\nMachineID=" + SimMachine.id(1).value() + "\n", 1)),
                        at(1010, launch("b", "[X-Flota]\nStandbyFor=a.service\nStandbyHold=2s\n", 1)),
                        at(8000, new Act.MachineDies(1, Duration.ofSeconds(8)))),
                scenario("a machine reboots", 2,
                        at(1000, launch("a", "", 1)), at(7000, new Act.MachineDies(1, Duration.ofMillis(700)))),
                scenario("a machine is cut off and returns", 3,
                        at(1000, launch("a", "", 1)), at(1010, launch("b", "", 1)),
                        at(1020, launch("c", "[X-Flota]\nOnReconnect=oldest\n", 1)),
                        at(1030, launch("d", "[X-Flota]\nOnDisconnect=stop\n", 1)),
                        at(8000, cut(1, 10)), at(9000, stop("b")), at(12000, launch("a", "", 2))),
                scenario("an exclusive unit's machine is cut off, and it is taken over", 2,
                        at(1000, launch("a", "[X-Flota]\nExclusive=true\n", 1)),
                        at(8000, cut(1, 9))),
                scenario("an exclusive unit's machine dies, and it is taken over", 2,
                        at(1000, launch("a", "[X-Flota]\nExclusive=true\n", 1)),
                        at(8000, new Act.MachineDies(1, Duration.ofSeconds(3)))),
                scenario("an exclusive unit is driven from its machine", 2,
                        at(1000, launch("a", "[X-Flota]\nExclusive=true\n", 1)),
                        at(3000, policy(1, true, "")), at(3500, restart("a", "[X-Flota]\nExclusive=true\n", 1))),
                scenario("a machine hands its units over", 2,
                        at(1000, launch("a", "", 1)), at(1010, launch("b", "[X-Flota]\nExclusive=true\n", 1)),
                        at(8000, new Act.AgentHandsOver(1, Duration.ofSeconds(4)))));
    }

    private Scenario scenario(String name, int machines, Scripted... steps) {
        return Scenario.of(name + ", by scheduler-" + scheduler, SEED, machines, List.of(steps));
    }

    private static Scripted at(long millis, Act act) {
        return new Scripted(Duration.ofMillis(millis), act);
    }

    private Act launch(String unit, String options, int version) {
        return apply(unit, options, version, DesiredState.LAUNCHED, false);
    }

    private Act restart(String unit, int version) {
        return restart(unit, "", version);
    }

    private Act restart(String unit, String options, int version) {
        return apply(unit, options, version, DesiredState.LAUNCHED, true);
    }

    private Act stop(String unit) {
        return apply(unit, "", 1, DesiredState.INACTIVE, false);
    }

    private Act destroy(String unit) {
        return new Act.Destroy(scheduler, name(unit));
    }

    private Act policy(int machine, boolean draining, String disk) {
        return new Act.Policy(
                scheduler, machine, draining ? Act.Policing.DRAINING : Act.Policing.OPEN, disk);
    }

    private static Act cut(int machine, int seconds) {
        return new Act.Cut(List.of("machine-" + machine), true, true, Duration.ofSeconds(seconds));
    }

    private Act apply(String unit, String options, int version, DesiredState desired, boolean restart) {
        var text = new UnitText(options, SimProgram.command(50 + version, 20, "never", 0, 300));
        return new Act.Apply(scheduler, name(unit), desired, restart, text);
    }

    private static UnitName name(String name) {
        return new UnitName(name + ".service");
    }
}
