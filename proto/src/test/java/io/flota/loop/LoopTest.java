package io.flota.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class LoopTest {
    private static final Duration LONG = Duration.ofHours(1);

    private final AtomicInteger passes = new AtomicInteger();
    private final List<Throwable> bugs = new CopyOnWriteArrayList<>();

    @Test
    void theFirstPassNeedsNoSignal() {
        try (var _ = loop(this::pass).start()) {
            await().until(() -> passes.get() == 1);
        }
    }

    @Test
    void signalsDuringAPassFoldIntoOneMore() throws InterruptedException {
        var inFirst = new CountDownLatch(1);
        var goOn = new Semaphore(0);
        try (var loop = loop(() -> {
            passes.incrementAndGet();
            inFirst.countDown();
            goOn.acquire();
            return LONG;
        }).start()) {
            inFirst.await();
            for (int i = 0; i < 100; i++) {
                loop.signal();
            }
            goOn.release(50);

            await().until(() -> passes.get() == 2);
            await().during(Duration.ofMillis(200)).until(() -> passes.get() == 2);
        }
    }

    @Test
    void aPassFollowsWithoutASignalOnceTheRestIsOver() {
        try (var _ = loop(() -> {
            passes.incrementAndGet();
            return Duration.ofMillis(1);
        }).start()) {
            await().until(() -> passes.get() > 10);
        }
    }

    @Test
    void anOutageIsTriedAgain() {
        try (var _ = loop(() -> {
            if (passes.incrementAndGet() < 5) {
                throw new IOException("cannot reach it");
            }
            return LONG;
        }).start()) {
            await().until(() -> passes.get() == 5);
        }
        assertThat(bugs).isEmpty();
    }

    @Test
    void aBugEndsTheLoopAndIsHandedOn() {
        try (var loop = loop(() -> {
            passes.incrementAndGet();
            throw new IllegalStateException("a bug");
        }).start()) {
            await().until(() -> bugs.size() == 1);
            loop.signal();
        }
        assertThat(bugs).extracting(Throwable::getMessage).containsExactly("a bug");
        assertThat(passes).hasValue(1);
    }

    @Test
    void closeInterruptsAPassAndWaitsForItsEnd() throws InterruptedException {
        var started = new CountDownLatch(1);
        var ended = new CountDownLatch(1);
        var loop = loop(() -> {
            started.countDown();
            try {
                new Semaphore(0).acquire();
                return LONG;
            } finally {
                ended.countDown();
            }
        }).start();
        started.await();

        loop.close();

        assertThat(ended.getCount()).isZero();
        assertThat(bugs).isEmpty();
    }

    @Test
    void aPassMayCloseItsOwnLoop() {
        var own = new CopyOnWriteArrayList<Loop>();
        var loop = loop(() -> {
            own.getFirst().close();
            return pass();
        });
        own.add(loop);

        loop.start();
        await().until(() -> passes.get() == 1);
        loop.close();

        assertThat(passes).hasValue(1);
    }

    @Test
    void aLoopThatNeverStartedCloses() {
        loop(this::pass).close();

        assertThat(passes).hasValue(0);
    }

    private Duration pass() {
        passes.incrementAndGet();
        return LONG;
    }

    private Loop loop(Reconciler reconciler) {
        var backoff = new Backoff(Duration.ofMillis(1), Duration.ofMillis(4), new SplittableRandom(7));
        return new Loop(new BugKeeping(), "test", reconciler, backoff);
    }

    private final class BugKeeping implements World {
        @Override
        public Thread thread(String name, Runnable task) {
            return Thread.ofVirtual().name(name).uncaughtExceptionHandler((_, bug) -> bugs.add(bug)).unstarted(task);
        }
    }
}
