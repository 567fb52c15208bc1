package io.flota.agent.runtime.docker;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.model.Event;
import com.google.common.collect.ImmutableMap;
import io.flota.loop.Backoff;
import java.io.Closeable;
import java.time.Duration;
import java.util.SplittableRandom;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Tells what becomes of containers, for as long as it is open. After each connection the listener is asked to look at
/// all of them, since what happened before was not heard: events only say sooner what a look would show.
final class EventStream implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(EventStream.class);
    private static final Duration FIRST_REST = Duration.ofMillis(200);
    private static final Duration LONGEST_REST = Duration.ofSeconds(5);

    /// Called from one thread.
    interface Listener {
        /// Events are heard from now on; look at all containers.
        void connected();

        void happened(ContainerEvent event);

        /// Nothing is heard until it is connected again, which is tried for ever.
        void lost(EngineException because);
    }

    private final DockerClient docker;
    private final Calls calls;
    private final ImmutableMap<String, String> labels;
    private final Listener listener;
    private final Thread thread;

    EventStream(DockerClient docker, Calls calls, ImmutableMap<String, String> labels, Listener listener) {
        this.docker = docker;
        this.calls = calls;
        this.labels = labels;
        this.listener = listener;
        this.thread = Thread.ofVirtual().name("docker-events").start(this::run);
    }

    private void run() {
        var backoff = new Backoff(FIRST_REST, LONGEST_REST, new SplittableRandom());
        boolean told = false;
        while (!Thread.currentThread().isInterrupted()) {
            try (var connection = new Connection(backoff)) {
                docker.eventsCmd().withEventTypeFilter("container").withLabelFilter(labels).exec(connection);
                connection.awaitEnd();
                var because = calls.failed("hear of events", connection.end());
                if (connection.wasOpen() || !told) {
                    LOG.warn("docker events are not heard because={}", because.getMessage());
                    listener.lost(because);
                    told = true;
                }
                Thread.sleep(backoff.next());
            } catch (InterruptedException _) {
                return;
            }
        }
    }

    @Override
    public void close() {
        thread.interrupt();
    }

    private final class Connection extends StreamCallback<Event> {
        private final Backoff backoff;

        Connection(Backoff backoff) {
            this.backoff = backoff;
        }

        @Override
        public void onStart(Closeable closeable) {
            super.onStart(closeable);
            backoff.reset();
            listener.connected();
        }

        @Override
        public void onNext(Event event) {
            ContainerEvent.of(event).ifPresent(listener::happened);
        }
    }
}
