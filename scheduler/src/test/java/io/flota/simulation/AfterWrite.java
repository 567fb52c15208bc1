package io.flota.simulation;

import java.time.Duration;
import java.util.Optional;

/// One process's n-th write takes effect, and something befalls it before it knows.
final class AfterWrite implements Interference {
    /// What befalls it.
    enum Fate {
        DIES_FOR_A_MOMENT("dies for 1 s", Optional.of(Duration.ofSeconds(1))),
        DIES_FOR_LONG("dies for 20 s", Optional.of(Duration.ofSeconds(20))),
        NEVER_HEARS("never hears of it", Optional.empty());

        private final String words;
        private final Optional<Duration> away;

        Fate(String words, Optional<Duration> away) {
            this.words = words;
            this.away = away;
        }

        @Override
        public String toString() {
            return words;
        }
    }

    private final String place;
    private final int number;
    private final Fate fate;
    private Optional<SimCluster> cluster = Optional.empty();
    private int writes;
    private boolean lost;

    /// @param number of the write, from 1
    AfterWrite(String place, int number, Fate fate) {
        this.place = place;
        this.number = number;
        this.fate = fate;
    }

    @Override
    public void beginsIn(SimCluster begun) {
        cluster = Optional.of(begun);
        begun.network().calm();
    }

    @Override
    public void written(SimProcess process) {
        if (process.name().equals(place) && ++writes == number) {
            var here = cluster.orElseThrow();
            here.history().note(place + " " + fate + ", after its write " + number);
            fate.away.ifPresentOrElse(away -> die(here, away), () -> lost = true);
        }
    }

    @Override
    public boolean answers(SimProcess process) {
        boolean answers = !(lost && process.name().equals(place));
        lost &= answers;
        return answers;
    }

    private void die(SimCluster here, Duration away) {
        int number = Integer.parseInt(place.substring(place.indexOf('-') + 1));
        here.run(here.scheduler(place).isPresent()
                ? new Act.SchedulerDies(number, away)
                : new Act.AgentDies(number, away));
    }
}
