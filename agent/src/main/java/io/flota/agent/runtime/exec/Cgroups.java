package io.flota.agent.runtime.exec;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import com.google.common.collect.ImmutableSortedMap;
import com.google.protobuf.ByteString;
import io.flota.agent.runtime.exec.Entry.Loaded;
import io.flota.agent.runtime.process.ProcFs;
import io.flota.agent.runtime.process.Signals;
import io.flota.agent.runtime.process.WholeFile;
import io.flota.agent.runtime.setting.CgroupLimits;
import io.flota.unit.UnitName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Which control groups this host offers, and each unit's place in them.
final class Cgroups {
    private static final Logger log = LoggerFactory.getLogger(Cgroups.class);
    /// Killed processes are gone within milliseconds; this is for a busy host.
    private static final int LOOKS_AT_KILLED = 200;
    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(10);
    private static final Pattern KILLED_FOR_MEMORY = Pattern.compile("oom_kill [1-9]\\d*");
    private static final long CPU_PERIOD_MICROS = 100_000;

    private final String machineId;
    private final Optional<Path> unified;
    private final ImmutableSortedMap<String, Path> controllers;

    /// @param unified the folder of our units in version 2
    /// @param controllers the same for each controller of version 1
    private Cgroups(String machineId, Optional<Path> unified, ImmutableSortedMap<String, Path> controllers) {
        this.machineId = machineId;
        this.unified = unified;
        this.controllers = controllers;
    }

    /// Looks at the host. What was chosen is noted in a file: the next agent may itself live in another group, and has
    /// to find the units where they are.
    ///
    /// @param holdsUnits whether there are units from an earlier agent
    static Cgroups detect(ExecSettings settings, Path note, boolean holdsUnits) throws IOException {
        var noted = WholeFile.read(note);
        Map<String, Path> found = new TreeMap<>();
        if (noted.isPresent() && holdsUnits) {
            noted.get().toStringUtf8().lines().map(line -> line.split(" ", 2))
                    .forEach(parts -> found.put(parts[0], Path.of(parts[1])));
        } else {
            found.putAll(usable(settings));
            var text = new StringBuilder();
            found.forEach((name, path) -> text.append(name).append(' ').append(path).append('\n'));
            WholeFile.write(note, ByteString.copyFromUtf8(text.toString()));
        }
        var unified = Optional.ofNullable(found.remove("unified"));
        var groups = new Cgroups(settings.machineId(), unified, ImmutableSortedMap.copyOf(found));
        log.info("processes are kept together by {}", groups.description());
        return groups;
    }

    private String description() {
        if (unified.isPresent()) {
            return "control groups below " + unified.get();
        }
        return controllers.containsKey("freezer")
                ? "control groups of version 1 below " + controllers.get("freezer")
                : "marks in their environment, as no control group can be written; a process that clears its"
                        + " environment can escape its unit's stop";
    }

    /// The groups that can be made, by controller; `unified` is version 2.
    private static Map<String, Path> usable(ExecSettings settings) throws IOException {
        var parent = settings.cgroupParent();
        var own = ownGroups();
        var usable = new TreeMap<String, Path>();
        for (var line : Files.readAllLines(Path.of("/proc/self/mounts"))) {
            var fields = line.split(" ");
            var mount = Path.of(fields[1]);
            if (fields[2].equals("cgroup2")) {
                var base = settings.cgroupBase()
                        .filter(path -> path.startsWith(mount))
                        .orElse(mount.resolve(own.getOrDefault("", "/").substring(1)));
                place(base.resolve(parent))
                        .filter(group -> Files.exists(group.resolve("cgroup.kill")))
                        .ifPresent(group -> usable.put("unified", group));
            } else if (fields[2].equals("cgroup")) {
                for (var option : fields[3].split(",")) {
                    if (List.of("freezer", "memory", "pids", "cpu").contains(option)) {
                        place(mount.resolve(own.getOrDefault(option, "/").substring(1)).resolve(parent))
                                .ifPresent(group -> usable.put(option, group));
                    }
                }
            }
        }
        return usable;
    }

    private static Optional<Path> place(Path group) {
        try {
            Files.createDirectories(group);
            return Files.isWritable(group.resolve("cgroup.procs")) ? Optional.of(group) : Optional.empty();
        } catch (IOException _) {
            return Optional.empty(); // read-only or not ours; the description says what is used instead
        }
    }

    /// The group that this process is in, by controller; that of version 2 under the empty name.
    private static Map<String, String> ownGroups() throws IOException {
        var own = new TreeMap<String, String>();
        for (var line : Files.readAllLines(Path.of("/proc/self/cgroup"))) {
            var parts = line.split(":", 3);
            for (var controller : parts[1].split(",")) {
                own.put(controller, parts[2]);
            }
        }
        return own;
    }

