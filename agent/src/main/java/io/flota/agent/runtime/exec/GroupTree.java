package io.flota.agent.runtime.exec;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSortedSet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// A unit's processes in a control group of its own.
interface GroupTree extends Tree {
    Path group();

    @Override
    default ImmutableList<Path> groups() {
        return ImmutableList.of(group());
    }

    @Override
    default void create() throws IOException {
        Files.createDirectories(group());
    }

    @Override
    default ImmutableSortedSet<Long> pids() throws IOException {
        return CgroupFiles.pids(group());
    }

    @Override
    default void remove() throws IOException {
        CgroupFiles.remove(group());
    }
}
