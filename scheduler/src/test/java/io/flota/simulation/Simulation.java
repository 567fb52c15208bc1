package io.flota.simulation;

import com.google.common.base.Throwables;
import java.time.Duration;
import java.util.List;

/// Plays one script to its end: the acts, then peace, then the last look.
final class Simulation {
    /// In peace everything has to be as it should within this time: leases and settling take seconds each, one after
    /// the other, and the slowest unit of a script takes another quarter of a minute to move.
    private static final Duration BOUND = Duration.ofSeconds(150);
    /// Longer than any loop rests, so that a second look of each is part of it.
    private static final Duration STAYS = Duration.ofSeconds(70);

    /// How often what keeps failing may be seen between two places.
    private static final int LOOKS = 3;
    /// Longer than an agent leaves to the next one.
    private static final Duration ABSENCE = Duration.ofSeconds(35);
    /// What was done last is told within this time, the longest lease ends that nobody keeps any more, and a valve opens
    /// that machines closed which came back last.
    private static final Duration ECHO = Duration.ofSeconds(20);

    /// @param simulated how much time has passed in the cluster
    /// @param breaches empty if all promises were kept
    record Result(Duration simulated, List<String> breaches) {}

    private Simulation() {}

    static Result play(Script script, Interference interference, Story story) {
        var cluster = new SimCluster(script.shape(), script.seed(), interference, story);
        var timeline = cluster.timeline();
        interference.beginsIn(cluster);
        try {
            cluster.start();
            script.acts().forEach(scripted -> timeline.after(scripted.at(), () -> cluster.run(scripted.act())));
            timeline.runUntil(script.end());
            awaitPeace(cluster, script);
            var late = reach(cluster);
            timeline.runUntil(timeline.now().plus(ECHO));
            var settled = timeline.now();
            timeline.runUntil(settled.plus(STAYS));
            late.forEach(cluster.history()::breach);
            if (late.isEmpty()) {
                stays(cluster, settled);
            }
        } catch (RuntimeException | AssertionError e) {
            cluster.history().breach("the simulation ends: " + e);
            cluster.history().note(Throwables.getStackTraceAsString(e));
        }
        return new Result(timeline.now(), cluster.history().breaches());
    }

    /// What was to end by itself does so; then the rest is ended.
    private static void awaitPeace(SimCluster cluster, Script script) {
        var last = script.acts().stream()
                .map(scripted -> scripted.at().plus(lasting(scripted.act())))
                .reduce(Duration.ZERO, (one, other) -> one.compareTo(other) > 0 ? one : other);
        cluster.timeline().runUntil(last.plusSeconds(1));
        cluster.heal();
        if (script.acts().stream().anyMatch(scripted -> scripted.act() instanceof Act.AgentGivesWay)) {
            // A machine that died while its agent was being replaced counts as alive until its longer lease ends.
            cluster.timeline().runUntil(cluster.timeline().now().plus(ABSENCE));
        }
    }

    private static Duration lasting(Act act) {
        return switch (act) {
            case Act.Nothing(var lasting) -> lasting;
            case Act.MachineDies(var _, var lasting) -> lasting;
            case Act.AgentDies(var _, var lasting) -> lasting;
            case Act.AgentHandsOver(var _, var lasting) -> lasting;
            case Act.AgentGivesWay(var _, var lasting) -> lasting;
            case Act.AgentPauses(var _, var lasting) -> lasting;
            case Act.DiskFull(var _, var lasting) -> lasting;
            case Act.SchedulerDies(var _, var lasting) -> lasting;
            case Act.SchedulerPauses(var _, var lasting) -> lasting;
            case Act.EtcdAway(var lasting) -> lasting;
            case Act.EtcdChangesLeader(var _, var moment) -> moment;
            case Act.Cut(var _, var _, var _, var lasting) -> lasting;
            case Act.Slow(var _, var _, var lasting) -> lasting;
            case Act.Apply _, Act.Destroy _, Act.ReleaseValve _, Act.MachineIsGone _, Act.Lease _, Act.Metadata _,
                    Act.Policy _, Act.ClockSet _, Act.EtcdCompacts _, Act.WatchesBreak _,
                    Act.WatchesFallSilent _ -> Duration.ZERO;
        };
    }

    /// @return what is still wrong when the time is up
    private static List<String> reach(SimCluster cluster) {
        var timeline = cluster.timeline();
        var end = timeline.now().plus(BOUND);
        var wrong = FinalCheck.breaches(cluster);
        while (!wrong.isEmpty() && timeline.now().compareTo(end) < 0) {
            timeline.runUntil(timeline.now().plusSeconds(5));
            wrong = FinalCheck.breaches(cluster);
        }
        return wrong;
    }

    private static void stays(SimCluster cluster, Duration settled) {
        var history = cluster.history();
        var failing = FinalCheck.triedAgain(cluster);
        var wrong = FinalCheck.breaches(cluster);
        for (int look = 0; !failing.isEmpty() && !wrong.isEmpty() && look < LOOKS; look++) {
            cluster.timeline().runUntil(cluster.timeline().now().plusMillis(400)); // it may be on its way elsewhere
            wrong = FinalCheck.breaches(cluster);
        }
        wrong.forEach(history::breach);
        history.stirsSince(settled).stream()
                .filter(stir -> stir.unit().filter(failing::contains).isEmpty())
                .forEach(stir -> history.breach("in perfect peace " + stir.what()));
    }
}
