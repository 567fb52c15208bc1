package io.flota.scheduler.api;

import com.google.common.collect.ImmutableList;
import io.flota.api.v1.ListEndpointsReply;
import io.flota.api.v1.ListEndpointsRequest;
import io.flota.registry.Records;
import io.flota.scheduler.model.View;
import io.flota.unit.Glob;
import io.grpc.Status.Code;

/// Tells where units can be reached for some services, or for all.
public final class EndpointListing {
    private final ImmutableList<Glob> services;

    private EndpointListing(ImmutableList<Glob> services) {
        this.services = services;
    }

    /// @throws RefusedException if a pattern is none
    public static EndpointListing of(ListEndpointsRequest request) throws RefusedException {
        var problems = new Problems();
        var services = ImmutableList.<Glob>builder();
        for (String service : request.getServicesList()) {
            try {
                services.add(new Glob(service));
            } catch (IllegalArgumentException e) {
                problems.add(Code.INVALID_ARGUMENT, e.getMessage());
            }
        }
        problems.refuseIfAny();
        return new EndpointListing(services.build());
    }

    public ListEndpointsReply reply(View view) {
        var reply = ListEndpointsReply.newBuilder().setFreshness(Messages.of(view));
        view.cluster().endpoints().forEach((service, byUnit) -> {
            if (services.isEmpty() || services.stream().anyMatch(it -> it.matches(service))) {
                byUnit.values().forEach(endpoint -> reply.addEndpoints(Records.of(endpoint)));
            }
        });
        return reply.build();
    }

    /// Whether a client learns nothing from a reply that it was not told by another one. The revision alone is no news.
    static boolean tellTheSame(ListEndpointsReply told, ListEndpointsReply reply) {
        return told.getEndpointsList().equals(reply.getEndpointsList())
                && told.getFreshness().getStaleSinceMillis() == reply.getFreshness().getStaleSinceMillis();
    }
}
