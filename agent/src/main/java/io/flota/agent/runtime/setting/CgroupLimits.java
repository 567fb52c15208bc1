package io.flota.agent.runtime.setting;

import io.flota.unit.ByteSize;
import io.flota.unit.Percent;
import io.flota.unit.UnitProperties;
import io.flota.unit.UnitProperties.Property;
import java.util.Optional;

/// What `[Service]` lets a unit have of the machine.
///
/// @param memory in bytes
/// @param cpu how many CPUs' worth
public record CgroupLimits(Optional<Long> memory, Optional<Double> cpu, Optional<Long> tasks) {
    public static final CgroupLimits NONE = new CgroupLimits(Optional.empty(), Optional.empty(), Optional.empty());

    /// Those of the file, but where an operator has set others.
    public CgroupLimits with(UnitProperties properties) {
        var set = properties.numbers();
        return new CgroupLimits(
                over(memory, Optional.ofNullable(set.get(Property.MEMORY_MAX))),
                Optional.ofNullable(set.get(Property.CPU_QUOTA)).map(micros -> micros / 1e6).or(() -> cpu),
                over(tasks, Optional.ofNullable(set.get(Property.TASKS_MAX))));
    }

    private static Optional<Long> over(Optional<Long> ofFile, Optional<Long> set) {
        return set.isEmpty() ? ofFile : set.filter(limit -> limit != UnitProperties.UNLIMITED);
    }

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
