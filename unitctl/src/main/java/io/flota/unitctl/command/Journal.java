package io.flota.unitctl.command;

import io.flota.api.v1.JournalLine;
import io.flota.api.v1.JournalReply;
import io.flota.api.v1.JournalRequest;
import io.flota.api.v1.UnitDetails;
import io.flota.unitctl.client.ClusterClient;
import io.flota.unitctl.client.ClusterException;
import io.flota.unitctl.client.JournalWatch;
import io.flota.unitctl.render.JournalText;
import io.flota.unitctl.render.Palette;
import java.io.IOException;
import java.time.Instant;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import picocli.CommandLine.Model.CommandSpec;

/// What units wrote, on all machines that have them.
final class Journal implements Command {
    static final int USUAL_LINES = 10;
    /// Forms of journalctl's that need clocks, cursors or ids of boots.
    private static final Set<String> UNTOLD = Set.of("short-monotonic", "short-delta", "export");

    /// A line and where it comes from.
    record Entry(String machine, JournalLine line) {}

    /// How lines are shown.
    ///
    /// @param several whether each line says of which unit it is
    private record Form(JournalText text, ZoneId zone, boolean several, Palette palette) {
        String line(Entry entry) {
            return several
                    ? text.among(entry.machine(), entry.line(), zone, palette)
                    : text.line(entry.machine(), entry.line(), zone);
        }
    }

    @Override
    public CommandSpec spec() {
        return Flags.command(
                        "journal",
                        "Show what units wrote, from all machines that have them, in the order of time.",
                        "With -f, units are followed to wherever they run next, and units that come later and match a"
                                + " pattern are followed, too.")
                .addOption(Flags.value("N", "The last N lines of each unit (10), or all.", "-n", "--lines"))
                .addOption(Flags.flag("Go on with what they write from now on.", "-f", "--follow"))
                .addOption(Flags.value(
                        "TIME",
                        "Only what was written since: 2026-11-21 12:30:00, 12:30, today, yesterday, 5min, 2h or 1d ago.",
                        "-S",
                        "--since"))
                .addOption(Flags.value("ID", "Only this machine: its id or the first digits of it.", "--machine"))
                .addOption(Flags.value(
                        "FORM",
                        "As of journalctl: short, short-iso, short-precise, verbose, cat, json ...",
                        "-o",
                        "--output"))
                .addOption(FleetFlags.idle("--sudo"))
                .addOption(FleetFlags.idleValue("--ssh-port"))
                .addPositional(Flags.arguments("UNIT", "Names or quoted patterns."));
    }

    @Override
    public int run(Invocation invocation)
            throws CommandException, ClusterException, IOException, InterruptedException {
        if (invocation.arguments().isEmpty()) {
            throw CommandException.usage("One unit must be provided");
        }
        ZoneId zone = invocation.surroundings().zone().get();
        var text = form(invocation.value("--output").orElse("short"));
        var request = request(invocation, zone);
        var form = new Form(text, zone, request.getUnit().isEmpty(), invocation.palette());
        if (request.getFollow()) {
            follow(invocation, request, form);
        } else {
            last(invocation.cluster(), request, entry -> invocation.out().print(form.line(entry)));
        }
        return 0;
    }

    /// One unit by its name, or several.
    private static JournalRequest request(Invocation invocation, ZoneId zone) throws CommandException {
        var since = since(invocation, zone);
        var request = JournalRequest.newBuilder()
                .setLines(invocation.last(since.isPresent() ? Invocation.ALL : USUAL_LINES, "lines"))
                .setFollow(invocation.has("--follow"))
                .setMachineId(invocation.value("--machine").orElse(""))
                .setSinceMicros(since.map(at -> ChronoUnit.MICROS.between(Instant.EPOCH, at)).orElse(0L));
        var selection = Selection.of(invocation.arguments());
        if (selection.names().size() == 1 && selection.patterns().isEmpty()) {
            request.setUnit(selection.names().iterator().next());
        } else {
            request.addAllNames(selection.names()).addAllPatterns(selection.patterns());
        }
        return request.build();
    }

