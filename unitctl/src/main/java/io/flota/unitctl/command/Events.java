package io.flota.unitctl.command;

import io.flota.api.v1.EventRecord;
import io.flota.api.v1.EventsRequest;
import io.flota.unitctl.client.ClusterClient;
import io.flota.unitctl.client.ClusterException;
import io.flota.unitctl.render.EventListing;
import java.io.IOException;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import picocli.CommandLine.Model.CommandSpec;

/// What has happened in the cluster, and why.
final class Events implements Command {
    private static final int USUAL_EVENTS = 50;
    /// As the lists show a machine: `85c0c595...`, `85c0c595.../172.17.8.102`; or more of its digits, or fewer.
    private static final Pattern MACHINE = Pattern.compile("([0-9a-f]{4,32})(\\.\\.\\.)?(/.*)?");

    @Override
    public CommandSpec spec() {
        var spec = Flags.command(
                        "events",
                        "Show what has happened in the last day and why, the oldest first.",
                        "Of some units, some machines, or all.")
                .addOption(Flags.value("N", "The last N events (" + USUAL_EVENTS + "), or all.", "-n", "--lines"))
                .addOption(Flags.flag("Go on with what happens from now on.", "-f", "--follow"));
        return Lists.addFlags(spec, new EventListing(ZoneOffset.UTC))
                .addPositional(Flags.arguments(
                        "UNIT|MACHINE",
                        "Names or quoted patterns of units; ids of machines or the first digits of them, four or more"
                                + " (with its suffix, such as cafe.service, it is a unit)."));
    }

    @Override
    public int run(Invocation invocation) throws CommandException, ClusterException, IOException {
        var request = request(invocation);
        var listing = new EventListing(invocation.surroundings().zone().get());
        if (request.getFollow()) {
            follow(invocation, request, listing);
        } else {
            Lists.print(invocation, listing, read(invocation.cluster(), request));
        }
        return 0;
    }

    /// All that there are by now.
    static List<EventRecord> read(ClusterClient cluster, EventsRequest request) throws ClusterException {
        var events = new ArrayList<EventRecord>();
        try (var replies = cluster.events(request)) {
            for (var reply = replies.next(); reply.isPresent(); reply = replies.next()) {
                events.addAll(reply.get().getEventsList());
            }
        }
        return events;
    }

    /// Until nobody reads any more.
    ///
    /// @throws CommandException if the scheduler ends the stream, as one that goes does: what comes then is not shown
    private static void follow(Invocation invocation, EventsRequest request, EventListing listing)
            throws CommandException, ClusterException, IOException {
        Output output = invocation.output();
        if (output == Output.YAML) {
            throw CommandException.usage("with --follow there are table, wide and json");
        }
        var columns = Lists.columns(invocation, listing, output);
        boolean full = invocation.has("--full");
        var palette = invocation.palette();
        if (output != Output.JSON && !invocation.has("--no-legend")) {
            invocation.out().print(listing.table(List.of(), columns, true, full, palette));
        }
        try (var replies = invocation.cluster().events(request)) {
            for (var reply = replies.next(); reply.isPresent(); reply = replies.next()) {
                for (EventRecord event : reply.get().getEventsList()) {
                    invocation.out().print(
                            output == Output.JSON
                                    ? EventListing.line(event)
                                    : listing.table(List.of(event), columns, false, full, palette));
                }
                if (invocation.out().checkError()) {
                    return;
                }
            }
        }
        throw CommandException.failed("the scheduler has ended the stream: what happens from now on is not shown here."
                + " Run the command again to ask another one");
    }

    private static EventsRequest request(Invocation invocation) throws CommandException {
        var request = EventsRequest.newBuilder()
                .setLast(invocation.last(USUAL_EVENTS, "events"))
                .setFollow(invocation.has("--follow"));
        var units = new ArrayList<String>();
        for (String argument : invocation.arguments()) {
            var machine = MACHINE.matcher(argument);
            if (machine.matches()) {
                request.addMachineIds(machine.group(1));
            } else {
                units.add(argument);
            }
        }
        var selection = Selection.of(units);
        return request.addAllUnits(selection.names()).addAllUnits(selection.patterns()).build();
    }
}
