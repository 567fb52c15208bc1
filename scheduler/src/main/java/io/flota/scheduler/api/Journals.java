package io.flota.scheduler.api;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSortedMap;
import com.google.common.collect.Maps;
import io.flota.api.v1.JournalReply;
import io.flota.api.v1.JournalRequest;
import io.flota.machine.MachineId;
import io.flota.scheduler.model.Model;
import io.flota.unit.UnitName;
import io.grpc.Status;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Reads the output of units from the agents of the machines that they are on.
final class Journals {
    /// So many units are named when one machine cannot tell the journals of more.
    private static final int NAMED_UNITS = 3;

    private final Agents agents;

    Journals(Agents agents) {
        this.agents = agents;
    }

    JournalStreams streams() {
        return new JournalStreams(agents);
    }

    /// Answers a client, as long as it wants more.
    void tell(JournalRequest request, Model model, Outlet<JournalReply> outlet)
            throws RefusedException, InterruptedException {
        var cluster = Outage.readable(model.latest()).cluster();
        boolean several = request.getNamesCount() > 0 || request.getPatternsCount() > 0;
        var selection = JournalSelection.of(request);
        if (several) {
            selection.refuseUnknown(cluster);
        }
        if (request.getFollow()) {
            var remarks = several ? selection.unread(cluster) : List.<String>of();
            if (!several) {
                JournalPlaces.of(cluster, request); // refuses what is nowhere
            }
            JournalFollowing.run(request, selection, remarks, model, this, outlet);
        } else if (several) {
            var sources = selection.sources(cluster);
            var problems = new ArrayList<>(selection.unread(cluster));
            problems.addAll(JournalSelection.away(cluster, sources));
            var places = ImmutableSortedMap.copyOf(Maps.filterValues(sources, address -> !address.isEmpty()));
            read(request, places, problems, outlet);
        } else {
            read(request, JournalPlaces.of(cluster, request), List.of(), outlet);
        }
    }

    /// Sends what has been written in all places, in the order in which it comes. A place that cannot be read does not
    /// hold up the others; it is told at the end.
    ///
    /// @param places with the addresses of the agents
    /// @param known what else is to be told at the end
    private void read(
            JournalRequest request, ImmutableSortedMap<JournalSource, String> places, List<String> known,
            Outlet<JournalReply> outlet)
            throws RefusedException, InterruptedException {
        var failed = new LinkedHashMap<Failure, List<JournalSource>>();
        try (var streams = streams()) {
            places.forEach((source, address) -> streams.open(source, address, request));
            for (int open = places.size(); open > 0; ) {
                switch (streams.take()) {
                    case JournalStreams.Lines(var _, var reply) -> outlet.send(reply);
                    case JournalStreams.End(var source, var status) -> {
                        open--;
                        if (!status.isOk()) {
                            var failure = new Failure(source.machine(), places.get(source), status);
                            failed.computeIfAbsent(failure, _ -> new ArrayList<>()).add(source);
                        }
                    }
                    case JournalStreams.Wake() -> {
                        // nobody wakes this one
                    }
                }
            }
        }
        var problems = new ArrayList<>(known);
        problems.addAll(problems(failed));
        if (!problems.isEmpty()) {
            throw new RefusedException(Status.Code.UNAVAILABLE, problems);
        }
    }

    /// Failures that are told in one line, whichever units they are of.
    private record Failure(MachineId machine, String address, Status.Code code, String reason) {
        Failure(MachineId machine, String address, Status status) {
            this(machine, address, status.getCode(), Agents.reason(status));
        }
    }

    private static List<String> problems(Map<Failure, List<JournalSource>> failed) {
        var problems = ImmutableList.<String>builder();
        failed.forEach((failure, sources) -> {
            String where = "machine " + failure.machine().shortened() + " (agent " + failure.address() + ")";
            problems.add(
                    (failure.code() == Status.Code.UNAVAILABLE
                            ? "cannot reach " + where + " for the journal of "
                            : where + " cannot tell the journal of ")
                    + units(sources) + ": " + failure.reason());
        });
        return problems.build();
    }

    static String units(List<JournalSource> sources) {
        var named = sources.stream().map(JournalSource::unit).sorted().limit(NAMED_UNITS).map(UnitName::full).toList();
        int others = sources.size() - named.size();
        return String.join(", ", named) + (others > 0 ? " and " + others + " more" : "");
    }
}
