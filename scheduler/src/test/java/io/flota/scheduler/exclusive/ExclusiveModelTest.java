package io.flota.scheduler.exclusive;

import static org.assertj.core.api.Assertions.assertThat;

import io.flota.scheduler.exclusive.Spin.Verdict;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Every order in which the steps of lease, self-fence and takeover can come, as `EXCLUSIVE.md` describes them.
///
/// A rule that could be left out without a violation would be a rule that the model, or the argument, does not
/// understand: so each is left out once.
class ExclusiveModelTest {
    private static final Path MODEL = Path.of("src/test/spin/exclusive.pml").toAbsolutePath();

    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"TTL=4", "TTL=6"})
    void anExclusiveUnitIsNeverActiveAtTwoMachines(String ttl) throws Exception {
        assertThat(prove(ttl).story()).isEmpty();
    }

    /// etcd before 3.5.13 ends leases early.
    @Test
    void norIfLeasesEndAtAnyTimeAndTheWaitIsLongerThanALease() throws Exception {
        assertThat(prove("LEASE_ENDS_EARLY", "WAIT=7", "DRIFT=12").story()).isEmpty();
    }

    @Test
    void epochsRiseFromStartToStart() throws Exception {
        assertThat(prove("EPOCHS").story()).isEmpty();
    }

    @Test
    void theUnitCanBeTakenOverAndCanComeBack() throws Exception {
        assertThat(refute("SHOW").story())
                .containsSubsequence(
                        "A: the unit starts",
                        "scheduler: sees that the key of A is gone",
                        "scheduler: moves the unit to B",
                        "B: the unit starts",
                        "B: gives the unit back to A",
                        "A: the unit starts");
    }

    /// Of agent and watchdog: what the deadline counts from, how it is kept, what a start needs. Of the scheduler: the
    /// condition and the wait. Of the world: what is assumed of etcd.
    @ParameterizedTest
    @ValueSource(
            strings = {
                "FROM_RECEIPT",
                "NO_MARGIN",
                "NO_WATCHDOG",
                "FEED_UNREGISTERED",
                "STALE_PLACEMENT",
                "START_UNCHECKED",
                "RESTART_UNCHECKED",
                "NO_ABSENT",
                "RETURN_UNSEEN",
                "NO_WAIT",
                "WAIT_FOR_KILL_ONLY",
                "LEASE_ENDS_EARLY",
                "DEPOSED_FOR_EVER"
            })
    void withoutThisRuleItCanBeActiveAtTwo(String rule) throws Exception {
        assertThat(refute(rule).story()).contains("A: the unit starts", "B: the unit starts");
    }

    @ParameterizedTest
    @ValueSource(strings = {"EPOCH_OF_PLACEMENT", "EPOCH_OF_REGISTRATION"})
    void anEpochOfOneRevisionAloneDoesNotRise(String rule) throws Exception {
        assertThat(refute("EPOCHS", rule).story()).isNotEmpty();
    }

    private Verdict prove(String... macros) throws IOException, InterruptedException {
        return said(new Spin(MODEL, folder).prove(List.of(macros)), macros);
    }

    private Verdict refute(String... macros) throws IOException, InterruptedException {
        return said(new Spin(MODEL, folder).refute(List.of(macros)), macros);
    }

    private static Verdict said(Verdict verdict, String... macros) {
        System.out.printf("exclusive.pml with %s: %,d states, %s%n", String.join(", ", macros), verdict.states(),
                verdict.holds() ? "no violation" : "violated after " + verdict.story().size() + " steps");
        return verdict;
    }
}
