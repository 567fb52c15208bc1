package io.flota.agent.runtime.exec;

import io.flota.agent.runtime.process.ProcFs;
import io.flota.unit.UnitName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.BiConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Waits for what nobody tells: that a tree is empty, that a daemon has written its pid file, that a process which is
/// no child of ours has ended. Looks again and again, less often as time goes by, and only while a unit needs it.
final class Watches implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Watches.class);
    private static final Duration FIRST = Duration.ofMillis(2);
    private static final Duration SOON = Duration.ofMillis(50);
    private static final Duration OFTEN = Duration.ofMillis(100);
    private static final Duration SELDOM = Duration.ofMillis(500);
    private static final int LOOKS_AT_SHIM = 20;

    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final Map<UnitName, Future<?>> trees = new ConcurrentHashMap<>();
    private final Map<UnitName, Future<?>> searches = new ConcurrentHashMap<>();
    private final BiConsumer<UnitName, Event> listener;

    Watches(BiConsumer<UnitName, Event> listener) {
        this.listener = listener;
    }

    /// @param running whether this may take as long as the unit runs
    void awaitEmpty(UnitName unit, Tree tree, boolean running, Event.TreeEmptied emptied) {
        replace(trees, unit, go(() -> {
            repeat(running ? SELDOM : SOON, tree::isEmpty);
            listener.accept(unit, emptied);
        }));
    }

    /// Looks for the daemon of a forking service.
    void findMain(UnitName unit, Tree tree, Optional<String> pidFile) {
        replace(searches, unit, go(() -> {
            if (pidFile.isPresent()) {
                repeat(SOON, () -> report(unit, read(Path.of(pidFile.get()), tree)));
            } else if (!report(unit, DaemonGuess.of(tree.pids()))) {
                listener.accept(unit, new Event.MainUnclear());
            }
        }));
    }

    /// Says when a process has ended that no shim watches.
    void watch(UnitName unit, Proc proc) {
        go(() -> {
            repeat(OFTEN, () -> !ProcFs.isAlive(proc.pid(), proc.ticks()));
            listener.accept(unit, new Event.Ended(proc.run(), new Exit.Unseen()));
        });
    }

    /// A process is gone whose shim may be about to say how; after a while nobody will.
    void watchShim(UnitName unit, Proc proc, Look report) {
        go(() -> {
            for (int i = 0; i < LOOKS_AT_SHIM; i++) {
                Thread.sleep(SOON);
                if (report.found()) {
                    return;
                }
            }
            listener.accept(unit, new Event.Ended(proc.run(), new Exit.Unseen()));
        });
    }

    void forget(UnitName unit) {
        cancel(trees.remove(unit));
        cancel(searches.remove(unit));
    }

    private boolean report(UnitName unit, Optional<ProcFs.Stat> main) {
        main.ifPresent(stat -> listener.accept(unit, new Event.MainFound(stat.pid(), stat.ticks())));
        return main.isPresent();
    }

    /// A pid file counts once it names a living process of the unit.
    private static Optional<ProcFs.Stat> read(Path file, Tree tree) throws IOException {
        if (!Files.isReadable(file)) {
            return Optional.empty();
        }
        var text = Files.readString(file).strip();
        if (!text.matches("\\d{1,10}") || !tree.pids().contains(Long.parseLong(text))) {
            return Optional.empty();
        }
        return ProcFs.stat(Long.parseLong(text)).filter(ProcFs.Stat::isAlive);
    }

    interface Look {
        boolean found() throws IOException;
    }

    private static void repeat(Duration most, Look look) throws InterruptedException {
        var pause = FIRST;
        while (true) {
            try {
                if (look.found()) {
                    return;
                }
            } catch (IOException e) {
                log.warn("cannot see what became of a unit's processes, looking again because={}", e.toString());
            }
            Thread.sleep(pause);
            pause = pause.multipliedBy(2).compareTo(most) < 0 ? pause.multipliedBy(2) : most;
        }
    }

    private interface Work {
        void run() throws IOException, InterruptedException;
    }

    private Future<?> go(Work work) {
        return threads.submit(() -> {
            try {
                work.run();
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt(); // nobody waits for it any more
            } catch (IOException | RuntimeException e) {
                log.error("a watch over a unit's processes has ended early", e);
            }
        });
    }

    private static void replace(Map<UnitName, Future<?>> all, UnitName unit, Future<?> fresh) {
        cancel(all.put(unit, fresh));
    }

    private static void cancel(Future<?> watch) {
        if (watch != null) {
            watch.cancel(true);
        }
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}
