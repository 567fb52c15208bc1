package io.flota.agent.render;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableListMultimap;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSortedMap;
import com.google.common.net.HostAndPort;
import io.flota.machine.Machine;
import io.flota.machine.MachineId;
import io.flota.unit.Endpoint;
import io.flota.unit.UnitName;
import java.util.Collection;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// What templates are rendered from.
///
/// What other machines have written is not trusted to end a line or to be an address: whoever is refused for that is
/// left out, so that no machine can keep the others from being known.
///
/// @param endpoints by service, each in the order of units
/// @param refused who is left out, and why
public record Facts(
        ImmutableListMultimap<String, Endpoint> endpoints, ImmutableSortedMap<MachineId, Machine> machines,
        ImmutableList<String> refused) {
    /// Host names, and addresses of both kinds. Nothing that means anything to a server's configuration.
    private static final Pattern ADDRESS = Pattern.compile("[0-9A-Za-z][0-9A-Za-z._:%-]*|::[0-9A-Fa-f:.%]*");

    private static final Pattern UNNAMEABLE = Pattern.compile("[^A-Za-z0-9_.-]");

    /// @param machines as they count for placements
    public static Facts of(Collection<Endpoint> endpoints, Collection<Machine> machines) {
        var refused = ImmutableList.<String>builder();
        var byService = ImmutableListMultimap.<String, Endpoint>builder();
        endpoints.stream()
                .sorted(Comparator.comparing(Endpoint::service).thenComparing(Endpoint::unit))
                .forEach(endpoint -> problem(endpoint).ifPresentOrElse(
                        problem -> refused.add("the endpoint " + endpoint.service() + " of " + endpoint.unit()
                                + " is left out: " + problem),
                        () -> byService.put(endpoint.service(), endpoint)));
        var byId = ImmutableSortedMap.<MachineId, Machine>naturalOrder();
        machines.forEach(machine -> problem(machine).ifPresentOrElse(
                problem -> refused.add("machine " + machine.id().shortened() + " is left out: " + problem),
                () -> byId.put(machine.id(), machine)));
        return new Facts(byService.build(), byId.buildOrThrow(), refused.build());
    }

    private static Optional<String> problem(Endpoint endpoint) {
        return isAddress(endpoint.address())
                ? control(endpoint.attributes())
                : Optional.of("its address is none");
    }

    private static Optional<String> problem(Machine machine) {
        boolean addressed = Stream.of(machine.hostname(), machine.publicIp(), machine.privateIp())
                .allMatch(address -> address.isEmpty() || isAddress(address));
        return addressed ? control(machine.metadata()) : Optional.of("its host name or an address of it is none");
    }

    /// One that a port can follow: `web:80` has one already.
    private static boolean isAddress(String text) {
        try {
            return ADDRESS.matcher(text).matches() && HostAndPort.fromParts(text, 1).getHost().equals(text);
        } catch (IllegalArgumentException _) {
            return false;
        }
    }

    private static Optional<String> control(Map<String, String> values) {
        return values.entrySet().stream()
                .filter(value -> (value.getKey() + value.getValue()).chars().anyMatch(Character::isISOControl))
                .findFirst()
                .map(value -> "the value of " + UNNAMEABLE.matcher(value.getKey()).replaceAll("?")
                        + " has a control character");
    }

    /// What a template of a unit sees.
    Map<String, Object> of(UnitName unit, MachineId here) {
        return ImmutableMap.of(
                "endpoints", new Services(endpoints),
                "machines", machines.values().stream().map(Facts::of).collect(ImmutableList.toImmutableList()),
                "unit", ImmutableMap.<String, Object>builder()
                        .putAll(named(unit))
                        .put("machine", Optional.ofNullable(machines.get(here))
                                .map(Facts::of)
                                .orElse(ImmutableMap.of("id", here.value())))
                        .buildOrThrow());
    }

    static ImmutableMap<String, Object> of(Endpoint endpoint) {
        return ImmutableMap.<String, Object>builder()
                .putAll(named(endpoint.unit()))
                .put("service", endpoint.service())
                .put("machine", endpoint.machine().value())
                .put("address", endpoint.address())
                .put("port", endpoint.port())
                .put("host_port", HostAndPort.fromParts(endpoint.address(), endpoint.port()).toString())
                .put("attributes", endpoint.attributes())
                .buildOrThrow();
    }

    /// `name` is one for configurations, which take few characters in names: `web@1.service` is `web-1`.
    private static ImmutableMap<String, Object> named(UnitName unit) {
        return ImmutableMap.of(
                "unit", unit.full(),
                "name", UNNAMEABLE.matcher(unit.stem()).replaceAll("-"),
                "prefix", unit.prefix(),
                "instance", unit.instance());
    }

    private static ImmutableMap<String, Object> of(Machine machine) {
        return ImmutableMap.of(
                "id", machine.id().value(),
                "hostname", machine.hostname(),
                "address", machine.address(),
                "public_ip", machine.publicIp(),
                "private_ip", machine.privateIp(),
                "metadata", machine.metadata());
    }
}
