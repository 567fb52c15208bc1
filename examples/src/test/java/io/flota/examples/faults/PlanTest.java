package io.flota.examples.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.flota.testing.Seeds;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class PlanTest {
    private static final Plan.Size SIZE = new Plan.Size(3, 2, 3, List.of("a", "b"));
    private static final Duration TIME = Duration.ofMinutes(2);

    @Test
    void thePlanIsAFunctionOfTheSeed() throws Exception {
        Seeds.check(50, random -> {
            long seed = random.nextLong();

            assertThat(Plan.of(seed, TIME, SIZE)).isEqualTo(Plan.of(seed, TIME, SIZE));
            assertThat(Plan.of(seed, TIME, SIZE)).isNotEqualTo(Plan.of(seed + 1, TIME, SIZE));
        });
    }

    @Test
    void everyFaultIsUndoneInTimeAndNoNodeHasTwoAtOnce() {
        Seeds.check(50, random -> {
            var faults = Plan.of(random.nextLong(), TIME, SIZE).faults();

            assertThat(faults).isNotEmpty().allSatisfy(
                    planned -> assertThat(planned.at().plus(planned.lasts())).isLessThanOrEqualTo(TIME));
            for (int i = 0; i < faults.size(); i++) {
                for (var later : faults.subList(i + 1, faults.size())) {
                    var first = faults.get(i);
                    if (later.at().compareTo(first.at().plus(first.lasts())) <= 0) {
                        assertThat(later.fault().nodes()).doesNotContainAnyElementsOf(first.fault().nodes());
                    }
                }
            }
        });
    }

    @Test
    void untilTheInnocentTimeIsOverNoMachineIsAwayForLongAndNothingIsCommanded() throws Exception {
        Seeds.check(50, random -> {
            var plan = Plan.of(random.nextLong(), TIME, SIZE);

            assertThat(plan.commands()).noneMatch(planned -> planned.at().compareTo(plan.innocent()) < 0);
            assertThat(plan.faults())
                    .filteredOn(planned -> planned.at().compareTo(plan.innocent()) < 0)
                    .filteredOn(planned -> planned.fault().nodes().getFirst().startsWith("machine-"))
                    .allSatisfy(planned -> assertThat(
                                    planned.lasts().toMillis() <= 1_000 || isOfOneMember(planned.fault()))
                            .as("%s", planned)
                            .isTrue());
        });
    }

    private static boolean isOfOneMember(Fault fault) {
        return fault instanceof Fault.CutOff cut && cut.members().size() == 1;
    }

    @Test
    void inTwentyMinutesEveryKindOfFaultHappens() {
        var kinds = Plan.of(Seeds.seed(), Duration.ofMinutes(20), SIZE).faults().stream()
                .<Class<?>>map(planned -> planned.fault().getClass())
                .collect(Collectors.toSet());

        assertThat(kinds).containsExactlyInAnyOrder(Fault.class.getPermittedSubclasses());
    }
}
