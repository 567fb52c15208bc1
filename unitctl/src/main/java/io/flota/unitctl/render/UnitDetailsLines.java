package io.flota.unitctl.render;

import io.flota.api.v1.UnitDetails;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// What a unit consists of and what it takes, as `systemctl status` shows it.
final class UnitDetailsLines {
    /// @param value may have several lines
    record Line(String label, String value) {}

    private static final String[] SIZES = {"B", "K", "M", "G", "T", "P"};
    private static final long NANOS_PER_MILLI = 1_000_000;

    private UnitDetailsLines() {}

    static List<Line> of(UnitDetails details) {
        var lines = new ArrayList<Line>();
        if (details.hasTasks() && details.getProcessesCount() > 0) {
            lines.add(new Line("Tasks", details.getTasks()
                    + (details.hasTasksMax() ? " (limit: " + details.getTasksMax() + ")" : "")));
        }
        if (details.hasMemoryBytes()) {
            lines.add(new Line("Memory", size(details.getMemoryBytes())
                    + (details.hasMemoryMaxBytes() ? " (max: " + size(details.getMemoryMaxBytes()) + ")" : "")));
        }
        if (details.hasCpuNanos()) {
            lines.add(new Line("CPU", time(details.getCpuNanos())));
        }
        if (details.getProcessesCount() > 0) {
            lines.add(new Line("CGroup", tree(details)));
        }
        return lines;
    }

    private static String tree(UnitDetails details) {
        var tree = new StringBuilder(details.getControlGroup());
        for (int i = 0; i < details.getProcessesCount(); i++) {
            var process = details.getProcesses(i);
            tree.append(tree.isEmpty() ? "" : "\n")
                    .append(i + 1 < details.getProcessesCount() ? "├─" : "└─")
                    .append(process.getPid()).append(' ').append(process.getCommand());
        }
        return tree.toString();
    }

    static String size(long bytes) {
        int unit = 0;
        double size = bytes;
        for (; size >= 1024 && unit < SIZES.length - 1; unit++) {
            size /= 1024;
        }
        return unit == 0 ? bytes + "B" : String.format(Locale.ROOT, "%.1f%s", size, SIZES[unit]);
    }

    static String time(long nanos) {
        long millis = nanos / NANOS_PER_MILLI;
        if (millis < 1000) {
            return millis + "ms";
        }
        long minutes = millis / 60_000;
        return (minutes > 0 ? minutes + "min " : "") + String.format(Locale.ROOT, "%.3fs", millis % 60_000 / 1000.0);
    }
}
