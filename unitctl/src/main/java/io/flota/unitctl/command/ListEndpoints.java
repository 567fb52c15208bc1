package io.flota.unitctl.command;

import io.flota.api.v1.EndpointRecord;
import io.flota.api.v1.Freshness;
import io.flota.api.v1.ListEndpointsRequest;
import io.flota.unitctl.client.ClusterException;
import io.flota.unitctl.client.Watch;
import io.flota.unitctl.render.EndpointListing;
import java.io.IOException;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;

/// Where units can be reached for services, as their machines announce it.
final class ListEndpoints implements Command {
    /// How often it is seen that nobody reads any more.
    private static final Duration TICK = Duration.ofSeconds(1);

    @Override
    public CommandSpec spec() {
        var spec = Flags.command(
                        "list-endpoints", "Show where units can be reached for services, as their machines announce it.")
                .addOption(Flags.flag("Go on with each change.", "-f", "--follow"));
        return Lists.addFlags(spec, new EndpointListing(false))
                .addPositional(Flags.arguments("SERVICE", "Only these: names or quoted patterns."));
    }

    @Override
    public int run(Invocation invocation) throws CommandException, ClusterException, IOException, InterruptedException {
        var request = ListEndpointsRequest.newBuilder().addAllServices(invocation.arguments()).build();
        if (invocation.has("--follow")) {
            follow(invocation, request);
            return 0;
        }
        var reply = invocation.cluster().listEndpoints(request);
        invocation.warnIfStale(reply.getFreshness());
        Lists.print(invocation, new EndpointListing(false), EndpointListing.rows(reply.getEndpointsList()));
        return 0;
    }

    /// Until nobody reads any more; across the loss of schedulers. One that lags behind those asked before knows nothing
    /// that has not been told: what it tells would be the same changes backwards, and once more when it has caught up.
    private static void follow(Invocation invocation, ListEndpointsRequest request)
            throws CommandException, ClusterException, IOException, InterruptedException {
        Output output = invocation.output();
        if (output == Output.YAML) {
            throw CommandException.usage("with --follow there are table, wide and json");
        }
        var listing = new EndpointListing(true);
        var columns = Lists.columns(invocation, listing, output);
        boolean legend = output != Output.JSON && !invocation.has("--no-legend");
        List<EndpointRecord> known = List.of();
        var warned = new HashSet<Freshness>();
        long revision = 0;
        try (var watch = Watch.endpoints(invocation.cluster(), request)) {
            while (!invocation.out().checkError()) {
                var view = watch.next(TICK);
                if (view.isEmpty() || view.get().getFreshness().getRevision() < revision) {
                    continue;
                }
                var freshness = view.get().getFreshness();
                if (warned.add(freshness.toBuilder().clearRevision().clearStaleReason().build())) {
                    invocation.warnIfStale(freshness); // once for each outage, whichever scheduler tells of it again
                    invocation.err().flush();
                }
                boolean begun = revision > 0;
                var rows = EndpointListing.changes(known, view.get().getEndpointsList(), begun);
                if (output == Output.JSON) {
                    rows.forEach(row -> invocation.out().print(EndpointListing.line(row)));
                } else if (!rows.isEmpty() || !begun) {
                    invocation.out().print(listing.table(
                            rows, columns, legend && !begun, invocation.has("--full"), invocation.palette()));
                }
                known = view.get().getEndpointsList();
                revision = freshness.getRevision();
            }
        }
    }
}
