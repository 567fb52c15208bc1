package io.flota.agent.runtime.exec;

import io.flota.agent.runtime.process.Signals;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// A control group of version 1's freezer: frozen, nothing can fork away from the kill.
record FreezerTree(Path group) implements GroupTree {
    @Override
    public String address() {
        return "freezer " + group;
    }

    @Override
    public boolean isEmpty() throws IOException {
        return pids().isEmpty();
    }

    @Override
    public void killAll() throws IOException {
        if (!Files.exists(group)) {
            return;
        }
        CgroupFiles.write(group, "freezer.state", "FROZEN");
        try {
            Signals.kill(pids());
        } finally {
            CgroupFiles.write(group, "freezer.state", "THAWED");
        }
    }
}
