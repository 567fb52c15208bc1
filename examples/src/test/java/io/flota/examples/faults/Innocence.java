package io.flota.examples.faults;

import io.flota.examples.faults.Registrar.Change;
import io.flota.registry.Key;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;

/// The beginning of a story, in which etcd and schedulers failed in every way, but no machine for as long as its lease,
/// and nobody gave a command.
///
/// @param until when that was over, by the host's monotonic clock
record Innocence(Story story, long until) {
    /// Within which an agent that is started anew is back, or its lease ends.
    private static final Duration RETURN = Duration.ofSeconds(15);

    /// Every process that ended or was started, in words. Those of machines whose agents took longer to start than their
    /// leases live, on a host that is busy, are passed over.
    List<String> touched(Predicate<String> counts) {
        var found = new ArrayList<String>();
        story.runs().forEach((unit, all) -> {
            if (counts.test(unit)) {
                var early = all.stream().filter(run -> run.first() < until).toList();
                early.stream()
                        .filter(run -> run.last() < until - Duration.ofSeconds(1).toNanos())
                        .filter(run -> lateReturnsOf(run.machine()).findAny().isEmpty())
                        .forEach(run -> found.add("ended though nothing was lost: " + story.told(run)));
            }
        });
        return found;
    }

    /// Machines that were lost although nobody killed their agents, in words.
    List<String> groundlessLosses() {
        return losses()
                .filter(loss -> !wasRestarted(loss))
                .map(loss -> "%.1f s: %s was lost though it was never away for as long as its lease"
                        .formatted(story.deeds().seconds(loss.seen()), name(loss)))
                .toList();
    }

    long lateReturns() {
        return losses().filter(this::wasRestarted).count();
    }

    private Stream<Change> lateReturnsOf(String machine) {
        return losses().filter(this::wasRestarted).filter(loss -> id(loss).equals(machine));
    }

    private Stream<Change> losses() {
        return story.changes().stream()
                .filter(change -> change.key() instanceof Key.MachineKey && change.fact().isEmpty())
                .filter(change -> change.seen() < until);
    }

    private boolean wasRestarted(Change loss) {
        return story.deeds()
                .on(name(loss))
                .filter(deed -> deed.fault() instanceof Fault.Killed)
                .anyMatch(deed -> deed.from() < loss.seen() && deed.from() > loss.seen() - RETURN.toNanos());
    }

    private String name(Change loss) {
        return story.names().get(id(loss));
    }

    private static String id(Change loss) {
        return ((Key.MachineKey) loss.key()).machine().value();
    }
}
