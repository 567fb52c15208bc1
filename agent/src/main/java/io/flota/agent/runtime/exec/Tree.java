package io.flota.agent.runtime.exec;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSortedSet;
import java.io.IOException;
import java.nio.file.Path;

/// All processes of one unit, whatever became of them: double-forked ones, and those with a session of their own.
interface Tree {
    /// The control groups that a process of the unit has to enter, outermost work first.
    ImmutableList<Path> groups();

    /// How the watchdog finds it: `unified PATH`, `freezer PATH` or `marks -`.
    String address();

    void create() throws IOException;

    /// Living processes.
    ImmutableSortedSet<Long> pids() throws IOException;

    boolean isEmpty() throws IOException;

    /// SIGKILL to all, with no way to slip through.
    void killAll() throws IOException;

    /// Removes the groups if they are empty.
    void remove() throws IOException;
}
