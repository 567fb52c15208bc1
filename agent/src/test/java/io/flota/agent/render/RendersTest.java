package io.flota.agent.render;

import static com.google.common.util.concurrent.Uninterruptibles.awaitUninterruptibly;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.common.collect.ImmutableSortedMap;
import com.google.protobuf.ByteString;
import io.flota.agent.runtime.SimulatedRuntime;
import io.flota.loop.World;
import io.flota.registry.Keys;
import io.flota.testing.SimStore;
import io.flota.unit.Specifiers;
import io.flota.unit.UnitFile;
import io.flota.unit.UnitFileException;
import io.flota.unit.UnitName;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RendersTest {
    private static final UnitName FIRST = new UnitName("a.service");
    private static final UnitName SECOND = new UnitName("b.service");

    @TempDir
    private Path folder;

    private Renders renders;

    @AfterEach
    void close() {
        renders.close();
    }

    @Test
    void aUnitLearnsWhatIsToldWhileOthersAreStarted() throws Exception {
        var files = ImmutableSortedMap.of(FIRST, unitFile(FIRST), SECOND, unitFile(SECOND));
        renders = new Renders(
                () -> Optional.of(new Renders.Launched.Files(files, true, Optional.empty())), FactsOfTests.LB,
                Specifiers.Context::somewhere, new ToldInBetween(), new SimStore(), Keys.DEFAULT,
                SimulatedRuntime.prompt(), new Restarts(), () -> {});

        var _ = renders.reconcile();

        for (var unit : files.keySet()) {
            await(unit + " is rendered")
                    .atMost(Duration.ofSeconds(10))
                    .untilAsserted(() -> assertThat(renders.missing(unit, files.get(unit))).isEmpty());
        }
    }

    private UnitFile unitFile(UnitName unit) throws UnitFileException {
        return UnitFile.parse(unit.full(), ByteString.copyFromUtf8("""
                [X-Flota]
                Render=conf:%s
                OnRender=none
                [X-Flota-Template conf]
                Line={{ endpoints.web | length }}
                """.formatted(folder.resolve(unit.stem()))));
    }

    /// A world in which a loop rests until it is signalled, and the store tells nothing before the first unit has found
    /// that, and all before the second one is started.
    private static final class ToldInBetween implements World {
        private final CountDownLatch found = new CountDownLatch(1);
        private final CountDownLatch told = new CountDownLatch(3); // endpoints, machines and policies
        /// The store is for one thread at a time.
        private final Semaphore turn = new Semaphore(0);

        @Override
        public Thread thread(String name, Runnable task) {
            if (name.equals("files of " + SECOND)) {
                turn.release();
                awaitUninterruptibly(told);
            }
            return World.super.thread(name, name.startsWith("mirror of") ? () -> tell(task) : task);
        }

        private void tell(Runnable task) {
            awaitUninterruptibly(found);
            turn.acquireUninterruptibly();
            task.run();
        }

        @Override
        public boolean acquire(Semaphore permits, Duration atMost) throws InterruptedException {
            var name = Thread.currentThread().getName();
            if (name.equals("files of " + FIRST)) {
                found.countDown();
            } else if (name.startsWith("mirror of")) {
                turn.release();
                told.countDown();
            }
            permits.acquire();
            return true;
        }
    }
}
