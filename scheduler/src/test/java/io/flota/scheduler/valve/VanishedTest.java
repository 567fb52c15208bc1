package io.flota.scheduler.valve;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableSortedSet;
import com.google.common.collect.Maps;
import io.flota.machine.MachineId;
import java.time.Duration;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class VanishedTest {
    private final Vanished vanished = new Vanished();
    private static final Duration LEASE = Duration.ofSeconds(5);

    private long now = 7;

    static ImmutableSortedSet<MachineId> machines(String letters) {
        return Arrays.stream(letters.split(""))
                .filter(letter -> !letter.isEmpty())
                .map(letter -> new MachineId(letter.repeat(32)))
                .collect(ImmutableSortedSet.toImmutableSortedSet(MachineId::compareTo));
    }

    private void look(String present, String leavers) {
        vanished.look(Maps.toMap(machines(present), _ -> LEASE), machines(leavers)::contains, now);
    }

    private void after(Duration time, String present) {
        now += time.toNanos();
        look(present, "");
    }

    @Test
    void whoWasThereAndIsNotHasVanished() {
        look("abc", "");
        after(Duration.ofSeconds(1), "ab");
        after(Duration.ofSeconds(1), "b");

        assertThat(vanished.lately()).isEqualTo(machines("ac"));
    }

    @Test
    void whoIsBackHasNot() {
        look("abc", "");
        after(Duration.ofSeconds(1), "a");
        after(Duration.ofSeconds(1), "ac");

        assertThat(vanished.lately()).isEqualTo(machines("b"));
    }

    @Test
    void whoLeftOnPurposeHasNot() {
        look("abc", "");
        look("a", "b");

        assertThat(vanished.lately()).isEqualTo(machines("c"));
    }

    @Test
    void aLossThatIsLongAgoIsNotCountedWithNewOnes() {
        look("abc", "");
        after(Duration.ofSeconds(1), "bc");
        after(Vanished.TOGETHER.minusNanos(1), "c");
        assertThat(vanished.lately()).isEqualTo(machines("ab"));

        after(Duration.ofNanos(1), "c");

        assertThat(vanished.lately()).isEqualTo(machines("b"));
    }

    @Test
    void whoVanishedTogetherWithOneHasNotRenewedItsLeaseInTheLatterHalfOfThatOnes() {
        look("abc", "");
        after(Duration.ofSeconds(30), "bc");
        long first = now;
        after(Duration.ofSeconds(1), "c");

        assertThat(vanished.silentSinceNanos(machines("a"))).isEqualTo(first - LEASE.toNanos() / 2);
        assertThat(vanished.silentSinceNanos(machines("ab"))).isEqualTo(now - LEASE.toNanos() / 2);
    }

    @Test
    void whoWasNeverSeenCountsAsLostJustNow() {
        vanished.begin(machines("ab"), now);
        look("bc", "");

        assertThat(vanished.lately()).isEqualTo(machines("a"));
        assertThat(vanished.silentSinceNanos(machines("a"))).isEqualTo(now);
    }
}
