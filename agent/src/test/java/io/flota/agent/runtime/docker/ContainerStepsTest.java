package io.flota.agent.runtime.docker;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import com.google.common.collect.ImmutableSortedMap;
import io.flota.agent.runtime.docker.Ask.Verb;
import io.flota.agent.runtime.docker.SeenContainer.Health;
import io.flota.agent.runtime.docker.SeenContainer.Status;
import io.flota.agent.runtime.setting.CgroupLimits;
import io.flota.unit.UnitFileException;
import io.flota.unit.UnitName;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// What is done next for a container's unit, without Docker.
class ContainerStepsTest {
    private static final Instant NOW = Instant.parse("2026-11-22T12:00:00Z");
    private static final CgroupLimits LIMITS = CgroupLimits.NONE;

    /// A unit's situation, of which each test changes what it is about.
    private static final class Scene {
        private Optional<ContainerSettings> settings = settings();
        private boolean loaded = true;
        private boolean up = true;
        private Optional<ContainerStep> underway = Optional.empty();
        private ImmutableSet<String> ran = ImmutableSet.of();
        private final List<Ask> asks = new ArrayList<>();
        private final List<SeenContainer> containers = new ArrayList<>();
        private ImageSight image = new ImageSight.Used();
        private CgroupLimits limits = LIMITS;
        private final List<String> stopping = new ArrayList<>();
        private ImmutableMap<String, String> failed = ImmutableMap.of();
        private ImmutableMap<String, Integer> ended = ImmutableMap.of();

        private static Optional<ContainerSettings> settings(String... lines) {
            try {
                return Optional.of(Settings.of(lines));
            } catch (UnitFileException e) {
                throw new AssertionError(e);
            }
        }

        Scene with(String... lines) {
            settings = settings(lines);
            return this;
        }

        Scene asks(Verb verb, String run) {
            asks.add(new Ask("0123456789abcdef", verb, run, 1, 1, NOW, Path.of(verb + run)));
            return this;
        }

        Scene has(String run, Status status) {
            return has(run, status, 0, Optional.empty(), false);
        }

        Scene has(String run, Status status, int exit, Optional<Health> health, boolean outOfMemory) {
            var labels = new ContainerLabels("c", "m", new UnitName("web@1.service"), "f", "p", run);
            containers.add(new SeenContainer(
                    "id-" + run, "web", Optional.of(labels), "image", status, Optional.of(7L), exit, outOfMemory, "",
                    Optional.empty(), Optional.empty(), health, ImmutableSortedMap.of()));
            return this;
        }

        ContainerSight sight(Instant now) {
            var known = ImmutableMap.<String, CgroupLimits>builder();
            containers.forEach(container -> known.put(container.id(), LIMITS));
            return new ContainerSight(
                    loaded, settings, up, underway, ImmutableList.copyOf(asks), ImmutableList.copyOf(containers), image,
                    Optional.of(limits), known.build(), ImmutableList.copyOf(stopping), failed, ran, ended, now);
        }

        Optional<ContainerStep> next() {
            return ContainerSteps.next(sight(NOW));
        }

        void answers(Verb verb, int status) {
            assertThat(next()).containsInstanceOf(ContainerStep.Answer.class);
            var answer = (ContainerStep.Answer) next().orElseThrow();
            assertThat(answer.ask().verb()).isEqualTo(verb);
            assertThat(answer.status()).isEqualTo(status);
        }

        void does(ContainerStep step) {
            assertThat(next()).contains(step);
        }

        void waits() {
            assertThat(next()).isEmpty();
        }
    }

    private static Scene scene() {
        return new Scene();
    }

    @Test
    void aContainerIsCreatedOnceSomebodyAsks() {
        scene().waits();
        scene().asks(Verb.RUN, "r1").does(new ContainerStep.Create("r1"));
        scene().asks(Verb.RUN, "r1").has("r1", Status.CREATED).does(new ContainerStep.Start("id-r1"));
        scene().asks(Verb.RUN, "r1").has("r1", Status.RUNNING).waits();
    }

    @Test
    void itsEndIsTheAnswer() {
        scene().asks(Verb.RUN, "r1").has("r1", Status.EXITED, 3, Optional.empty(), false).answers(Verb.RUN, 3);
        scene().asks(Verb.RUN, "r1").has("r1", Status.EXITED, 137, Optional.empty(), true).answers(Verb.RUN, 137);
    }