    /// Until the scheduler has no more, or nobody reads any more. Of several units, what they wrote before comes in the
    /// order of time.
    private static void follow(Invocation invocation, JournalRequest request, Form form)
            throws CommandException, ClusterException, IOException, InterruptedException {
        var past = new ArrayList<Entry>();
        boolean live = !form.several() || request.getLines() == 0;
        Consumer<String> remarks = remark -> {
            invocation.err().println(remark);
            invocation.err().flush();
        };
        var clock = invocation.surroundings().clock();
        try (var watch = new JournalWatch(invocation.cluster(), request, remarks, clock)) {
            for (var reply = watch.next(); reply.isPresent(); reply = watch.next()) {
                var some = reply.get();
                some.getLinesList().forEach(line -> past.add(new Entry(some.getMachineId(), line)));
                if (live) {
                    past.forEach(entry -> invocation.out().print(form.line(entry)));
                    past.clear();
                } else if (some.getCaughtUp()) {
                    live = true;
                    merged(past, request.getLines()).forEach(entry -> invocation.out().print(form.line(entry)));
                    past.clear();
                }
                if (!some.getNotice().isEmpty()) {
                    remarks.accept(some.getNotice());
                }
                if (invocation.out().checkError()) {
                    return;
                }
            }
        } finally {
            merged(past, request.getLines()).forEach(entry -> invocation.out().print(form.line(entry)));
        }
    }

    /// Reads the last lines of all machines together, in the order of time. What some machines told is read even if
    /// others fail.
    static void last(ClusterClient cluster, JournalRequest request, Consumer<Entry> reader) throws ClusterException {
        last(cluster, request, reader, (_, _) -> {});
    }

    /// @param details hears what the machines say of the unit, by their ids
    static void last(
            ClusterClient cluster, JournalRequest request, Consumer<Entry> reader,
            BiConsumer<String, UnitDetails> details)
            throws ClusterException {
        var entries = new ArrayList<Entry>();
        try (var replies = cluster.journal(request)) {
            for (var reply = replies.next(); reply.isPresent(); reply = replies.next()) {
                JournalReply some = reply.get();
                if (some.hasDetails()) {
                    details.accept(some.getMachineId(), some.getDetails());
                }
                some.getLinesList().forEach(line -> entries.add(new Entry(some.getMachineId(), line)));
            }
        } finally {
            merged(entries, request.getLines()).forEach(reader);
        }
    }

    /// In the order of time, of each unit the last ones.
    ///
    /// @param lines how many; negative: all
    static List<Entry> merged(List<Entry> entries, int lines) {
        var sorted = new ArrayList<>(entries);
        sorted.sort(Comparator.comparingLong(entry -> entry.line().getTimeMicros()));
        if (lines < 0) {
            return sorted;
        }
        var last = new ArrayList<Entry>();
        var counts = new HashMap<String, Integer>();
        for (var entry : sorted.reversed()) {
            if (counts.merge(entry.line().getUnit(), 1, Integer::sum) <= lines) {
                last.add(entry);
            }
        }
        return last.reversed();
    }

    private static Optional<Instant> since(Invocation invocation, ZoneId zone) throws CommandException {
        var text = invocation.value("--since");
        try {
            return text.map(words -> PastTimes.parse(words, invocation.surroundings().clock().instant(), zone));
        } catch (IllegalArgumentException e) {
            throw CommandException.usage("--since: " + e.getMessage());
        }
    }

    private static JournalText form(String word) throws CommandException {
        var form = JournalText.named(word);
        if (form.isEmpty()) {
            var untold = UNTOLD.contains(word) ? ", for which agents would have to tell more than they do" : "";
            throw CommandException.usage(
                    "no such form of output: \"" + word + "\"" + untold + "; there are " + JournalText.words());
        }
        return form.get();
    }
}
