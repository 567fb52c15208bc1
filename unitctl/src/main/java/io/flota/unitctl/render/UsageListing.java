package io.flota.unitctl.render;

import io.flota.api.v1.UnitDetails;
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
import java.util.OptionalLong;
import java.util.function.Function;

/// `top`: what units use, each on each of its machines.
public final class UsageListing extends Listing<UsageListing.Row> {
    /// What is empty is not known, because there was no look before or the unit has begun anew since.
    ///
    /// @param cpu percent of one processor since the look before
    /// @param in bytes a second that came over the network since the look before
    /// @param out bytes a second that went
    public record Row(UnitUsage usage, OptionalDouble cpu, OptionalDouble in, OptionalDouble out) {}

    /// What comes first. What is not known comes last, and what is alike goes by name.
    public enum Order {
        CPU(Comparator.comparingDouble(row -> -row.cpu().orElse(-1))),
        MEMORY(Comparator.comparingLong(row -> -figure(
                row.usage().getDetails().hasMemoryBytes(), row.usage().getDetails().getMemoryBytes()))),
        TASKS(Comparator.comparingLong(
                row -> -figure(row.usage().getDetails().hasTasks(), row.usage().getDetails().getTasks()))),
        NETWORK(Comparator.comparingDouble(row -> -row.in().orElse(-1) - row.out().orElse(-1))),
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

    private static final double SECOND = 1e9;

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
            rows.add(row(past, usage));
        }
        rows.sort(order.comparator);
        return rows;
    }

    private static Row row(UnitUsage past, UnitUsage now) {
        double seconds = (now.getAtNanos() - past.getAtNanos()) / SECOND;
        var before = past.getDetails();
        var details = now.getDetails();
        return new Row(
                now,
                rate(UsageListing::cpu, before, details, seconds * SECOND / 100),
                rate(UsageListing::received, before, details, seconds),
                rate(UsageListing::sent, before, details, seconds));
    }

    private static OptionalLong cpu(UnitDetails details) {
        return details.hasCpuNanos() ? OptionalLong.of(details.getCpuNanos()) : OptionalLong.empty();
    }

    private static OptionalLong received(UnitDetails details) {
        return details.hasReceivedBytes() ? OptionalLong.of(details.getReceivedBytes()) : OptionalLong.empty();
    }

    private static OptionalLong sent(UnitDetails details) {
        return details.hasSentBytes() ? OptionalLong.of(details.getSentBytes()) : OptionalLong.empty();
    }

    /// How much a figure has grown, in parts of another one.
    private static OptionalDouble rate(
            Function<UnitDetails, OptionalLong> figure, UnitDetails before, UnitDetails now, double parts) {
        var first = figure.apply(before);
        var last = figure.apply(now);
        return parts > 0 && first.isPresent() && last.isPresent() && last.getAsLong() >= first.getAsLong()
                ? OptionalDouble.of((last.getAsLong() - first.getAsLong()) / parts)
                : OptionalDouble.empty();
    }

    @Override
    public List<String> fields() {
        return List.of(
                "unit", "machine", "ip", "active", "cpu", "cpu-time", "memory", "memory-max", "net-in", "net-out", "net-in-all",
                "net-out-all", "tasks", "tasks-max", "restarts");
    }

    @Override
    public List<String> usual() {
        return List.of("unit", "machine", "cpu", "memory", "net-in", "net-out", "tasks", "restarts");
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
            case "net-in" -> speed(row.in());
            case "net-out" -> speed(row.out());
            case "net-in-all" -> details.hasReceivedBytes() ? UnitDetailsLines.size(details.getReceivedBytes()) : "";
            case "net-out-all" -> details.hasSentBytes() ? UnitDetailsLines.size(details.getSentBytes()) : "";
            case "tasks" -> details.hasTasks() ? Long.toString(details.getTasks()) : "";
            case "tasks-max" -> details.hasTasksMax() ? Long.toString(details.getTasksMax()) : "";
            case "restarts" -> Integer.toString(usage.getRestarts());
            default -> throw new IllegalArgumentException("no such field: " + field);
        };
    }

    private static String percent(double cpu) {
        return String.format(Locale.ROOT, "%.1f%%", cpu);
    }

    private static String speed(OptionalDouble bytes) {
        return bytes.isPresent() ? UnitDetailsLines.size(Math.round(bytes.getAsDouble())) + "/s" : "";
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
        row.in().ifPresent(in -> value.put("receivedBytesPerSecond", Math.round(in)));
        row.out().ifPresent(out -> value.put("sentBytesPerSecond", Math.round(out)));
        putIf(value, details.hasReceivedBytes(), "receivedBytes", details.getReceivedBytes());
        putIf(value, details.hasSentBytes(), "sentBytes", details.getSentBytes());
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
