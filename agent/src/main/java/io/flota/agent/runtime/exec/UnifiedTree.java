package io.flota.agent.runtime.exec;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSortedSet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/// A control group of version 2, whose kernel kills all of it at once.
record UnifiedTree(Path group) implements Tree {
    @Override
    public ImmutableList<Path> groups() {
        return ImmutableList.of(group);
    }

    @Override
    public String address() {
        return "unified " + group;
    }

    @Override
    public void create() throws IOException {
        Files.createDirectories(group);
    }

    @Override
    public ImmutableSortedSet<Long> pids() throws IOException {
        return CgroupFiles.pids(group);
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

    @Override
    public void remove() throws IOException {
        CgroupFiles.remove(group);
    }
}
