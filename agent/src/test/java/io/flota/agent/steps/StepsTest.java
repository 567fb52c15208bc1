package io.flota.agent.steps;

import static io.flota.agent.steps.Situations.situation;
import static io.flota.unit.DesiredState.INACTIVE;
import static io.flota.unit.DesiredState.LAUNCHED;
import static io.flota.unit.DesiredState.LOADED;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableList;
import io.flota.agent.steps.Situation.Stray;
import io.flota.agent.steps.Step.Drain;
import io.flota.agent.steps.Step.Load;
import io.flota.agent.steps.Step.SetProperties;
import io.flota.agent.steps.Step.Start;
import io.flota.agent.steps.Step.Stop;
import io.flota.agent.steps.Step.Unload;
import io.flota.unit.DesiredState;
import io.flota.unit.UnitName;
import io.flota.unit.UnitProperties;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StepsTest {
    private static final String UNIT = "web@1.service";
    private static final UnitProperties LITTLE = UnitProperties.of(Map.of("MemoryMax", "64M"));

    @Test
    void propertiesAreSetWithoutAStopOrAStart() {
        var set = new SetProperties(new UnitName(UNIT), LITTLE, "the operator wants them over those of its file");
        var running = situation().placed(UNIT, LAUNCHED).wanted(UNIT, LITTLE).observed(UNIT, "active", 3, "new");

        assertThat(Steps.between(running.build())).containsExactly(set);
        assertThat(Steps.between(running.set(UNIT, LITTLE).build())).isEmpty();
        assertThat(Steps.between(situation().placed(UNIT, LAUNCHED).set(UNIT, LITTLE).observed(UNIT, "active", 3, "new")
                        .build()))
                .extracting(step -> ((SetProperties) step).properties())
                .containsExactly(UnitProperties.NONE);
    }

    @Test
    void aUnitHasItsPropertiesBeforeItStarts() {
        var steps = Steps.between(situation().placed(UNIT, LAUNCHED).wanted(UNIT, LITTLE).build());

        assertThat(steps).hasExactlyElementsOfTypes(Load.class, SetProperties.class, Start.class);
    }

    @Test
    void propertiesOfAUnitThatLeavesAreNotTouched() {
        var leaving = situation().placed(UNIT, INACTIVE).wanted(UNIT, LITTLE).observed(UNIT, "active", 3, "new");

        assertThat(Steps.between(leaving.build())).hasExactlyElementsOfTypes(Stop.class);
    }

    /// Target × what is observed: active state, generation (3 is wanted), file (`new` is wanted). All of the matrix.
    @ParameterizedTest(name = "{0}, observed {1} in generation {2} with the {3} file: {4}")
    @CsvSource(
            textBlock =
                    """
            INACTIVE, absent,       0, none, nothing
            INACTIVE, inactive,     0, new,  stop
            INACTIVE, inactive,     3, new,  stop
            INACTIVE, failed,       0, new,  stop
            INACTIVE, failed,       3, new,  stop
            INACTIVE, activating,   0, new,  stop
            INACTIVE, activating,   3, new,  stop
            INACTIVE, active,       0, new,  stop
            INACTIVE, active,       3, new,  stop
            INACTIVE, reloading,    3, new,  stop
            INACTIVE, deactivating, 0, new,  stop
            INACTIVE, deactivating, 3, new,  stop
            INACTIVE, active,       2, old,  stop

            LOADED,   absent,       0, none, load
            LOADED,   inactive,     0, new,  nothing
            LOADED,   inactive,     3, new,  stop
            LOADED,   failed,       0, new,  nothing
            LOADED,   failed,       3, new,  stop
            LOADED,   activating,   0, new,  nothing
            LOADED,   activating,   3, new,  stop
            LOADED,   active,       0, new,  nothing
            LOADED,   active,       2, new,  stop
            LOADED,   active,       3, new,  stop
            LOADED,   deactivating, 0, new,  nothing
            LOADED,   deactivating, 3, new,  stop
            LOADED,   inactive,     0, old,  load
            LOADED,   failed,       3, old,  stop
            LOADED,   active,       3, old,  stop
            LOADED,   active,       0, old,  stop
            LOADED,   deactivating, 0, old,  nothing
            LOADED,   deactivating, 3, old,  stop

            UNKNOWN,  absent,       0, none, nothing
            UNKNOWN,  inactive,     3, new,  nothing
            UNKNOWN,  active,       2, old,  nothing
            UNKNOWN,  active,       3, new,  nothing

            LAUNCHED, absent,       0, none, load start
            LAUNCHED, inactive,     0, new,  start
            LAUNCHED, inactive,     2, new,  start
            LAUNCHED, inactive,     3, new,  nothing
            LAUNCHED, failed,       0, new,  start
            LAUNCHED, failed,       2, new,  start
            LAUNCHED, failed,       3, new,  nothing
            LAUNCHED, activating,   0, new,  start
            LAUNCHED, activating,   2, new,  start
            LAUNCHED, activating,   3, new,  nothing
            LAUNCHED, active,       0, new,  start
            LAUNCHED, active,       2, new,  start
            LAUNCHED, active,       3, new,  nothing
            LAUNCHED, active,       4, new,  start
            LAUNCHED, reloading,    3, new,  nothing
            LAUNCHED, deactivating, 0, new,  start
            LAUNCHED, deactivating, 3, new,  nothing
            LAUNCHED, inactive,     0, old,  load start
            LAUNCHED, inactive,     3, old,  stop
            LAUNCHED, failed,       0, old,  load start
            LAUNCHED, active,       3, old,  stop
            LAUNCHED, active,       0, old,  stop
            LAUNCHED, deactivating, 0, old,  nothing
            LAUNCHED, deactivating, 3, old,  stop

            unplaced, inactive,     0, old,  unload
            unplaced, inactive,     3, old,  stop
            unplaced, failed,       0, old,  unload
            unplaced, failed,       3, old,  stop
            unplaced, activating,   3, old,  stop
            unplaced, active,       0, old,  stop
            unplaced, active,       3, old,  stop
            unplaced, deactivating, 0, old,  nothing
            unplaced, deactivating, 3, old,  stop
            """)
    void theStepsFollowFromTargetAndReality(String target, String active, long generation, String file, String steps) {
        var situation = situation();
        if (!target.equals("unplaced")) {
            situation.placed(UNIT, DesiredState.valueOf(target));
        }
        if (!active.equals("absent")) {
            situation.observed(UNIT, active, generation, file);
        }

        var expected = steps.equals("nothing") ? "" : steps;
        assertThat(words(Steps.between(situation.build()))).isEqualTo(expected);
    }

    @Test
    void aUnitThatLeavesIsToldToStopOnlyOnce() {
        var down = situation().placed(UNIT, INACTIVE).observed(UNIT, "inactive", 0, "new").stopped(UNIT);
        var stopping = situation().placed(UNIT, INACTIVE).observed(UNIT, "deactivating", 0, "new").stopped(UNIT);
        var startedAgain = situation().placed(UNIT, INACTIVE).observed(UNIT, "active", 0, "new").stopped(UNIT);

        assertThat(Steps.between(down.build())).isEmpty();
        assertThat(Steps.between(stopping.build())).isEmpty();
        assertThat(words(Steps.between(startedAgain.build()))).isEqualTo("stop");
    }

    @Test
    void aUnitThatAsksTheLeaderRunsOnUntilThatHasSpoken() {
        var asks = situation().observed(UNIT, "active", 3, "new").stray(UNIT, Stray.ASKS);
        var undecided = situation().observed(UNIT, "active", 3, "new").stray(UNIT, Stray.UNDECIDED);
        var mayStay = situation().placed(UNIT, LAUNCHED).observed(UNIT, "active", 3, "new");
        var mayNot = situation().placed(UNIT, INACTIVE).observed(UNIT, "active", 3, "new");

        assertThat(Steps.between(asks.build())).isEmpty();
        assertThat(Steps.between(undecided.build())).isEmpty();
        assertThat(Steps.between(mayStay.build())).isEmpty();
        assertThat(words(Steps.between(mayNot.build()))).isEqualTo("stop");
    }

    @Test
    void onlyWhatIsUpAsks() {
        var situation = situation()
                .observed("up.service", "active", 3, "f")
                .observed("starts.service", "activating", 3, "f")
                .observed("down.service", "failed", 3, "f")
                .observed("told.service", "active", 0, "f")
                .observed("stops.service", "deactivating", 3, "f")
                .observed(UNIT, "active", 3, "new")
                .placed(UNIT, LAUNCHED);

        assertThat(situation.build().unplaced().keySet().stream().map(Object::toString))
                .containsExactly("starts.service", "up.service");
    }

    @Test
    void stopsComeBeforeLoadsAndLoadsBeforeStarts() {
        var situation = situation()
                .placed("a.service", LAUNCHED)
                .placed("b.service", LAUNCHED)
                .placed("c.service", LOADED)
                .observed("c.service", "active", 3, "new")
                .observed("d.service", "active", 3, "new")
                .observed("e.service", "inactive", 0, "new");

        var steps = Steps.between(situation.build());

        assertThat(steps.stream().map(step -> word(step) + " " + step.unit().prefix()))
                .containsExactly("stop c", "stop d", "unload e", "load a", "load b", "start a", "start b");
    }

    @Test
    void aUnitWhoseNewFileCannotBeHadRunsOn() {
        var situation = situation()
                .placed("a.service", LAUNCHED)
                .observed("a.service", "active", 3, "old")
                .unreadable("a.service")
                .placed("b.service", LAUNCHED)
                .unreadable("b.service")
                .placed("c.service", LAUNCHED);

        assertThat(Steps.between(situation.build()).stream().map(Step::unit).map(Object::toString))
                .containsExactly("c.service", "c.service");
    }

    @Test
    void aUnitThatTheRuntimeRefusedToLoadIsNotStarted() {
        var situation = situation().placed(UNIT, LAUNCHED).observed(UNIT, "bad-setting", "inactive", 0, "new");

        assertThat(Steps.between(situation.build())).isEmpty();
    }

    @Test
    void eachStepSaysWhy() {
        var situation = situation()
                .placed("a.service", LAUNCHED)
                .placed("b.service", LAUNCHED)
                .observed("b.service", "active", 2, "new")
                .observed("c.service", "active", 1, "new");

        assertThat(Steps.between(situation.build()).stream().map(Step::because))
                .containsExactly(
                        "it is not placed here",
                        "it is placed here: carries least",
                        "it is wanted launched",
                        "a restart was asked for: generation 2 runs, 3 is wanted");
    }

    @Test
    void anAgentThatLeavesStopsAllAndHasLeftOnceAllIsDown() {
        var running = situation()
                .observed("a.service", "active", 1, "f")
                .observed("b.service", "inactive", 0, "f")
                .build()
                .observed();
        var down = situation()
                .observed("a.service", "failed", 0, "f")
                .observed("b.service", "inactive", 0, "f")
                .build()
                .observed();

        assertThat(words(Steps.leaving(running))).isEqualTo("stop stop");
        assertThat(Steps.staying(running)).isNotEmpty();
        assertThat(Steps.staying(down)).isEmpty();
    }

    /// A unit that others may be using, and what is stopped or started anew without that.
    @ParameterizedTest(name = "{0}, observed {1} in generation {2} with the {3} file: {4}")
    @CsvSource(
            textBlock =
                    """
            INACTIVE, active,       3, new,  drain
            INACTIVE, reloading,    3, new,  drain
            LOADED,   active,       3, new,  drain
            LAUNCHED, active,       2, new,  drain
            LAUNCHED, active,       3, old,  drain
            LAUNCHED, active,       3, new,  nothing
            UNKNOWN,  active,       3, new,  nothing
            """)
    void whatOthersUseIsDrainedInsteadOfStopped(
            DesiredState target, String active, long generation, String file, String expected) {
        var situation = situation().placed(UNIT, target).observed(UNIT, active, generation, file).undrained(UNIT);

        var steps = words(Steps.between(situation.build()));

        assertThat(steps.isEmpty() ? "nothing" : steps).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            LAUNCHED | active       | 3 | true  | drain
            LAUNCHED | active       | 3 | false | stop
            LAUNCHED | activating   | 3 | false | stop
            LAUNCHED | active       | 2 | true  | drain
            LAUNCHED | active       | 2 | false | start
            LAUNCHED | deactivating | 0 | false | start
            LAUNCHED | failed       | 3 | false | nothing
            LOADED   | active       | 0 | false | nothing
            """)
    void whatIsToStartAnewForItsFilesIsDrainedAndStopped(
            DesiredState target, String active, long generation, boolean used, String expected) {
        var situation = situation().placed(UNIT, target).observed(UNIT, active, generation, "new").restarts(UNIT);

        var steps = words(Steps.between((used ? situation.undrained(UNIT) : situation).build()));

        assertThat(steps.isEmpty() ? "nothing" : steps).isEqualTo(expected);
    }

    @Test
    void whatIsNotPlacedHereIsDrainedToo() {
        var stray = situation().observed(UNIT, "active", 3, "new").undrained(UNIT);

        assertThat(words(Steps.between(stray.build()))).isEqualTo("drain");
    }

    @Test
    void aDrainHoldsUpNoOtherUnit() {
        var two = situation()
                .placed(UNIT, INACTIVE).observed(UNIT, "active", 3, "new").undrained(UNIT)
                .placed("web@2.service", INACTIVE).observed("web@2.service", "active", 3, "new");

        assertThat(words(Steps.between(two.build()))).isEqualTo("drain stop");
    }

    private static String words(ImmutableList<Step> steps) {
        return String.join(" ", steps.stream().map(StepsTest::word).toList());
    }

    private static String word(Step step) {
        return switch (step) {
            case Drain _ -> "drain";
            case Stop _ -> "stop";
            case Unload _ -> "unload";
            case Load _ -> "load";
            case SetProperties _ -> "set";
            case Start _ -> "start";
        };
    }
}