    @Test
    void whoWasToldToStopAndDidHasNotFailed() {
        scene().asks(Verb.RUN, "r1").asks(Verb.STOP, "r1").has("r1", Status.RUNNING).does(new ContainerStep.Stop("id-r1"));
        scene().asks(Verb.RUN, "r1").asks(Verb.STOP, "r1").has("r1", Status.EXITED, 137, Optional.empty(), false)
                .answers(Verb.RUN, 137); // before who stops it kills who runs it
        var ended = scene().asks(Verb.RUN, "r1").has("r1", Status.EXITED, 143, Optional.empty(), false);
        ended.answers(Verb.RUN, 143);
        ended.stopping.add("id-r1");
        ended.answers(Verb.RUN, 0);
        var other = scene().with("StopSignal=USR1").asks(Verb.RUN, "r1")
                .has("r1", Status.EXITED, 138, Optional.empty(), false);
        other.stopping.add("id-r1");
        other.answers(Verb.RUN, 0);
        var killed = scene().asks(Verb.RUN, "r1").has("r1", Status.EXITED, 137, Optional.empty(), false);
        killed.stopping.add("id-r1");
        killed.answers(Verb.RUN, 137);
    }

    @Test
    void aContainerOfAnEarlierActivationGoesBeforeTheNextOneComes() {
        scene().asks(Verb.RUN, "r2").has("r1", Status.EXITED).does(new ContainerStep.Remove("id-r1"));
        scene().asks(Verb.RUN, "r2").has("r1", Status.REMOVING).waits();
        scene().asks(Verb.CLEAR, "r1").has("r1", Status.EXITED).does(new ContainerStep.Remove("id-r1"));
        scene().asks(Verb.CLEAR, "r1").answers(Verb.CLEAR, 0);
    }

    @Test
    void oneThatHasFailedIsKeptUntilTheNextStart() {
        var failed = scene().asks(Verb.CLEAR, "r1").has("r1", Status.EXITED, 3, Optional.empty(), false);
        failed.answers(Verb.CLEAR, 0);
        failed.asks.clear();
        failed.up = false;
        failed.waits();
        failed.asks(Verb.RUN, "r2").does(new ContainerStep.Remove("id-r1"));

        var gone = scene().has("r1", Status.EXITED, 3, Optional.empty(), false);
        gone.settings = Optional.empty();
        gone.up = false;
        gone.does(new ContainerStep.Remove("id-r1"));
    }

    @Test
    void whatNobodyAsksForGoesOnceTheUnitIsDown() {
        var left = scene().has("r1", Status.RUNNING);
        left.waits(); // the folder of questions may have been removed
        left.up = false;
        left.does(new ContainerStep.Stop("id-r1"));
        left.stopping.add("id-r1");
        left.does(new ContainerStep.Remove("id-r1"));

        var other = scene().has("r1", Status.EXITED); // the unit has become a plain service
        other.loaded = false;
        other.does(new ContainerStep.Remove("id-r1"));
    }

    /// Runtimes ask for no stop of a unit that was not quite up.
    @Test
    void whatIsClearedIsStoppedFirst() {
        var clearing = scene().asks(Verb.CLEAR, "r1").has("r1", Status.RUNNING);
        clearing.does(new ContainerStep.Stop("id-r1"));
        clearing.stopping.add("id-r1");
        clearing.does(new ContainerStep.Remove("id-r1"));
    }

    @Test
    void nobodyIsToldAnythingThatIsAboutToChange() {
        var creating = scene().asks(Verb.CLEAR, "r1");
        creating.underway = Optional.of(new ContainerStep.Create("r1"));
        creating.waits();
        var restarting = scene().asks(Verb.RUN, "r1").has("r1", Status.EXITED, 143, Optional.empty(), false);
        restarting.underway = Optional.of(new ContainerStep.Restart("id-r1"));
        restarting.waits();
    }

    @Test
    void aContainerThatSomebodyElseRemovedHasFailed() {
        var removed = scene().asks(Verb.RUN, "r1");
        removed.ran = ImmutableSet.of("r1");
        removed.answers(Verb.RUN, 137);
    }

    @Test
    void theImageIsThereBeforeItIsSaidSo() {
        var unit = scene().asks(Verb.IMAGE, "r1");
        unit.does(new ContainerStep.Provide());
        unit.image = new ImageSight.Coming("web");
        unit.waits();
        unit.image = new ImageSight.Missing("the registry is away", NOW.plusSeconds(1));
        unit.waits();
        unit.image = new ImageSight.Missing("the registry is away", NOW);
        unit.does(new ContainerStep.Provide());
        unit.image = new ImageSight.Missing("Pull=never", Instant.MAX);
        unit.answers(Verb.IMAGE, ContainerSteps.NOT_RUN);
        unit.image = new ImageSight.Here(NOW.minusSeconds(5));
        unit.answers(Verb.IMAGE, 0);
        unit.image = new ImageSight.Here(NOW.minusSeconds(500)); // and may have been removed since
        unit.does(new ContainerStep.Provide());

        var loaded = scene();
        loaded.image = new ImageSight.Wanted();
        loaded.does(new ContainerStep.Provide());
    }

