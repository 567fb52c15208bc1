package io.flota.scheduler.api;

import io.flota.api.v1.JournalReply;
import io.flota.api.v1.JournalRequest;
import io.flota.machine.MachineId;
import io.flota.scheduler.cluster.Cluster;
import io.grpc.Status;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;

/// Decides, for one client that follows journals, which are to be opened and from where on, and what is to be said of
/// machines that are lost. Each journal is read twice: first what was written before, to its end, then all that comes
/// after the last line that was seen; so that nothing is missed or told twice however often it breaks off.
///
/// Has no clock and no threads: times are nanoseconds that somebody else counts.
final class JournalTails {
    /// A unit that is about to arrive is known to its machine in a moment.
    private static final Duration FIRST_PAUSE = Duration.ofMillis(250);
    private static final int MOST_DOUBLINGS = 5;
    /// For so long a machine that tells nothing holds up what the others wrote before: one that hangs keeps its
    /// connection for long.
    private static final Duration PATIENCE = Duration.ofSeconds(3);

    /// What is to be opened.
    record Opening(JournalSource source, String address, JournalRequest request) {}

    private static final class Tail {
        boolean open;
        /// Whether what was written before is being read, or is to be.
        boolean past;
        /// Whether it has been told; else it is still wanted once the machine can be asked.
        boolean pastTold;
        long fromMicros;
        long notBefore;
        int failures;
    }

    private final JournalSelection selection;
    private final JournalRequest request;
    private final long begunMicros;
    private final TreeMap<JournalSource, Tail> tails = new TreeMap<>();
    private final TreeSet<MachineId> lost = new TreeSet<>();
    private final TreeSet<MachineId> absent = new TreeSet<>();
    private final List<String> notices = new ArrayList<>();
    private boolean begun;
    private boolean waiting;
    /// When something of what was written before came last.
    private long pastReadAt;

    /// @param begunMicros since 1970; of machines that a unit comes to later, only what was written since is told
    JournalTails(JournalSelection selection, JournalRequest request, long begunMicros) {
        this.selection = selection;
        this.request = request.toBuilder().clearDetails().build();
        this.begunMicros = begunMicros;
    }

    /// What is to be opened now. To be called again after a while as long as this [#isWaiting], and after each change.
    List<Opening> due(Cluster cluster, long now) {
        var openings = new ArrayList<Opening>();
        waiting = false;
        noteAbsent(cluster);
        selection.sources(cluster).forEach((source, address) -> {
            var tail = tails.computeIfAbsent(source, _ -> tail(now));
            if (tail.open) {
                return;
            }
            if (address.isEmpty()) {
                tail.past = false;
                lose(source.machine(), cluster.machines().containsKey(source.machine()) ? "serves no journals" : "is away");
            } else if (tail.notBefore - now > 0) {
                waiting = true;
            } else {
                tail.open = true;
                openings.add(new Opening(source, address, request(tail)));
            }
        });
        if (!begun) {
            pastReadAt = now;
        }
        begun = true;
        return openings;
    }

    private Tail tail(long now) {
        var tail = new Tail();
        tail.past = !begun && request.getLines() != 0;
        tail.pastTold = !tail.past;
        tail.fromMicros = tail.past ? request.getSinceMicros() : begunMicros;
        tail.notBefore = now;
        return tail;
    }

    private JournalRequest request(Tail tail) {
        if (tail.past || !tail.pastTold) {
            return request.toBuilder().setFollow(!tail.past).build();
        }
        return request.toBuilder().setLines(-1).setSinceMicros(tail.fromMicros).setFollow(true).build();
    }

    private void noteAbsent(Cluster cluster) {
        for (var machine : List.copyOf(absent)) {
            if (cluster.machines().containsKey(machine)) {
                absent.remove(machine);
                lost.remove(machine);
            }
        }
        tails.forEach((source, tail) -> {
            if (tail.open && !cluster.machines().containsKey(source.machine())) {
                absent.add(source.machine());
                lose(source.machine(), "is away");
            }
        });
        lost.stream().filter(machine -> !cluster.machines().containsKey(machine)).forEach(absent::add);
    }

    private void lose(MachineId machine, String why) {
        if (lost.add(machine)) {
            notices.add("machine " + machine.shortened() + " " + why + ": its units are followed where they run next");
        }
    }

    void read(JournalSource source, JournalReply reply, long now) {
        var tail = tails.get(source);
        pastReadAt = tail.past ? now : pastReadAt;
        reply.getLinesList().forEach(line -> tail.fromMicros = Math.max(tail.fromMicros, line.getTimeMicros() + 1));
        tail.pastTold |= reply.getLinesCount() > 0;
        tail.failures = 0;
        if (lost.remove(source.machine())) {
            notices.add("machine " + source.machine().shortened() + " is followed again");
        }
    }

    /// A journal has ended or broken off. It is opened again, unless its unit has left.
    void ended(JournalSource source, Status status, long now) {
        var tail = tails.get(source);
        tail.open = false;
        waiting = true;
        pastReadAt = tail.past ? now : pastReadAt;
        if (status.isOk() && tail.past) {
            tail.past = false;
            tail.pastTold = true;
            tail.notBefore = now;
            return;
        }
        tail.past = false;
        tail.notBefore = now + FIRST_PAUSE.toNanos() * (1L << Math.min(tail.failures, MOST_DOUBLINGS));
        String reason = Agents.reason(status);
        if (status.getCode() == Status.Code.UNAVAILABLE) {
            lose(source.machine(), "cannot be reached (" + reason + ")");
        } else if (!status.isOk() && status.getCode() != Status.Code.NOT_FOUND && tail.failures == 0) {
            notices.add("machine " + source.machine().shortened() + " cannot tell the journal of " + source.unit() + ": "
                    + reason);
        }
        tail.failures++;
    }

    /// Whether something is to be opened after a while though nothing changes.
    boolean isWaiting() {
        return waiting;
    }

    /// Whether what was written before has been told, as far as it can be: machines that are away, or that hang while all
    /// others have told it, are not waited for.
    boolean isCaughtUp(long now) {
        boolean told = tails.entrySet().stream()
                .noneMatch(it -> it.getValue().past && !absent.contains(it.getKey().machine()));
        return told || begun && now - pastReadAt >= PATIENCE.toNanos();
    }

    /// Whether no line can come any more.
    boolean isOver(Cluster cluster) {
        return selection.isGone(cluster) && tails.values().stream().noneMatch(tail -> tail.open);
    }

    /// What is to be said now, one line each; and no second time.
    List<String> takeNotices() {
        var taken = List.copyOf(notices);
        notices.clear();
        return taken;
    }
}
