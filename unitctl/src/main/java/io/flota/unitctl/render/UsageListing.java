package io.flota.unitctl.render;

import io.flota.api.v1.UnitUsage;
import io.flota.api.v1.UsageReply;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;

/// `top`: what units use, each on each of its machines.
public final class UsageListing extends Listing<UsageListing.Row> {
    /// @param cpu percent of one processor since the look before; empty if there was none, or the unit has begun anew
    public record Row(UnitUsage usage, OptionalDouble cpu) {}

    /// What comes first. What is not known comes last, and what is alike goes by name.
    public enum Order {
        CPU(Comparator.comparingDouble(row -> -row.cpu().orElse(-1))),
        MEMORY(Comparator.comparingLong(row -> -figure(
                row.usage().getDetails().hasMemoryBytes(), row.usage().getDetails().getMemoryBytes()))),
        TASKS(Comparator.comparingLong(
                row -> -figure(row.usage().getDetails().hasTasks(), row.usage().getDetails().getTasks()))),
        RESTARTS(Comparator.comparingInt(row -> -row.usage().getRestarts())),
        UNIT(Comparator.comparing(row -> row.usage().getUnit())),
        MACHINE(Comparator.comparing(row -> row.usage().getMachineId()));

        private final Comparator<Row> comparator;

        Order(Comparator<Row> first) {
            this.comparator = first.thenComparing((Row row) -> row.usage().getUnit())
                    .thenComparing(row -> row.usage().getMachineId());
        }

        private static long figure(boolean known, long value) {
            return known ? value : -1;
        }
    }

    private record Place(String unit, String machine) {
        Place(UnitUsage usage) {
            this(usage.getUnit(), usage.getMachineId());
        }
    }

    /// @param before what was told at the look before; its rows may be others
    public static List<Row> rows(UsageReply before, UsageReply now, Order order) {
        var earlier = new HashMap<Place, UnitUsage>();
        before.getUnitsList().forEach(usage -> earlier.put(new Place(usage), usage));
        var rows = new ArrayList<Row>();
        for (var usage : now.getUnitsList()) {
            var past = earlier.getOrDefault(new Place(usage), UnitUsage.getDefaultInstance());
            rows.add(new Row(usage, cpu(past, usage)));
        }
        rows.sort(order.comparator);
        return rows;
    }

    private static OptionalDouble cpu(UnitUsage past, UnitUsage now) {
        long time = now.getAtNanos() - past.getAtNanos();
        long used = now.getDetails().getCpuNanos() - past.getDetails().getCpuNanos();
        boolean known = past.getDetails().hasCpuNanos() && now.getDetails().hasCpuNanos();
        return known && time > 0 && used >= 0 ? OptionalDouble.of(100.0 * used / time) : OptionalDouble.empty();
    }

    @Override
    public List<String> fields() {
        return List.of(
                "unit", "machine", "ip", "active", "cpu", "cpu-time", "memory", "memory-max", "tasks", "tasks-max",
                "restarts");
    }

    @Override
    public List<String> usual() {
        return List.of("unit", "machine", "cpu", "memory", "tasks", "restarts");
    }

    @Override
    public List<String> wide() {
        return fields();
    }

    @Override
    String cell(Row row, String field, boolean full, Palette palette) {
        var usage = row.usage();
        var details = usage.getDetails();
        return switch (field) {
            case "unit" -> usage.getUnit();
            case "machine" -> Ids.machine(usage.getMachineId(), "", full);
            case "ip" -> usage.getPublicIp();
            case "active" -> palette.state(usage.getActive(), usage.getActive());
            case "cpu" -> row.cpu().isPresent() ? percent(row.cpu().getAsDouble()) : "";
            case "cpu-time" -> details.hasCpuNanos() ? UnitDetailsLines.time(details.getCpuNanos()) : "";
            case "memory" -> details.hasMemoryBytes() ? UnitDetailsLines.size(details.getMemoryBytes()) : "";
            case "memory-max" -> details.hasMemoryMaxBytes() ? UnitDetailsLines.size(details.getMemoryMaxBytes()) : "";
            case "tasks" -> details.hasTasks() ? Long.toString(details.getTasks()) : "";
            case "tasks-max" -> details.hasTasksMax() ? Long.toString(details.getTasksMax()) : "";
            case "restarts" -> Integer.toString(usage.getRestarts());
            default -> throw new IllegalArgumentException("no such field: " + field);
        };
    }

    private static String percent(double cpu) {
        return String.format(Locale.ROOT, "%.1f%%", cpu);
    }

    @Override
    Map<String, Object> value(Row row) {
        var usage = row.usage();
        var details = usage.getDetails();
        var value = new LinkedHashMap<String, Object>();
        value.put("unit", usage.getUnit());
        value.put("machine", usage.getMachineId());
        value.put("ip", usage.getPublicIp());
        value.put("active", usage.getActive());
        row.cpu().ifPresent(cpu -> value.put("cpuPercent", Math.round(cpu * 10) / 10.0));
        putIf(value, details.hasCpuNanos(), "cpuNanos", details.getCpuNanos());
        putIf(value, details.hasMemoryBytes(), "memoryBytes", details.getMemoryBytes());
        putIf(value, details.hasMemoryMaxBytes(), "memoryMaxBytes", details.getMemoryMaxBytes());
        putIf(value, details.hasTasks(), "tasks", details.getTasks());
        putIf(value, details.hasTasksMax(), "tasksMax", details.getTasksMax());
        value.put("restarts", usage.getRestarts());
        return value;
    }

    private static void putIf(Map<String, Object> value, boolean known, String key, long figure) {
        if (known) {
            value.put(key, figure);
        }
    }
}
