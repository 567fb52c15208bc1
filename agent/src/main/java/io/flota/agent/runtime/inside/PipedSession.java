package io.flota.agent.runtime.inside;

import io.flota.agent.runtime.Errand.Size;
import io.flota.agent.runtime.Session;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.Optional;

/// Of a program without a terminal.
record PipedSession(Process process, Optional<String> entry) implements Session {
    @Override
    public OutputStream input() {
        return process.getOutputStream();
    }

    @Override
    public InputStream output() {
        return process.getInputStream();
    }

    @Override
    public InputStream error() {
        return process.getErrorStream();
    }

    @Override
    public void resize(Size size) {}

    @Override
    public Optional<Integer> await(Duration patience) throws InterruptedException {
        return new Visit(process).await(patience);
    }

    @Override
    public void close() {
        new Visit(process).end();
        for (var stream : new java.io.Closeable[] {input(), output(), error()}) {
            try {
                stream.close();
            } catch (IOException _) {
                // whoever was to read the rest has ended
            }
        }
    }
}
