package io.flota.agent.runtime.systemd;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/// A unit that is none of Flota's.
record HostUnit(Path file) implements AutoCloseable {
    HostUnit(Path file, String text) throws IOException {
        this(file);
        Files.writeString(file, text);
        systemctl("daemon-reload");
    }

    void start() throws IOException {
        systemctl("start", file.getFileName().toString());
    }

    private static void systemctl(String... words) throws IOException {
        new ProcessBuilder(Stream.concat(Stream.of("systemctl"), Stream.of(words)).toList())
                .inheritIO()
                .start()
                .onExit()
                .join();
    }

    @Override
    public void close() throws IOException {
        systemctl("stop", file.getFileName().toString());
        Files.deleteIfExists(file);
        systemctl("daemon-reload");
    }
}
