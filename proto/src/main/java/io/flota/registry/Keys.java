package io.flota.registry;

import com.google.common.collect.ImmutableList;
import io.flota.machine.MachineId;
import io.flota.store.KeyRange;
import io.flota.unit.Endpoint;
import io.flota.unit.UnitName;
import java.util.Optional;
import java.util.function.BiFunction;

/// The key space: every key that Flota uses in etcd, all under one prefix.
///
/// | key | value | lifetime | written by |
/// |---|---|---|---|
/// | `machines/<machine id>` | MachineRecord | the agent's lease | agent |
/// | `files/<sha256>` | the unit file's bytes | while a unit uses it | API |
/// | `units/<unit>` | UnitRecord | until destroyed | API, by compare |
/// | `placements/<machine id>/<unit>` | PlacementRecord | until moved | leader, by compare on `leader` |
/// | `states/<machine id>/<unit>` | StateRecord | the agent's lease | agent |
/// | `leader` | LeaderRecord | the scheduler's lease | scheduler |
/// | `schedulers/<scheduler id>` | LeaderRecord | the scheduler's lease | scheduler, whether it leads or not |
/// | `policies/<machine id>` | PolicyRecord | for ever | API, by compare |
/// | `failures/<machine id>/<unit>` | FailuresRecord | until forgotten, or the unit is destroyed | leader, by compare on `leader` |
/// | `valve` | ValveRecord | while it is closed | leader, by compare on `leader`; API releases it |
/// | `endpoints/<service>/<unit>` | EndpointRecord | the agent's lease | agent, by compare with its epoch |
/// | `events/<id>` | EventRecord | a lease of a day | leader, agent |
///
/// @param prefix ends in a slash
public record Keys(String prefix) {
    public static final Keys DEFAULT = new Keys("/flota/v1/");

    public Keys {
        if (!prefix.endsWith("/")) {
            throw new IllegalArgumentException("the key prefix \"" + prefix + "\" must end in \"/\"");
        }
    }

    public String machines() {
        return prefix + "machines/";
    }

    public String machine(MachineId id) {
        return machines() + id;
    }

    public String files() {
        return prefix + "files/";
    }

    public String file(String hash) {
        return files() + hash;
    }

    public String units() {
        return prefix + "units/";
    }

    public String unit(UnitName name) {
        return units() + name;
    }

    public String placements() {
        return prefix + "placements/";
    }

    public String placements(MachineId machine) {
        return placements() + machine + "/";
    }

    public String placement(MachineId machine, UnitName unit) {
        return placements(machine) + unit;
    }

    public String states() {
        return prefix + "states/";
    }

    public String states(MachineId machine) {
        return states() + machine + "/";
    }

    public String state(MachineId machine, UnitName unit) {
        return states(machine) + unit;
    }

    public String leader() {
        return prefix + "leader";
    }

    public String schedulers() {
        return prefix + "schedulers/";
    }

    public String scheduler(String id) {
        return schedulers() + id;
    }

    public String policies() {
        return prefix + "policies/";
    }

    public String policy(MachineId machine) {
        return policies() + machine;
    }

    public String failures() {
        return prefix + "failures/";
    }

    public String failures(MachineId machine, UnitName unit) {
        return failures() + machine + "/" + unit;
    }

    public String valve() {
        return prefix + "valve";
    }

    public String endpoints() {
        return prefix + "endpoints/";
    }

    public String endpoints(String service) {
        return endpoints() + service + "/";
    }

    public String endpoint(String service, UnitName unit) {
        return endpoints(service) + unit;
    }

    public String events() {
        return prefix + "events/";
    }

    public String event(String id) {
        return events() + id;
    }

    /// All keys but those of events, of which there may be very many.
    public ImmutableList<KeyRange> allButEvents() {
        return ImmutableList.of(
                new KeyRange(prefix, events()), new KeyRange(KeyRange.beyond(events()), KeyRange.beyond(prefix)));
    }

    /// What a key names; empty if it is none of ours.
    public Optional<Key> parse(String key) {
        if (key.equals(leader())) {
            return Optional.of(new Key.LeaderKey());
        }
        if (key.equals(valve())) {
            return Optional.of(new Key.ValveKey());
        }
        try {
            return after(machines(), key).<Key>map(id -> new Key.MachineKey(new MachineId(id)))
                    .or(() -> after(files(), key).map(Key.FileKey::new))
                    .or(() -> after(units(), key).map(name -> new Key.UnitKey(new UnitName(name))))
                    .or(() -> after(placements(), key).flatMap(rest -> onMachine(rest, Key.PlacementKey::new)))
                    .or(() -> after(states(), key).flatMap(rest -> onMachine(rest, Key.StateKey::new)))
                    .or(() -> after(schedulers(), key).map(Key.SchedulerKey::new))
                    .or(() -> after(policies(), key).map(id -> new Key.PolicyKey(new MachineId(id))))
                    .or(() -> after(failures(), key).flatMap(rest -> onMachine(rest, Key.FailuresKey::new)))
                    .or(() -> after(endpoints(), key).flatMap(Keys::ofService))
                    .or(() -> after(events(), key).map(Key.EventKey::new));
        } catch (IllegalArgumentException _) {
            return Optional.empty(); // no machine id, no unit name: somebody else's
        }
    }

    private static Optional<String> after(String prefix, String key) {
        return key.startsWith(prefix) ? Optional.of(key.substring(prefix.length())) : Optional.empty();
    }

    private static Optional<Key> ofService(String rest) {
        int slash = rest.indexOf('/');
        return slash < 0 || Endpoint.serviceProblem(rest.substring(0, slash)).isPresent()
                ? Optional.empty()
                : Optional.of(new Key.EndpointKey(rest.substring(0, slash), new UnitName(rest.substring(slash + 1))));
    }

    private static Optional<Key> onMachine(String rest, BiFunction<MachineId, UnitName, Key> key) {
        int slash = rest.indexOf('/');
        return slash < 0
                ? Optional.empty()
                : Optional.of(key.apply(
                        new MachineId(rest.substring(0, slash)), new UnitName(rest.substring(slash + 1))));
    }
}
