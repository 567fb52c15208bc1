package io.flota.unitctl.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.flota.api.v1.DesiredState;
import io.flota.api.v1.PlacementRecord;
import io.flota.api.v1.Refusal;
import io.flota.api.v1.StateRecord;
import io.flota.api.v1.Unit;
import io.flota.api.v1.UnitOnMachine;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GoalTest {
    private static final String MACHINE = "85c0c595".repeat(4);

    @ParameterizedTest(name = "{0} of {1} ({2}), generation {3} of 2: {4}")
    @CsvSource(textBlock = """
            LAUNCHED, active,       running,      2, reached
            LAUNCHED, reloading,    reload,       2, reached
            LAUNCHED, inactive,     dead,         2, reached
            LAUNCHED, failed,       failed,       2, failed
            LAUNCHED, activating,   start-pre,    2, underway
            LAUNCHED, activating,   auto-restart, 2, underway
            LAUNCHED, deactivating, stop-sigterm, 2, underway
            LAUNCHED, active,       running,      1, underway
            LAUNCHED, inactive,     dead,         1, underway
            LAUNCHED, inactive,     dead,         0, underway
            LAUNCHED, failed,       failed,       1, underway
            LOADED,   inactive,     dead,         0, reached
            LOADED,   failed,       failed,       2, reached
            LOADED,   active,       running,      2, underway
            STOPPED,  inactive,     dead,         2, reached
            STOPPED,  failed,       failed,       2, reached
            STOPPED,  active,       running,      2, underway
            STOPPED,  deactivating, stop-sigterm, 2, underway
            UNLOADED, inactive,     dead,         2, underway
            UNLOADED, active,       running,      2, underway
            """)
    void aStateIsJudgedByWhatIsWanted(Goal goal, String active, String sub, long generation, String verdict) {
        var unit = unit(goal.desired()).addMachines(on(goal.desired(), state(active, sub).setGeneration(generation)));

        assertThat(word(goal.judge(unit.build()))).isEqualTo(verdict);
    }

    @ParameterizedTest(name = "{0} of an active unit whose health is \"{1}\": {2}")
    @CsvSource(textBlock = """
            LAUNCHED, starting,  reached
            LAUNCHED, unhealthy, reached
            HEALTHY,  '',        reached
            HEALTHY,  starting,  underway
            HEALTHY,  healthy,   reached
            HEALTHY,  unhealthy, failed
            """)
    void healthCountsForWhoAsksForIt(Goal goal, String health, String verdict) {
        var unit = unit(goal.desired())
                .addMachines(on(goal.desired(), state("active", "running").setGeneration(2).setHealth(health)));

        assertThat(word(goal.judge(unit.build()))).isEqualTo(verdict);
    }

    @Test
    void aUnitThatHasFailedAndIsTriedAgainIsHeldAndNotGivenUp() {
        var refusal = Refusal.newBuilder().setMachineId(MACHINE).setReason("failed here once, avoided until ...").build();
        var given = unit(DesiredState.DESIRED_STATE_LAUNCHED)
                .addMachines(on(DesiredState.DESIRED_STATE_LAUNCHED, state("failed", "failed").setGeneration(2)))
                .addRefusals(refusal);

        assertThat(word(Goal.LAUNCHED.judge(given.build()))).isEqualTo("held");
    }

    @Test
    void aStateThatAnswersAnotherPlacementIsOld() {
        var old = on(
                DesiredState.DESIRED_STATE_LAUNCHED,
                state("active", "running").setGeneration(2).setPlacementId("p0"));

        var verdict = Goal.LAUNCHED.judge(unit(DesiredState.DESIRED_STATE_LAUNCHED).addMachines(old).build());

        assertThat(verdict).isEqualTo(Verdict.Underway.by("placed"));
    }

    @Test
    void aStateOfTheFileBeforeIsOld() {
        var old = on(
                DesiredState.DESIRED_STATE_LAUNCHED,
                state("active", "running").setGeneration(2).setFileHash("old"));

        var verdict = Goal.LAUNCHED.judge(unit(DesiredState.DESIRED_STATE_LAUNCHED).addMachines(old).build());

        assertThat(verdict).isEqualTo(Verdict.Underway.by("placed"));
    }

    @Test
    void aFailureNamesMachineAndReason() {
        var failed = on(
                DesiredState.DESIRED_STATE_LAUNCHED,
                state("failed", "failed").setGeneration(2).setMessage("exit status 1"));

        var verdict = Goal.LAUNCHED.judge(unit(DesiredState.DESIRED_STATE_LAUNCHED).addMachines(failed).build());

        assertThat(verdict).isEqualTo(new Verdict.Failed("failed on 85c0c595.../172.17.8.101: exit status 1"));
    }

    @Test
    void aUnitThatCannotBeLoadedFails() {
        var broken = on(DesiredState.DESIRED_STATE_LAUNCHED, state("inactive", "dead").setLoad("bad-setting"));

        var verdict = Goal.LAUNCHED.judge(unit(DesiredState.DESIRED_STATE_LAUNCHED).addMachines(broken).build());

        assertThat(verdict).isEqualTo(new Verdict.Failed("cannot be loaded on 85c0c595.../172.17.8.101: bad-setting"));
    }

    @Test
    void aGlobalUnitIsLaunchedOnceAllItsMachinesSaySo() {
        var running = on(DesiredState.DESIRED_STATE_LAUNCHED, state("active", "running").setGeneration(2));
        var starting = on(DesiredState.DESIRED_STATE_LAUNCHED, state("activating", "start").setGeneration(2));
        var unit = unit(DesiredState.DESIRED_STATE_LAUNCHED).addMachines(running);

        assertThat(word(Goal.LAUNCHED.judge(unit.build()))).isEqualTo("reached");
        assertThat(word(Goal.LAUNCHED.judge(unit.addMachines(starting).build()))).isEqualTo("underway");
    }

    @Test
    void aUnitThatNoMachineTakesIsHeld() {
        var unit = unit(DesiredState.DESIRED_STATE_LAUNCHED);

        assertThat(word(Goal.LAUNCHED.judge(unit.build()))).isEqualTo("underway");
        unit.addRefusals(Refusal.newBuilder().setReason("no machine"));
        assertThat(word(Goal.LAUNCHED.judge(unit.build()))).isEqualTo("held");
    }

    @Test
    void aUnitOnALostMachineThatFitsNowhereElseIsHeld() {
        var away = on(DesiredState.DESIRED_STATE_LAUNCHED, StateRecord.newBuilder()).clearState();
        var unit = unit(DesiredState.DESIRED_STATE_LAUNCHED).addMachines(away);

        assertThat(word(Goal.LAUNCHED.judge(unit.build()))).isEqualTo("underway");
        unit.addRefusals(Refusal.newBuilder().setReason("only there"));
        assertThat(word(Goal.LAUNCHED.judge(unit.build()))).isEqualTo("held");
    }

    @Test
    void aUnitThatSomebodyElseStoppedMeanwhileIsNotAwaitedForEver() {
        var unit = unit(DesiredState.DESIRED_STATE_LOADED).build();

        assertThat(word(Goal.LAUNCHED.judge(unit))).isEqualTo("failed");
    }

    @Test
    void aUnitThatIsPlacedToBeLaunchedIsNotStoppedThoughItIsDown() {
        var placedBefore = on(DesiredState.DESIRED_STATE_LAUNCHED, state("inactive", "dead"));

        var verdict = Goal.STOPPED.judge(unit(DesiredState.DESIRED_STATE_LOADED).addMachines(placedBefore).build());

        assertThat(word(verdict)).isEqualTo("underway");
    }

    @Test
    void aUnitIsNotStoppedBeforeItsMachineHasAnsweredToThat() {
        var target = DesiredState.DESIRED_STATE_LOADED;
        var before = on(target, state("inactive", "dead").setPlacementId("p0"));
        var silent = on(target, StateRecord.newBuilder()).clearState();

        assertThat(word(Goal.STOPPED.judge(unit(target).addMachines(before).build()))).isEqualTo("underway");
        assertThat(word(Goal.STOPPED.judge(unit(target).addMachines(silent).build()))).isEqualTo("underway");
    }

    @Test
    void aUnitThatIsKeptForALostMachineIsStopped() {
        var target = DesiredState.DESIRED_STATE_LOADED;
        var lost = on(target, StateRecord.newBuilder()).clearState();
        var unit = unit(target).addMachines(lost).addRefusals(Refusal.newBuilder().setMachineId(MACHINE));

        assertThat(word(Goal.STOPPED.judge(unit.build()))).isEqualTo("reached");
    }

    private static String word(Verdict verdict) {
        return switch (verdict) {
            case Verdict.Reached _ -> "reached";
            case Verdict.Failed _ -> "failed";
            case Verdict.Held _ -> "held";
            case Verdict.Underway _ -> "underway";
        };
    }

    private static Unit.Builder unit(DesiredState desired) {
        return Unit.newBuilder().setName("web@1.service").setFileHash("hash").setDesired(desired).setGeneration(2);
    }

    private static UnitOnMachine.Builder on(DesiredState target, StateRecord.Builder state) {
        return UnitOnMachine.newBuilder()
                .setMachineId(MACHINE)
                .setPublicIp("172.17.8.101")
                .setPlacement(PlacementRecord.newBuilder()
                        .setId("p1")
                        .setFileHash("hash")
                        .setTarget(target)
                        .setGeneration(2))
                .setState(state);
    }

    private static StateRecord.Builder state(String active, String sub) {
        return StateRecord.newBuilder()
                .setLoad("loaded")
                .setActive(active)
                .setSub(sub)
                .setFileHash("hash")
                .setPlacementId("p1");
    }
}
