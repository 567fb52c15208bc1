package io.flota.agent.announce;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import com.google.common.collect.ImmutableSortedMap;
import io.flota.unit.Announcement;
import io.flota.unit.Offer;
import io.flota.unit.UnitName;
import io.flota.unit.UnitState;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class DrainsTest {
    private static final UnitName WEB = new UnitName("web.service");
    private static final ImmutableSortedMap<UnitName, Offer> OFFERS = ImmutableSortedMap.of(WEB, new Offer(
            ImmutableList.of(new Announcement("web", 80, ImmutableSortedMap.of())), Duration.ofSeconds(3),
            Optional.empty()));
    private static final UnitState UP =
            new UnitState("loaded", "active", "running", "f", "", 1, Instant.EPOCH, "", 7, 0);

    private final Drains drains = new Drains();
    private UnitState state = UP;

    private Set<UnitName> undrained(int second) {
        return drains.undrained(states(), OFFERS, Duration.ofSeconds(second));
    }

    private boolean decided(Set<UnitName> begun, Set<UnitName> told, int second) {
        return drains.decided(begun, told, states(), OFFERS, Duration.ofSeconds(second));
    }

    private boolean gone(int second) {
        return drains.gone(Set.of(WEB), Duration.ofSeconds(second));
    }

    private ImmutableSortedMap<UnitName, UnitState> states() {
        return ImmutableSortedMap.of(WEB, state);
    }

    @Test
    void aUnitMayBeStoppedOnceItsEndpointsAreGoneForAsLongAsItsFileSays() {
        assertThat(undrained(10)).containsExactly(WEB);
        assertThat(decided(Set.of(WEB), Set.of(), 10)).isTrue();
        assertThat(drains.withdrawn()).containsExactly(WEB);
        assertThat(decided(Set.of(WEB), Set.of(), 10)).isFalse();
        assertThat(gone(11)).isTrue();
        assertThat(gone(12)).isFalse();
        assertThat(drains.next(Duration.ofSeconds(12))).contains(Duration.ofSeconds(2));
        assertThat(undrained(13)).containsExactly(WEB);
        assertThat(undrained(14)).isEmpty();
        assertThat(drains.next(Duration.ofSeconds(15))).as("it has yet to be stopped").contains(Duration.ZERO);
        decided(Set.of(), Set.of(WEB), 15);
        assertThat(drains.next(Duration.ofSeconds(15))).isEmpty();
    }

    @Test
    void aStoreThatDoesNotAnswerIsNotWaitedForForEver() {
        decided(Set.of(WEB), Set.of(), 10);

        assertThat(undrained(17)).containsExactly(WEB);
        assertThat(undrained(18)).isEmpty();
    }

    @Test
    void aStopThatIsCalledOffBringsTheEndpointsBackAndTheNextOneIsDrainedAnew() {
        decided(Set.of(WEB), Set.of(), 10);
        gone(10);

        assertThat(decided(Set.of(), Set.of(), 11)).isTrue();

        assertThat(drains.withdrawn()).isEmpty();
        assertThat(undrained(20)).containsExactly(WEB);
    }

    @Test
    void whatWasToldToStopIsNotAnnouncedAgainBeforeItIsAnotherProcess() {
        decided(Set.of(WEB), Set.of(), 10);
        gone(10);
        decided(Set.of(), Set.of(WEB), 13);
        assertThat(decided(Set.of(), Set.of(), 14)).isFalse();
        assertThat(drains.withdrawn()).containsExactly(WEB);

        state = new UnitState("loaded", "active", "running", "f", "", 2, Instant.EPOCH.plusSeconds(15), "", 8, 0);

        assertThat(decided(Set.of(), Set.of(), 15)).isTrue();
        assertThat(drains.withdrawn()).isEmpty();
    }

    @Test
    void nobodyWaitsForAUnitThatNobodyUses() {
        state = UP.withHealth(new UnitState.Health("unhealthy", false), "");
        assertThat(undrained(1)).isEmpty();
        state = new UnitState("loaded", "failed", "failed", "f", "", 1, Instant.EPOCH, "", 0, 0);
        assertThat(undrained(1)).isEmpty();
        assertThat(drains.undrained(ImmutableSortedMap.of(WEB, UP), ImmutableSortedMap.of(), Duration.ZERO)).isEmpty();
        assertThat(ImmutableSet.copyOf(drains.withdrawn())).isEmpty();
    }
}
