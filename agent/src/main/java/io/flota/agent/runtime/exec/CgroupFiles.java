package io.flota.agent.runtime.exec;

import com.google.common.collect.ImmutableSortedSet;
import io.flota.agent.runtime.process.ProcFs;
import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/// Reads and writes a control group's files, its sub groups included.
final class CgroupFiles {
    private CgroupFiles() {}

    static void write(Path group, String file, String value) throws IOException {
        Files.writeString(group.resolve(file), value);
    }

    /// Living processes of the group and of all below.
    static ImmutableSortedSet<Long> pids(Path group) throws IOException {
        var pids = new TreeSet<Long>();
        for (var each : withSubgroups(group)) {
            try {
                for (var line : Files.readAllLines(each.resolve("cgroup.procs"))) {
                    pids.add(Long.parseLong(line));
                }
            } catch (NoSuchFileException _) {
                continue; // removed meanwhile, thus empty
            }
        }
        pids.removeIf(pid -> ProcFs.stat(pid).filter(ProcFs.Stat::isAlive).isEmpty());
        return ImmutableSortedSet.copyOf(pids);
    }

    /// Removes the group and all below, deepest first. One that still has processes stays.
    static void remove(Path group) throws IOException {
        for (var each : withSubgroups(group).reversed()) {
            try {
                Files.deleteIfExists(each);
            } catch (DirectoryNotEmptyException _) {
                return;
            } catch (FileSystemException e) {
                if (e.getReason() == null || !e.getReason().contains("busy")) {
                    throw e;
                }
                return;
            }
        }
    }

    /// Parents first.
    static List<Path> withSubgroups(Path group) throws IOException {
        var all = new ArrayList<Path>();
        if (Files.isDirectory(group)) {
            all.add(group);
            try (var children = Files.newDirectoryStream(group, Files::isDirectory)) {
                for (var child : children) {
                    all.addAll(withSubgroups(child));
                }
            } catch (NoSuchFileException _) {
                return all;
            }
        }
        return all;
    }
}