    /// What may be loaded here: a unit that must not run twice needs more than marks, which its processes may clear.
    Loaded accept(Loaded loaded) {
        boolean marksOnly = unified.isEmpty() && !controllers.containsKey("freezer");
        boolean refused = marksOnly && loaded instanceof Loaded.Readable(UnitSettings settings) && settings.exclusive();
        return refused
                ? new Loaded.Broken("error", "Exclusive=true needs a control group, and no agent can make one on this"
                        + " host: mount /sys/fs/cgroup where it can be written")
                : loaded;
    }

    Tree tree(UnitName unit) {
        var name = groupName(unit);
        if (unified.isPresent()) {
            return new UnifiedTree(unified.get().resolve(name));
        }
        if (controllers.containsKey("freezer")) {
            return new FreezerTree(controllers.get("freezer").resolve(name));
        }
        return new MarkedTree(ImmutableSet.of("FLOTA_MACHINE_ID=" + machineId, "FLOTA_UNIT=" + unit));
    }

    /// Which of a unit's limits cannot be held on this host.
    ImmutableList<String> unheld(CgroupLimits limits) {
        var unheld = ImmutableList.<String>builder();
        if (limits.memory().isPresent() && !controls("memory")) {
            unheld.add("MemoryMax=");
        }
        if (limits.tasks().isPresent() && !controls("pids")) {
            unheld.add("TasksMax=");
        }
        if (limits.cpu().isPresent() && !controls("cpu")) {
            unheld.add("CPUQuota=");
        }
        return unheld.build();
    }

    private boolean controls(String controller) {
        if (controllers.containsKey(controller)) {
            return true;
        }
        try {
            enable(controller);
            return true;
        } catch (IOException _) {
            return false; // the answer is what was asked for
        }
    }

    /// Hands a controller of version 2 on to the units' groups.
    private Path enable(String controller) throws IOException {
        var group = unified.orElseThrow(() -> new IOException("no control group can be written"));
        CgroupFiles.write(group.getParent(), "cgroup.subtree_control", "+" + controller);
        CgroupFiles.write(group, "cgroup.subtree_control", "+" + controller);
        return group;
    }

    /// Groups that hold a unit's limits, made and set.
    ///
    /// @param unheld is told of each limit that cannot be held here
    List<Path> limit(UnitName unit, CgroupLimits limits, List<String> unheld) {
        var groups = new ArrayList<Path>();
        limits.memory().ifPresent(bytes -> set(unit, "memory", "MemoryMax=", groups, unheld, Map.of(
                "memory.limit_in_bytes", Long.toString(bytes)), Map.of("memory.max", Long.toString(bytes))));
        limits.tasks().ifPresent(tasks -> set(unit, "pids", "TasksMax=", groups, unheld, Map.of(
                "pids.max", Long.toString(tasks)), Map.of("pids.max", Long.toString(tasks))));
        limits.cpu().ifPresent(cpus -> {
            long quota = Math.max(1000, Math.round(cpus * CPU_PERIOD_MICROS));
            set(unit, "cpu", "CPUQuota=", groups, unheld, Map.of("cpu.cfs_quota_us", Long.toString(quota)), Map.of(
                    "cpu.max", quota + " " + CPU_PERIOD_MICROS));
        });
        return groups;
    }

    /// The same while the unit runs: its processes enter the groups, and what is not limited any more is set free.
    void relimit(UnitName unit, CgroupLimits limits, List<String> unheld) throws IOException {
        for (var group : limit(unit, limits, unheld)) {
            enter(group, tree(unit));
        }
        if (limits.memory().isEmpty()) {
            free(unit, "memory", "memory.limit_in_bytes", "-1", "memory.max", "max");
        }
        if (limits.tasks().isEmpty()) {
            free(unit, "pids", "pids.max", "max", "pids.max", "max");
        }
        if (limits.cpu().isEmpty()) {
            free(unit, "cpu", "cpu.cfs_quota_us", "-1", "cpu.max", "max " + CPU_PERIOD_MICROS);
        }
    }

    /// @param first the file of version 1, and what it says if nothing is limited; then that of version 2
    private void free(
            UnitName unit, String controller, String first, String freeFirst, String second, String freeSecond)
            throws IOException {
        var own = Optional.ofNullable(controllers.get(controller));
        var group = own.or(() -> unified).map(parent -> parent.resolve(groupName(unit)));
        var file = own.isPresent() ? first : second;
        if (group.isPresent() && Files.exists(group.get().resolve(file))) {
            CgroupFiles.write(group.get(), file, own.isPresent() ? freeFirst : freeSecond);
        }
    }

