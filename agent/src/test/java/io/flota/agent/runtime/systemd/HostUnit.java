package io.flota.agent.runtime.systemd;

import java.nio.file.Files;
import java.nio.file.Path;

/// A unit that is none of Flota's.
record HostUnit(Path file) implements AutoCloseable {
    HostUnit(Path file, String text) throws Exception {
        this(file);
        Files.writeString(file, text);
        SystemdMachine.said("systemctl", "daemon-reload");
    }

    void start() throws Exception {
        SystemdMachine.said("systemctl", "start", file.getFileName().toString());
    }

    @Override
    public void close() throws Exception {
        SystemdMachine.said("systemctl", "stop", file.getFileName().toString());
        Files.deleteIfExists(file);
        SystemdMachine.said("systemctl", "daemon-reload");
    }
}
