package io.flota.agent.runtime.docker;

import com.google.common.collect.ImmutableList;
import io.flota.agent.runtime.RuntimeUnavailableException;
import io.flota.agent.runtime.UnitRuntime;
import io.flota.agent.runtime.UnitRuntime.JournalLine;
import io.flota.agent.runtime.UnitRuntime.JournalPart;
import io.flota.agent.runtime.docker.EngineRefusedException.Reason;
import io.flota.unit.UnitName;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

/// What containers wrote, where Docker keeps it, together with what the machine's runtime says of their services.
/// Reaches back to the start of the last container.
final class ContainerOutput {
    /// Longer than it takes to read all that Docker keeps of one container.
    private static final Duration LIMIT = Duration.ofSeconds(30);
    /// Not all that becomes of containers is told.
    private static final Duration PAUSE = Duration.ofSeconds(1);
    private static final int QUEUED = 1_000;
    /// Of a container's: Docker keeps all that it ever wrote.
    private static final int MOST = 10_000;

    private final UnitRuntime services;
    private final Logs logs;
    private final Sightings containers;

    ContainerOutput(UnitRuntime services, Logs logs, Sightings containers) {
        this.services = services;
        this.logs = logs;
        this.containers = containers;
    }

    /// As [UnitRuntime#journal].
    boolean read(UnitName unit, JournalPart part, Consumer<ImmutableList<JournalLine>> sink)
            throws RuntimeUnavailableException, InterruptedException {
        var asked = Instant.now();
        var all = new ArrayList<JournalLine>();
        boolean known = services.journal(unit, part.follow() ? unfollowed(part) : part, all::addAll);
        if (!known) {
            return false;
        }
        boolean unreadable = false;
        try {
            for (var container : containers.inOrder(unit)) {
                logs.read(
                        container.id(), part.since().orElse(Instant.EPOCH), part.lines() < 0 ? MOST : part.lines(),
                        LIMIT, line -> add(all, of(unit, line), part.follow() ? asked : Instant.MAX));
            }
        } catch (EngineRefusedException e) {
            all.add(refused(unit, e));
            unreadable = e.reason() == Reason.UNREADABLE;
        } catch (EngineException e) {
            throw new RuntimeUnavailableException(e.getMessage(), e);
        }
        all.sort(Comparator.comparing(JournalLine::time));
        int from = part.lines() < 0 ? 0 : Math.max(0, all.size() - part.lines());
        sink.accept(ImmutableList.copyOf(all.subList(from, all.size())));
        return !part.follow() || follow(unit, asked, unreadable, sink);
    }

    /// What is written from the time of the question on is heard by who follows.
    private static void add(List<JournalLine> all, JournalLine line, Instant end) {
        if (line.time().isBefore(end)) {
            all.add(line);
        }
    }

    private static JournalPart unfollowed(JournalPart part) {
        return new JournalPart(part.lines(), false, part.since());
    }

    private static JournalLine of(UnitName unit, LogLine line) {
        return new JournalLine(line.at(), unit, unit.stem(), line.text());
    }

    private static JournalLine refused(UnitName unit, EngineRefusedException because) {
        var advice = because.reason() == Reason.UNREADABLE
                ? "; read it where its LogDriver= takes it, or leave LogDriver= out"
                : "";
        return new JournalLine(Instant.now(), unit, "docker", because.getMessage() + advice);
    }

    /// Each source in a thread of its own; the reader takes lines as they come.
    ///
    /// @param said whether the reader knows already that Docker does not give the output away
    private boolean follow(UnitName unit, Instant from, boolean said, Consumer<ImmutableList<JournalLine>> sink)
            throws RuntimeUnavailableException, InterruptedException {
        var lines = new Handover();
        var failure = new AtomicReference<Optional<RuntimeUnavailableException>>(Optional.empty());
        var threads = List.of(
                Thread.ofVirtual().name("journal of " + unit).start(() -> {
                    failure.set(followService(unit, from, lines));
                    lines.put(Optional.empty());
                }),
                Thread.ofVirtual().name("output of " + unit).start(() -> followContainers(unit, from, said, lines)));
        try {
            for (var line = lines.take(); line.isPresent(); line = lines.take()) {
                sink.accept(ImmutableList.of(line.get()));
            }
            if (failure.get().isPresent()) {
                throw failure.get().get();
            }
            return true;
        } finally {
            lines.close();
            threads.forEach(Thread::interrupt);
        }
    }

    /// Its end is that of the unit.
    private Optional<RuntimeUnavailableException> followService(
            UnitName unit, Instant from, Handover lines) {
        try {
            var _ = services.journal(unit, new JournalPart(-1, true, Optional.of(from)), batch -> {
                for (var line : batch) {
                    lines.put(Optional.of(line));
                }
            });
            return Optional.empty();
        } catch (RuntimeUnavailableException e) {
            return Optional.of(e);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        }
    }

    /// A container whose output Docker does not give away is asked for no second time, and that is said once.
    private void followContainers(UnitName unit, Instant from, boolean said, Handover lines) {
        var heard = new AtomicReference<>(from);
        var silent = Optional.<String>empty();
        boolean tells = !said;
        try {
            while (true) {
                var running = containers.inOrder(unit).stream().filter(SeenContainer::runs).findFirst();
                if (running.isPresent() && !silent.equals(running.map(SeenContainer::id))) {
                    var refusal = followContainer(unit, running.get().id(), heard, lines);
                    silent = refusal.flatMap(_ -> running.map(SeenContainer::id));
                    if (refusal.isPresent() && tells) {
                        lines.put(Optional.of(refused(unit, refusal.get())));
                        tells = false;
                    }
                }
                containers.awaitChange(PAUSE);
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    /// Until it ends.
    ///
    /// @return that there is nothing to hear
    private Optional<EngineRefusedException> followContainer(
            UnitName unit, String id, AtomicReference<Instant> heard, Handover lines) throws InterruptedException {
        try (var reading = logs.follow(id, heard.get(), line -> {
            heard.set(line.at().plusNanos(1));
            lines.put(Optional.of(of(unit, line)));
        })) {
            reading.awaitEnd();
            return reading.refusal();
        }
    }

    /// Lines on their way to a reader: who reads slowly makes the writers wait, until he has left.
    private static final class Handover {
        private final BlockingQueue<Optional<JournalLine>> lines = new ArrayBlockingQueue<>(QUEUED);
        private volatile boolean closed;

        void put(Optional<JournalLine> line) {
            try {
                boolean taken = false;
                while (!taken && !closed) {
                    taken = lines.offer(line, 1, TimeUnit.SECONDS);
                }
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
            }
        }

        Optional<JournalLine> take() throws InterruptedException {
            return lines.take();
        }

        void close() {
            closed = true;
        }
    }
}
