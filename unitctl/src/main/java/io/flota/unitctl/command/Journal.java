package io.flota.unitctl.command;

import io.flota.api.v1.JournalLine;
import io.flota.api.v1.JournalReply;
import io.flota.api.v1.JournalRequest;
import io.flota.api.v1.UnitDetails;
import io.flota.unitctl.client.ClusterClient;
import io.flota.unitctl.client.ClusterException;
import io.flota.unitctl.render.JournalText;
import java.io.IOException;
import java.time.Instant;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import picocli.CommandLine.Model.CommandSpec;

/// What a unit wrote, on all machines that have it.
final class Journal implements Command {
    static final int USUAL_LINES = 10;

    /// A line and where it comes from.
    record Entry(String machine, JournalLine line) {}

    @Override
    public CommandSpec spec() {
        return Flags.command("journal", "Show what a unit wrote, from all machines that have it.")
                .addOption(Flags.value("N", "The last N lines (10), or all.", "-n", "--lines"))
                .addOption(Flags.flag("Go on with what it writes from now on.", "-f", "--follow"))
                .addOption(Flags.value(
                        "TIME",
                        "Only what was written since: 2026-11-21 12:30:00, 12:30, today, yesterday, 5min, 2h or 1d ago.",
                        "-S",
                        "--since"))
                .addOption(Flags.value("ID", "Only this machine: its id or the first digits of it.", "--machine"))
                .addOption(Flags.value("FORM", "short, short-iso, cat or json.", "-o", "--output"))
                .addPositional(Flags.arguments("UNIT", "One unit."));
    }

    @Override
    public int run(Invocation invocation) throws CommandException, ClusterException, IOException {
        if (invocation.arguments().size() != 1) {
            throw CommandException.usage("One unit must be provided");
        }
        var form = form(invocation.value("--output").orElse("short"));
        ZoneId zone = invocation.surroundings().zone().get();
        var since = since(invocation, zone);
        var request = JournalRequest.newBuilder()
                .setUnit(Selection.fullName(invocation.arguments().getFirst()))
                .setLines(invocation.last(since.isPresent() ? Invocation.ALL : USUAL_LINES, "lines"))
                .setFollow(invocation.has("--follow"))
                .setMachineId(invocation.value("--machine").orElse(""))
                .setSinceMicros(since.map(at -> ChronoUnit.MICROS.between(Instant.EPOCH, at)).orElse(0L))
                .build();
        if (request.getFollow()) {
            follow(invocation, request, form, zone);
            return 0;
        }
        last(
                invocation.cluster(),
                request,
                entry -> invocation.out().print(form.line(entry.machine(), entry.line(), zone)));
        return 0;
    }

    /// Until the scheduler has no more, or nobody reads any more.
    private static void follow(Invocation invocation, JournalRequest request, JournalText form, ZoneId zone)
            throws CommandException, ClusterException, IOException {
        try (var replies = invocation.cluster().journal(request)) {
            for (var reply = replies.next(); reply.isPresent(); reply = replies.next()) {
                for (JournalLine line : reply.get().getLinesList()) {
                    invocation.out().print(form.line(reply.get().getMachineId(), line, zone));
                }
                if (invocation.out().checkError()) {
                    return;
                }
            }
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
            entries.sort(Comparator.comparingLong(entry -> entry.line().getTimeMicros()));
            int surplus = request.getLines() < 0 ? 0 : Math.max(0, entries.size() - request.getLines());
            entries.subList(surplus, entries.size()).forEach(reader);
        }
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
        return switch (word) {
            case "short" -> JournalText.SHORT;
            case "short-iso" -> JournalText.SHORT_ISO;
            case "cat" -> JournalText.CAT;
            case "json" -> JournalText.JSON;
            default -> throw CommandException.usage(
                    "no such form of output: \"" + word + "\"; there are short, short-iso, cat, json");
        };
    }
}
