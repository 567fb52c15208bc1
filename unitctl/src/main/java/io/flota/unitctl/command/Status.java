package io.flota.unitctl.command;

import io.flota.api.v1.EventRecord;
import io.flota.api.v1.EventsRequest;
import io.flota.api.v1.JournalRequest;
import io.flota.api.v1.ListUnitsReply;
import io.flota.api.v1.Unit;
import io.flota.api.v1.UnitDetails;
import io.flota.unitctl.client.ClusterClient;
import io.flota.unitctl.client.ClusterException;
import io.flota.unitctl.render.JournalText;
import io.flota.unitctl.render.StatusPage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Model.CommandSpec;

/// All that is known of some units, and their last words.
final class Status implements Command {
    /// What `systemctl status` says of a unit that does not run.
    private static final int NOT_RUNNING = 3;

    private static final int EVENTS = 3;
    /// Of several units a busy one may take so many times its share before a quiet one has less.
    private static final int ABUNDANCE = 10;
    private static final int MOST_EVENTS = 1000;

    @Override
    public CommandSpec spec() {
        return Flags.addOutput(Flags.command(
                        "status",
                        "Show all that is known of units: where and how they run, or why they wait.",
                        "Exit status: 0 they are active, 3 one is not, 1 one does not exist.")
                .addOption(Flags.number("N", "The last N lines of the journal (10); 0: none.", "-n", "--lines"))
                .addOption(Flags.flag("Whole ids and hashes.", "-l", "--full"))
                .addOption(FleetFlags.idle("--no-block"))
                .addOption(FleetFlags.idleValue("--ssh-port"))
                .addPositional(Flags.arguments("UNIT", "Names or quoted patterns.")));
    }

    @Override
    public int run(Invocation invocation) throws CommandException, ClusterException, IOException {
        var selection = Selection.of(invocation.units());
        Output output = invocation.output();
        ClusterClient cluster = invocation.cluster();
        var reply = cluster.listUnits(selection.request());
        invocation.warnIfStale(reply.getFreshness());
        if (output.isTree()) {
            invocation.out().print(output.render(
                    reply.getUnitsList().stream().map(StatusPage::value).toList()));
        } else {
            print(invocation, cluster, reply);
        }
        var missing = selection.missing(reply).stream()
                .map(line -> line.replace(" not found", " does not exist."))
                .toList();
        missing.forEach(invocation.err()::println);
        if (!missing.isEmpty()) {
            return CommandException.FAILED;
        }
        return reply.getUnitsList().stream().allMatch(StatusPage::isActive) ? 0 : NOT_RUNNING;
    }

    private static void print(Invocation invocation, ClusterClient cluster, ListUnitsReply reply)
            throws CommandException {
        var at = invocation.surroundings();
        var pages = new ArrayList<String>();
        var events = events(invocation, cluster, reply);
        for (Unit unit : reply.getUnitsList()) {
            var details = new HashMap<String, UnitDetails>();
            String journal = journal(invocation, cluster, unit, details);
            String page = StatusPage.render(
                    unit,
                    details,
                    last(events, unit),
                    at.clock().instant(),
                    at.zone().get(),
                    invocation.has("--full"),
                    invocation.palette());
            pages.add(page + journal);
        }
        invocation.out().print(String.join("\n", pages));
    }

    /// The last events of all units together, as the scheduler may have to read a whole day's for them. If they cannot
    /// be had, the rest of the pages is still worth reading; a scheduler that cannot reach etcd is not even asked.
    private static List<EventRecord> events(Invocation invocation, ClusterClient cluster, ListUnitsReply reply) {
        var names = reply.getUnitsList().stream().map(Unit::getName).toList();
        if (names.isEmpty() || reply.getFreshness().getStaleSinceMillis() != 0) {
            return List.of();
        }
        int last = names.size() == 1 ? EVENTS : Math.min(EVENTS * ABUNDANCE * names.size(), MOST_EVENTS);
        try {
            return Events.read(cluster, EventsRequest.newBuilder().addAllUnits(names).setLast(last).build());
        } catch (ClusterException failed) {
            invocation.err().println("warning: no events: " + failed.getMessage());
            return List.of();
        }
    }

    private static List<EventRecord> last(List<EventRecord> events, Unit unit) {
        var own = events.stream().filter(event -> event.getUnit().equals(unit.getName())).toList();
        return own.subList(Math.max(0, own.size() - EVENTS), own.size());
    }

    /// The last lines; if they cannot be had, the rest of the page is still worth reading.
    ///
    /// @param details takes what the machines say of the unit at this moment, by their ids
    private static String journal(
            Invocation invocation, ClusterClient cluster, Unit unit, Map<String, UnitDetails> details)
            throws CommandException {
        int lines = invocation.number("--lines").orElse(Journal.USUAL_LINES);
        if (lines < 0) {
            throw CommandException.usage("--lines=" + lines + " is no number of lines");
        }
        if (unit.getMachinesCount() == 0) {
            return "";
        }
        var request = JournalRequest.newBuilder().setUnit(unit.getName()).setLines(lines).setDetails(true).build();
        var text = new StringBuilder();
        var zone = invocation.surroundings().zone().get();
        try {
            Journal.last(
                    cluster, request,
                    entry -> text.append(JournalText.SHORT.line(entry.machine(), entry.line(), zone)), details::put);
        } catch (ClusterException failed) {
            invocation.err().println("warning: no journal of " + unit.getName() + ": " + failed.getMessage());
        }
        return text.isEmpty() ? "" : "\n" + text;
    }
}
