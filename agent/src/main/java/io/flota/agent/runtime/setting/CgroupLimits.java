package io.flota.agent.runtime.setting;

import io.flota.unit.ByteSize;
import io.flota.unit.Percent;
import java.util.Optional;

/// What `[Service]` lets a unit have of the machine.
///
/// @param memory in bytes
/// @param cpu how many CPUs' worth
public record CgroupLimits(Optional<Long> memory, Optional<Double> cpu, Optional<Long> tasks) {
    public static final CgroupLimits NONE = new CgroupLimits(Optional.empty(), Optional.empty(), Optional.empty());

    public boolean exist() {
        return memory.isPresent() || cpu.isPresent() || tasks.isPresent();
    }

    public static CgroupLimits read(SettingReader reader) {
        var memory = reader.service("MemoryMax", value -> memory(reader, "MemoryMax", value))
                .or(() -> reader.service("MemoryLimit", value -> memory(reader, "MemoryLimit", value)));
        var cpu = reader.service("CPUQuota", value -> Percent.parse(value).doubleValue());
        var tasks = reader.service("TasksMax", value -> tasks(reader, value));
        return new CgroupLimits(memory.orElse(Optional.empty()), cpu, tasks.orElse(Optional.empty()));
    }

    private static Optional<Long> tasks(SettingReader reader, String value) {
        if (value.equals("infinity") || isShare(reader, "TasksMax", value)) {
            return Optional.empty();
        }
        return Optional.of((long) SettingReader.whole(value, 1, Integer.MAX_VALUE));
    }

    /// A share of what the machine has is not held here, and said.
    private static boolean isShare(SettingReader reader, String key, String value) {
        if (!value.endsWith("%")) {
            return false;
        }
        var _ = Percent.parse(value);
        reader.unheld(key + "=" + value);
        return true;
    }

    private static Optional<Long> memory(SettingReader reader, String key, String value) {
        if (isShare(reader, key, value)) {
            return Optional.empty();
        }
        long bytes = ByteSize.parse(value);
        return bytes == ByteSize.UNLIMITED ? Optional.empty() : Optional.of(bytes);
    }
}
