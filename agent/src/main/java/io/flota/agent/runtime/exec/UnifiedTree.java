package io.flota.agent.runtime.exec;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/// A control group of version 2, whose kernel kills all of it at once.
record UnifiedTree(Path group) implements GroupTree {
    @Override
    public String address() {
        return "unified " + group;
    }

    @Override
    public boolean isEmpty() throws IOException {
        try {
            return Files.readAllLines(group.resolve("cgroup.events")).contains("populated 0");
        } catch (NoSuchFileException _) {
            return true;
        }
    }

    @Override
    public void killAll() throws IOException {
        if (Files.exists(group)) {
            CgroupFiles.write(group, "cgroup.kill", "1");
        }
    }
}
