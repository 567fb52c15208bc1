package io.flota.scheduler.api;

import io.flota.api.v1.Freshness;
import io.flota.registry.Fact.ValveFact;
import io.flota.scheduler.model.View;

/// What only the API says; values that the registry keeps too are put into words by [io.flota.registry.Records].
final class Messages {
    private Messages() {}

    static Freshness of(View view) {
        var freshness = Freshness.newBuilder().setRevision(view.revision());
        view.stale().ifPresent(stale -> freshness
                .setStaleSinceMillis(stale.since().toEpochMilli())
                .setStaleReason(stale.reason()));
        view.cluster().valve().map(ValveFact::valve).filter(valve -> !valve.released()).ifPresent(valve ->
                freshness.setHeldReason("the valve is closed: " + valve.lost().size() + " of " + valve.machines()
                        + " machines are away at once, and no unit of a lost machine is moved; see unitctl valve"));
        return freshness.build();
    }
}