    @Test
    void readyIsWhoRunsAndIsHealthyIfThatIsWaitedFor() {
        scene().asks(Verb.READY, "r1").waits(); // who runs it may be later
        scene().asks(Verb.RUN, "r1").asks(Verb.READY, "r1").has("r1", Status.RUNNING).answers(Verb.READY, 0);
        var checked = new String[] {"Notify=healthy", "HealthCmd=true"};
        healthy(Health.STARTING).with(checked).waits();
        healthy(Health.HEALTHY).with(checked).answers(Verb.READY, 0);
        healthy(Health.UNHEALTHY).with(checked).answers(Verb.READY, 1);
        scene().with("Notify=healthy").asks(Verb.RUN, "r1").asks(Verb.READY, "r1").has("r1", Status.RUNNING)
                .answers(Verb.READY, 1); // for ever, else: the image has no check
    }

    @Test
    void whoRunsItMayBeLaterThanTheQuestionForNoLongerThanTenSeconds() {
        var alone = scene().asks(Verb.READY, "r1");
        var late = NOW.plusSeconds(10);

        assertThat(ContainerSteps.due(alone.sight(NOW))).contains(late);
        assertThat(ContainerSteps.next(alone.sight(late.minusNanos(1)))).isEmpty();
        assertThat(ContainerSteps.next(alone.sight(late)).orElseThrow())
                .isEqualTo(new ContainerStep.Answer(alone.asks.getFirst(), ContainerSteps.NOT_RUN, ""));
        assertThat(ContainerSteps.due(scene().asks(Verb.READY, "r1").asks(Verb.RUN, "r1").sight(NOW))).isEmpty();
    }

    @Test
    void aPullThatFailedIsDueWhenItIsTriedAgain() {
        var missing = scene();
        missing.image = new ImageSight.Missing("it is away", NOW.plusSeconds(3));
        assertThat(ContainerSteps.due(missing.sight(NOW))).contains(NOW.plusSeconds(3));
        missing.image = new ImageSight.Missing("Pull=never", Instant.MAX);
        assertThat(ContainerSteps.due(missing.sight(NOW))).isEmpty();
    }

    private static Scene healthy(Health health) {
        return scene().asks(Verb.RUN, "r1").asks(Verb.READY, "r1")
                .has("r1", Status.RUNNING, 0, Optional.of(health), false);
    }

    @Test
    void whoHasEndedIsReadyOnlyIfItEndedWell() {
        var over = scene().asks(Verb.READY, "r1");
        over.ended = ImmutableMap.of("r1", 0);
        over.answers(Verb.READY, 0);
        over.ended = ImmutableMap.of("r1", 3);
        over.answers(Verb.READY, 1);
    }

    @Test
    void whatDockerRefusesIsNotTriedAgainByItself() {
        var refused = scene().asks(Verb.RUN, "r1").has("r1", Status.CREATED);
        refused.failed = ImmutableMap.of("r1", "the port is taken");
        refused.answers(Verb.RUN, ContainerSteps.NOT_RUN);
    }

    @Test
    void anUnhealthyContainerIsTreatedAsItsUnitSays() {
        var ill = scene().asks(Verb.RUN, "r1").has("r1", Status.RUNNING, 0, Optional.of(Health.UNHEALTHY), false);
        ill.with("HealthCmd=false").waits();
        ill.with("HealthCmd=false", "HealthOnFailure=kill").does(new ContainerStep.Kill("id-r1"));
        ill.with("HealthCmd=false", "HealthOnFailure=restart").does(new ContainerStep.Restart("id-r1"));
        ill.with("HealthCmd=false", "HealthOnFailure=stop").does(new ContainerStep.Stop("id-r1"));
        ill.stopping.add("id-r1");
        ill.waits();
    }

    @Test
    void limitsThatChangeAreSet() {
        var limited = scene().asks(Verb.RUN, "r1").has("r1", Status.RUNNING);
        limited.limits = new CgroupLimits(Optional.of(64L << 20), Optional.empty(), Optional.empty());
        limited.does(new ContainerStep.Limit("id-r1", limited.limits));
    }

    @Test
    void aUnitThatIsNoContainerAnyMoreIsLetGo() {
        var gone = scene().asks(Verb.RUN, "r1");
        gone.settings = Optional.empty();
        gone.answers(Verb.RUN, ContainerSteps.NOT_RUN);
    }
}
