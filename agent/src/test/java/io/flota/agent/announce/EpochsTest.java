package io.flota.agent.announce;

import static org.assertj.core.api.Assertions.assertThat;

import io.flota.agent.steps.Run;
import io.flota.testing.Seeds;
import io.flota.unit.UnitName;
import java.time.Instant;
import java.util.Random;
import org.junit.jupiter.api.Test;

class EpochsTest {
    private static final UnitName WEB = new UnitName("web.service");
    private static final int MACHINES = 3;

    /// One machine: what its agent knows.
    private static final class Machine {
        private Epochs epochs = new Epochs();
        private long registered;
    }

    /// A unit that moves, restarts and is announced again and again, and agents that come and go.
    private static final class Story {
        private final Random random;
        private final Machine[] machines = new Machine[MACHINES];
        private long revision = 1;
        private int runs;
        private int at;
        private long written;
        private Run run = new Run(1, 0, 1, Instant.EPOCH);

        private Story(Random random) {
            this.random = random;
            for (int i = 0; i < MACHINES; i++) {
                machines[i] = new Machine();
                machines[i].registered = ++revision;
            }
            written = ++revision;
        }

        private long epoch() {
            var here = machines[at];
            long epoch = here.epochs.of(WEB, run, written, here.registered, Instant.EPOCH).number();
            revision++; // it is written
            return epoch;
        }

        private void starts() {
            run = new Run(1, ++runs, 1 + runs, Instant.ofEpochSecond(runs));
        }

        /// @return whether the unit has to have another epoch from now on
        private boolean goOn() {
            switch (random.nextInt(5)) {
                case 0 -> starts();
                case 1 -> {
                    machines[at].epochs = new Epochs(); // another agent
                    machines[at].registered = ++revision;
                }
                case 2 -> machines[at].registered = ++revision; // its lease was lost
                case 3 -> {
                    at = random.nextInt(MACHINES);
                    written = ++revision;
                    starts();
                }
                default -> {
                    revision += random.nextInt(10);
                    return false;
                }
            }
            return true;
        }
    }

    @Test
    void epochsRiseWhateverHappensAndStayWhileNothingDoes() {
        Seeds.check(500, random -> {
            var story = new Story(random);
            long last = story.epoch();
            for (int i = 0; i < 200; i++) {
                boolean another = story.goOn();
                long now = story.epoch();
                if (another) {
                    assertThat(now).isGreaterThan(last);
                } else {
                    assertThat(now).isEqualTo(last);
                }
                last = now;
            }
        });
    }
}
