package io.flota.simulation;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/// What befell whom: whether a machine was lost for a reason of its own. An outage of etcd is none, nor is one of the
/// way to etcd that cuts off all schedulers, too: when it ends, machines get the time to register again.
final class Troubles {
    /// How long after it has ended a trouble may show.
    private static final Duration AFTERMATH = Duration.ofSeconds(15);
    /// How much longer than its lease an outage has to last, so that no leader fails to notice it.
    private static final Duration NOTICED = Duration.ofSeconds(2);
    private static final Duration NEVER = Duration.ofSeconds(-1);

    /// An outage that cut off all schedulers.
    private static final class Blackout {
        private final List<String> places;
        private final Duration until;
        /// Whether schedulers had other troubles meanwhile, and may have come back before the machines.
        private boolean mixed;

        Blackout(List<String> places, Duration until, boolean mixed) {
            this.places = places;
            this.until = until;
            this.mixed = mixed;
        }
    }

    /// @param blackout what else than a trouble of its own may explain it
    private record Loss(Duration at, boolean own, Optional<Blackout> blackout) {
        /// Whether the machine should have been back by then.
        boolean isOverBy(Duration now) {
            return blackout.filter(it -> it.until.compareTo(now) >= 0).isEmpty();
        }

        Loss withOwn() {
            return new Loss(at, true, blackout);
        }

        boolean isReason() {
            return own || blackout.filter(it -> it.mixed).isPresent();
        }
    }

    private final Script.Shape shape;
    private final TreeMap<String, Duration> until = new TreeMap<>();
    private final TreeMap<String, Duration> misledUntil = new TreeMap<>();
    private final TreeMap<String, List<Loss>> losses = new TreeMap<>();
    private final List<Blackout> blackouts = new ArrayList<>();
    /// Until when renewals may be missing that are nobody's fault.
    private Duration outageUntil = NEVER;
    /// Until when a machine may be unable to renew its lease, or to write down that it has.
    private final TreeMap<String, Duration> doubtfulUntil = new TreeMap<>();

    Troubles(Script.Shape shape) {
        this.shape = shape;
    }

    void acted(Act act, Duration now) {
        switch (act) {
            case Act.EtcdAway(var lasting) -> outage(now.plus(lasting));
            case Act.DiskFull(int machine, var lasting) ->
                doubtful("machine-" + machine, now.plus(lasting));
            case Act.MachineDies(int machine, var lasting) -> trouble("machine-" + machine, now, now.plus(lasting));
            case Act.MachineIsGone(int machine) -> trouble("machine-" + machine, now, now.plusDays(1));
            case Act.AgentDies(int machine, var lasting) -> trouble("machine-" + machine, now, now.plus(lasting));
            case Act.AgentHandsOver(int machine, var lasting) -> trouble("machine-" + machine, now, now.plus(lasting));
            case Act.AgentGivesWay(int machine, var lasting) -> trouble("machine-" + machine, now, now.plus(lasting));
            case Act.AgentPauses(int machine, var lasting) -> trouble("machine-" + machine, now, now.plus(lasting));
            case Act.SchedulerDies(int scheduler, var lasting) ->
                trouble("scheduler-" + scheduler, now, now.plus(lasting));
            case Act.SchedulerPauses(int scheduler, var lasting) ->
                trouble("scheduler-" + scheduler, now, now.plus(lasting));
            case Act.Slow(var place, int _, var lasting) -> trouble(place, now, now.plus(lasting));
            case Act.Cut(var places, boolean _, boolean _, var lasting) -> cut(places, now, now.plus(lasting));
            case Act.EtcdChangesLeader(var places, var moment) -> {
                outage(now.plus(moment));
                places.forEach(place -> {
                    trouble(place, now, now.plus(moment));
                    misledUntil.put(place, now.plus(moment).plus(AFTERMATH));
                });
            }
            case Act.Apply _, Act.Destroy _, Act.ReleaseValve _, Act.Policy _, Act.Metadata _, Act.Nothing _,
                    Act.ClockSet _, Act.Lease _, Act.EtcdCompacts _, Act.WatchesBreak _,
                    Act.WatchesFallSilent _ -> {}
        }
    }

