package io.flota.agent.runtime.docker;

import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSortedSet;
import io.flota.agent.runtime.docker.ContainerSettings.DeviceSetting;
import io.flota.agent.runtime.docker.ContainerSettings.Storage;
import io.flota.agent.runtime.setting.SettingReader;
import io.flota.unit.BooleanValue;
import io.flota.unit.Words;
import java.util.TreeSet;
import java.util.stream.Stream;

/// Reads what a container finds in its file system besides the image.
final class StorageReader {
    /// What Podman lets a container write whose file system it may not.
    private static final ImmutableList<String> WRITABLE = ImmutableList.of("/run", "/tmp", "/var/tmp");

    private final SettingReader reader;

    StorageReader(SettingReader reader) {
        this.reader = reader;
    }

    Storage read() {
        var volumes = reader.all(ContainerReader.SECTION, "Volume", value ->
                ImmutableList.of(VolumeSetting.parse(reader.expand(value))));
        var mounts = reader.all(ContainerReader.SECTION, "Mount", value -> Words.split(value).stream()
                .map(word -> MountSetting.parse(reader.expand(word)))
                .toList());
        var tmpfs = SettingReader.merged(reader.all(ContainerReader.SECTION, "Tmpfs", value ->
                ImmutableList.of(tmpfs(reader.expand(value)))));
        boolean readOnly = reader.last(ContainerReader.SECTION, "ReadOnly", BooleanValue::parse).orElse(false);
        boolean writable = reader.last(ContainerReader.SECTION, "ReadOnlyTmpfs", BooleanValue::parse).orElse(true);
        var taken = taken(Stream.of(
                        volumes.stream().map(VolumeSetting::target),
                        mounts.stream().map(MountSetting::target),
                        tmpfs.keySet().stream())
                .flatMap(targets -> targets));
        return new Storage(
                volumes.stream()
                        .filter(volume -> volume.source().isPresent())
                        .map(VolumeSetting::bind)
                        .collect(ImmutableList.toImmutableList()),
                volumes.stream()
                        .filter(volume -> volume.source().isEmpty())
                        .map(VolumeSetting::target)
                        .collect(ImmutableList.toImmutableList()),
                mounts, readOnly && writable ? withWritable(tmpfs, taken) : tmpfs,
                reader.last(ContainerReader.SECTION, "ShmSize", value -> DockerSize.parse(reader.expand(value))),
                devices(), readOnly, reader.last(ContainerReader.SECTION, "Timezone", StorageReader::zone));
    }

    /// Docker refuses two mounts at one place.
    private ImmutableSortedSet<String> taken(Stream<String> targets) {
        var taken = new TreeSet<String>();
        targets.forEach(target -> {
            if (!taken.add(target)) {
                reader.problem("there are two mounts on " + target + " in [Container]. Remove one of them.");
            }
        });
        return ImmutableSortedSet.copyOf(taken);
    }

    private static ImmutableMap<String, String> withWritable(
            ImmutableMap<String, String> tmpfs, ImmutableSortedSet<String> taken) {
        var all = ImmutableMap.<String, String>builder().putAll(tmpfs);
        WRITABLE.stream().filter(path -> !taken.contains(path)).forEach(path -> all.put(path, ""));
        return all.buildOrThrow();
    }

    private static ImmutableMap<String, String> tmpfs(String value) {
        int colon = value.indexOf(':');
        return ImmutableMap.of(
                MountSetting.path(colon < 0 ? value : value.substring(0, colon)),
                colon < 0 ? "" : value.substring(colon + 1));
    }

    private ImmutableList<DeviceSetting> devices() {
        return reader.all(ContainerReader.SECTION, "AddDevice", value -> Words.split(value).stream()
                .map(word -> device(reader.expand(word)))
                .toList());
    }

    private static DeviceSetting device(String value) {
        boolean mayMiss = value.startsWith("-");
        var parts = Splitter.on(':').splitToList(mayMiss ? value.substring(1) : value);
        var source = parts.getFirst();
        var target = parts.size() > 1 && parts.get(1).startsWith("/") ? parts.get(1) : source;
        var last = parts.getLast();
        boolean hasPermissions = parts.size() == 3 || parts.size() == 2 && !last.startsWith("/");
        if (!source.startsWith("/") || parts.size() > 3 || parts.size() == 3 && !parts.get(1).startsWith("/")) {
            throw new IllegalArgumentException("\"" + value + "\" is not written as /dev/NAME[:/dev/NAME][:rwm]");
        }
        if (hasPermissions && !last.matches("[rwm]{1,3}")) {
            throw new IllegalArgumentException("\"" + last + "\" is not some of r, w and m");
        }
        return new DeviceSetting(source, target, hasPermissions ? last : "rwm", mayMiss);
    }

    private static String zone(String value) {
        if (!value.matches("[A-Za-z0-9_+-]+(/[A-Za-z0-9_+-]+)*")) {
            throw new IllegalArgumentException("is neither local nor a time zone such as Europe/Madrid");
        }
        return value;
    }
}