    /// Moves all processes of a unit into a group of version 1, those included that are made meanwhile. Memory that they
    /// have already goes on counting where they were.
    private static void enter(Path group, Tree tree) throws IOException {
        for (int i = 0; i < LOOKS_AT_KILLED; i++) {
            var inside = CgroupFiles.pids(group);
            var outside = tree.pids().stream().filter(pid -> !inside.contains(pid)).toList();
            if (outside.isEmpty()) {
                return;
            }
            for (long pid : outside) {
                move(group, pid);
            }
        }
        throw new IOException("its processes cannot be moved into " + group);
    }

    private static void move(Path group, long pid) throws IOException {
        try {
            CgroupFiles.write(group, "cgroup.procs", Long.toString(pid));
        } catch (IOException e) {
            if (ProcFs.stat(pid).filter(ProcFs.Stat::isAlive).isPresent()) {
                throw e;
            }
        }
    }

    private void set(
            UnitName unit, String controller, String key, List<Path> groups, List<String> unheld,
            Map<String, String> first, Map<String, String> second) {
        try {
            if (controllers.containsKey(controller)) {
                var group = controllers.get(controller).resolve(groupName(unit));
                Files.createDirectories(group);
                for (var setting : first.entrySet()) {
                    CgroupFiles.write(group, setting.getKey(), setting.getValue());
                }
                groups.add(group);
                return;
            }
            var group = enable(controller);
            for (var setting : second.entrySet()) {
                CgroupFiles.write(group.resolve(groupName(unit)), setting.getKey(), setting.getValue());
            }
        } catch (IOException e) {
            unheld.add(key + " cannot be held on this host: " + e.getMessage());
        }
    }

    /// Whether the kernel has killed a process of the unit because the unit had no memory left.
    boolean ranOutOfMemory(UnitName unit) throws IOException {
        var ofMemory = Optional.ofNullable(controllers.get("memory"));
        var file = ofMemory.map(group -> group.resolve(groupName(unit)).resolve("memory.oom_control"))
                .or(() -> unified.map(group -> group.resolve(groupName(unit)).resolve("memory.events")));
        return file.isPresent()
                && WholeFile.read(file.get())
                        .filter(text -> text.toStringUtf8().lines().anyMatch(KILLED_FOR_MEMORY.asMatchPredicate()))
                        .isPresent();
    }

    /// What a file says of a unit, of version 1 if the unit has a group there; empty if there is none.
    Optional<String> figure(UnitName unit, String controller, String first, String second) throws IOException {
        var own = Optional.ofNullable(controllers.get(controller)).map(group -> group.resolve(groupName(unit)).resolve(first));
        var file = own.or(() -> unified.map(group -> group.resolve(groupName(unit)).resolve(second)));
        return file.isPresent()
                ? WholeFile.read(file.get()).map(text -> text.toStringUtf8().strip())
                : Optional.empty();
    }

    /// Removes what is empty of a unit's groups.
    void remove(UnitName unit) throws IOException {
        tree(unit).remove();
        for (var group : controllers.values()) {
            CgroupFiles.remove(group.resolve(groupName(unit)));
        }
    }

    /// Kills what runs in groups of units that nobody knows any more, such as after the state folder was lost.
    void removeStrangers(Collection<UnitName> known) throws IOException {
        var names = known.stream().map(Cgroups::groupName).toList();
        for (var parent : Stream.concat(unified.stream(), controllers.values().stream()).toList()) {
            if (!Files.isDirectory(parent)) {
                continue;
            }
            try (var groups = Files.newDirectoryStream(parent, "unit-*")) {
                for (var group : groups) {
                    if (!names.contains(group.getFileName().toString())) {
                        log.warn("kills what an unknown unit left behind group={}", group);
                        removeWithProcesses(group);
                    }
                }
            }
        }
    }

    private static void removeWithProcesses(Path group) throws IOException {
        for (int i = 0; i < LOOKS_AT_KILLED; i++) {
            Signals.kill(CgroupFiles.pids(group));
            CgroupFiles.remove(group);
            if (!Files.exists(group)) {
                return;
            }
            LockSupport.parkNanos(BETWEEN_LOOKS.toNanos());
        }
        log.warn("a control group cannot be emptied group={}", group);
    }

    /// Removes the common groups if no unit is left in them.
    void removeParents() throws IOException {
        for (var group : controllers.values()) {
            removeIfEmpty(group);
        }
        if (unified.isPresent()) {
            removeIfEmpty(unified.get());
        }
    }

    private static void removeIfEmpty(Path group) throws IOException {
        if (CgroupFiles.withSubgroups(group).size() == 1) {
            CgroupFiles.remove(group);
        }
    }

    /// No file of the kernel's in a group begins like this.
    private static String groupName(UnitName unit) {
        return "unit-" + StateFolder.folderName(unit);
    }
}