    /// A message of a place is late by so much.
    void late(String place, Duration by, Duration now) {
        doubtful(place, now.plus(by));
    }

    private void doubtful(String place, Duration end) {
        doubtfulUntil.merge(place, end.plus(AFTERMATH), (one, other) -> one.compareTo(other) > 0 ? one : other);
    }

    private void outage(Duration end) {
        outageUntil = outageUntil.compareTo(end) > 0 ? outageUntil : end.plus(AFTERMATH);
    }

    private void cut(List<String> places, Duration now, Duration end) {
        places.forEach(place -> doubtful(place, end));
        boolean all = places.stream().filter(Troubles::isScheduler).count() == shape.schedulers()
                && end.minus(now).compareTo(shape.leaderTtl().plus(NOTICED)) > 0;
        if (all) {
            boolean mixed = blackouts.stream().anyMatch(it -> it.until.compareTo(now) >= 0)
                    || until.entrySet().stream()
                            .anyMatch(one -> isScheduler(one.getKey()) && one.getValue().compareTo(now) >= 0);
            blackouts.removeIf(it -> it.until.compareTo(now) < 0);
            blackouts.forEach(it -> it.mixed = true);
            blackouts.add(new Blackout(places, end.plus(AFTERMATH), mixed));
        } else {
            places.forEach(place -> trouble(place, now, end));
        }
    }

    /// @param now when it begins: it may also keep a machine away that an outage has cut off
    private void trouble(String place, Duration now, Duration end) {
        Optional.ofNullable(losses.get(place))
                .ifPresent(all -> all.replaceAll(loss -> loss.isOverBy(now) ? loss : loss.withOwn()));
        until.merge(place, end.plus(AFTERMATH), (one, other) -> one.compareTo(other) > 0 ? one : other);
        if (isScheduler(place)) {
            blackouts.forEach(it -> it.mixed = true);
        }
    }

    private static boolean isScheduler(String place) {
        return place.startsWith("scheduler-");
    }

    /// A machine is not registered any more.
    void lost(String place, Duration now) {
        boolean own = isTroubled(place, now);
        var outage = blackouts.stream()
                .filter(it -> it.places.contains(place) && it.until.compareTo(now) >= 0)
                .findFirst();
        losses.computeIfAbsent(place, _ -> new ArrayList<>()).add(new Loss(now, own, outage));
    }

    /// Whether something befalls a place, or did so lately.
    boolean isTroubled(String place, Duration now) {
        return until.getOrDefault(place, NEVER).compareTo(now) >= 0;
    }

    /// Whether a machine may lately have been unable to renew its lease, or to write down that it has.
    boolean isLeaseInDoubt(String place, Duration now) {
        return isTroubled(place, now)
                || outageUntil.compareTo(now) >= 0
                || doubtfulUntil.getOrDefault(place, NEVER).compareTo(now) >= 0;
    }

    /// Whether lately nobody may have been able to decide.
    boolean isLeaderInDoubt(Duration now) {
        return outageUntil.compareTo(now) >= 0
                || Stream.of(until, doubtfulUntil)
                        .flatMap(times -> times.entrySet().stream())
                        .anyMatch(one -> isScheduler(one.getKey()) && one.getValue().compareTo(now) >= 0);
    }

    /// Whether a machine may have heard lately from an etcd leader that was none any more.
    boolean isMisled(String place, Duration now) {
        return misledUntil.getOrDefault(place, NEVER).compareTo(now) >= 0;
    }

    /// Whether any machine was lost since then, for a reason of its own.
    boolean isAnyLostSince(Duration since) {
        return losses.keySet().stream().anyMatch(place -> isLostSince(place, since));
    }

    /// Whether a machine was lost since then, for a reason of its own.
    boolean isLostSince(String place, Duration since) {
        return losses.getOrDefault(place, List.of()).stream()
                .anyMatch(loss -> loss.isReason() && loss.at().compareTo(since) >= 0);
    }
}
