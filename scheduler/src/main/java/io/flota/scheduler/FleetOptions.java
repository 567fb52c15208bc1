package io.flota.scheduler;

import io.flota.daemon.FleetPlaces;
import io.flota.daemon.ListenAddress;
import io.flota.daemon.ListenOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// The options about fleet's HTTP API.
final class FleetOptions {
    private static final int HIGHEST_LIMIT = 0xffff;

    @Mixin
    FleetPlaces places = new FleetPlaces();

    @Option(
            names = "--fleet-token-limit",
            paramLabel = "NUMBER",
            defaultValue = "100",
            description = "how many units, states or machines it tells on a page (default: ${DEFAULT-VALUE})")
    int tokenLimit = 100;

    /// The address that was asked for, by its option.
    Map<String, ListenAddress> asked() {
        return places.asked();
    }

    List<String> problems() {
        var problems = new ArrayList<>(places.problems());
        if (tokenLimit < 1 || tokenLimit > HIGHEST_LIMIT) {
            problems.add("--fleet-token-limit " + tokenLimit + " is not between 1 and " + HIGHEST_LIMIT);
        }
        return problems;
    }

    /// @param api where unitctl is served
    /// @param protection of whatever listens
    FleetConfig config(ListenAddress api, ListenOptions protection) {
        var address = places.isChosen()
                ? places.address()
                : Optional.of(new ListenAddress(api.host(), FleetPlaces.PORT));
        return new FleetConfig(address, places.isChosen(), places.sockets(protection, true), tokenLimit);
    }
}
