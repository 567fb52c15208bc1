package io.flota.agent.runtime.docker;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.model.Frame;
import io.flota.agent.runtime.docker.EngineRefusedException.Reason;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Consumer;

/// What containers have written.
final class Logs {
    private final DockerClient streams;
    private final Calls calls;

    Logs(DockerClient streams, Calls calls) {
        this.streams = streams;
        this.calls = calls;
    }

    /// The last lines that were written so far, in order.
    ///
    /// @param since lines before are left out
    /// @param lines as many at most
    void read(String id, Instant since, int lines, Duration limit, Consumer<LogLine> reader)
            throws EngineException, InterruptedException {
        try (var reading = open(id, since, Optional.of(lines), false, reader)) {
            reading.await(limit);
        }
    }

    /// The same, and what is written from now on, until it is closed, the container has ended or Docker is away.
    Reading follow(String id, Instant since, Consumer<LogLine> reader) {
        return open(id, since, Optional.empty(), true, reader);
    }

    private Reading open(
            String id, Instant since, Optional<Integer> lines, boolean follow, Consumer<LogLine> reader) {
        var reading = new Reading("read the log of container " + id, since, reader);
        var command = streams.logContainerCmd(id);
        lines.ifPresent(command::withTail);
        command
                .withStdOut(true)
                .withStdErr(true)
                .withTimestamps(true)
                .withFollowStream(follow)
                .withSince(Math.toIntExact(Math.max(0, since.getEpochSecond())))
                .exec(reading);
        return reading;
    }

    /// Docker knows whole seconds only, so that what is older within one is left out here.
    final class Reading extends StreamCallback<Frame> {
        private final String what;
        private final Instant since;
        private final Consumer<LogLine> reader;

        private Reading(String what, Instant since, Consumer<LogLine> reader) {
            this.what = what;
            this.since = since;
            this.reader = reader;
        }

        @Override
        public void onNext(Frame frame) {
            LogLine.of(frame).filter(line -> !line.at().isBefore(since)).ifPresent(reader);
        }

        /// That Docker does not give away what this container writes, and will not; empty unless it has said so.
        Optional<EngineRefusedException> refusal() {
            return failure().map(because -> calls.failed(what, because))
                    .filter(EngineRefusedException.class::isInstance)
                    .map(EngineRefusedException.class::cast)
                    .filter(refused -> refused.reason() == Reason.UNREADABLE);
        }

        /// Waits for the end.
        void await(Duration limit) throws EngineException, InterruptedException {
            if (!awaitEnd(limit)) {
                throw calls.failed(what, new IOException("no end within " + limit.toMillis() + " ms"));
            }
            if (failure().isPresent()) {
                throw calls.failed(what, failure().get());
            }
        }
    }
}
