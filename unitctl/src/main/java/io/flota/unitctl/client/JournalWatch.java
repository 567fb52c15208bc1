package io.flota.unitctl.client;

import io.flota.api.v1.JournalLine;
import io.flota.api.v1.JournalReply;
import io.flota.api.v1.JournalRequest;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/// Follows journals across the loss of a scheduler: the next one that answers goes on after the last line of each unit,
/// or, if no line was wanted of what was written before, from where the first one began.
/// Not for several threads at once.
public final class JournalWatch implements AutoCloseable {
    /// A scheduler speaks every five seconds, if only to say that it lives.
    private static final Duration SILENCE = Duration.ofSeconds(15);
    private static final Duration LOOK = Duration.ofMillis(500);
    /// Machines' clocks differ, and what was written last may not have come last.
    private static final long OVERLAP_MICROS = 10_000_000;

    /// One unit on one machine, whose lines come in their order.
    private record Source(String machine, String unit) {}

    private final ClusterClient cluster;
    private final JournalRequest request;
    private final Consumer<String> remarks;
    private final InstantSource clock;
    private final Duration silence;
    private final Map<Source, Long> told = new HashMap<>();
    /// What was told when the scheduler was lost, as the next one tells the end of it again.
    private Map<Source, Long> before = Map.of();
    private Optional<Replies<JournalReply>> replies = Optional.empty();
    private final Absence absence = new Absence();
    private long heardAt;
    /// When the first stream was opened, in microseconds since 1970.
    private long openedMicros;
    private boolean begun;
    /// Whether this scheduler is one that says it lives.
    private boolean beats;

    /// @param remarks hears when a scheduler is lost, and another one is asked
    public JournalWatch(
            ClusterClient cluster, JournalRequest request, Consumer<String> remarks, InstantSource clock) {
        this(cluster, request, remarks, clock, SILENCE);
    }

    JournalWatch(
            ClusterClient cluster, JournalRequest request, Consumer<String> remarks, InstantSource clock,
            Duration silence) {
        this.cluster = cluster;
        this.request = request;
        this.remarks = remarks;
        this.clock = clock;
        this.silence = silence;
    }

    /// Waits for the next reply; empty once nothing can come any more.
    ///
    /// @throws ClusterException if a scheduler refuses, or none has answered for long
    public Optional<JournalReply> next() throws ClusterException, InterruptedException {
        while (true) {
            try {
                if (replies.isEmpty()) {
                    if (!begun) {
                        openedMicros = ChronoUnit.MICROS.between(Instant.EPOCH, clock.instant());
                    }
                    replies = Optional.of(cluster.journal(again()));
                    heardAt = System.nanoTime();
                    beats = false;
                }
                if (!replies.get().ready(LOOK)) {
                    leaveIfSilent(replies.get());
                    continue;
                }
                var reply = replies.get().next();
                heardAt = System.nanoTime();
                absence.end();
                begun = true;
                beats |= reply.isPresent() && reply.get().getLinesCount() == 0;
                return reply.map(this::unheard);
            } catch (RefusedException refused) {
                if (!begun || !refused.isOutage()) {
                    throw refused;
                }
                cluster.preferAnother();
                endure(refused);
            } catch (BrokenCallException broken) {
                if (!begun) {
                    throw broken;
                }
                cluster.preferAnother();
                endure(broken);
            } catch (UnreachableException lost) {
                if (!begun) {
                    throw lost;
                }
                endure(lost);
            }
        }
    }

    /// The second time a unit may be on its way from one machine to another, which is no reason to refuse.
    private JournalRequest again() {
        if (!begun) {
            return request;
        }
        var again = request.toBuilder();
        if (!request.getUnit().isEmpty()) {
            again.clearUnit().addNames(request.getUnit());
        }
        boolean fromBeginning = request.getLines() == 0;
        if (fromBeginning || !before.isEmpty()) {
            long last = before.values().stream().mapToLong(Long::longValue).max().orElse(0);
            long earliest = fromBeginning ? openedMicros : 1;
            again.setLines(-1).setSinceMicros(Math.max(earliest, last - OVERLAP_MICROS));
        }
        return again.build();
    }

    private JournalReply unheard(JournalReply reply) {
        var lines = reply.getLinesList().stream()
                .filter(line -> line.getTimeMicros() > before.getOrDefault(source(reply, line), -1L))
                .toList();
        lines.forEach(line -> told.merge(source(reply, line), line.getTimeMicros(), Math::max));
        return lines.size() == reply.getLinesCount()
                ? reply
                : reply.toBuilder().clearLines().addAllLines(lines).build();
    }

    private static Source source(JournalReply reply, JournalLine line) {
        return new Source(reply.getMachineId(), line.getUnit());
    }

    private void leaveIfSilent(Replies<JournalReply> open) throws BrokenCallException {
        if (beats && System.nanoTime() - heardAt > silence.toNanos()) {
            throw open.silent();
        }
    }

    private void endure(ClusterException lost) throws ClusterException, InterruptedException {
        close();
        before = Map.copyOf(told);
        if (!absence.hasBegun()) {
            remarks.accept(lost.getMessage() + "; journals are followed on once a scheduler answers");
        }
        absence.endure(lost);
    }

    @Override
    public void close() {
        replies.ifPresent(Replies::close);
        replies = Optional.empty();
    }
}
