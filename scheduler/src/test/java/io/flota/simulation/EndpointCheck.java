package io.flota.simulation;

import io.flota.unit.Endpoint;
import io.flota.unit.UnitName;
import java.time.Duration;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;

/// An endpoint is told of only by the agent of a machine that the unit runs on, under that machine's lease; and none ever
/// takes the place of one with a higher epoch, wherever that was.
final class EndpointCheck {
    /// What an agent has seen just before a process ended may be on its way for so long.
    private static final Duration ECHO = Duration.ofSeconds(10);

    private final Consumer<String> breach;
    /// The highest epoch for each service and unit, whether it stands or has gone.
    private final TreeMap<String, Endpoint> highest = new TreeMap<>();
    /// When a process of a unit was there last, by machine and unit.
    private final TreeMap<String, Duration> ended = new TreeMap<>();

    EndpointCheck(Consumer<String> breach) {
        this.breach = breach;
    }

    /// Nothing of the unit is left on a machine.
    void gone(String place, UnitName unit, Duration now) {
        ended.put(place + "/" + unit, now);
    }

    /// @param owner whose lease it is under
    /// @param machine the one that it names
    void written(Endpoint endpoint, String owner, SimMachine machine, Duration now) {
        var what = endpoint.service() + "/" + endpoint.unit() + " with epoch " + endpoint.epoch();
        if (!owner.equals(machine.place())) {
            breach.accept(what + " is on " + machine + ", and under the lease of " + owner);
        }
        var last = Optional.ofNullable(ended.get(machine.place() + "/" + endpoint.unit()));
        boolean ran = last.filter(end -> now.minus(end).compareTo(ECHO) <= 0).isPresent();
        if (!ran && !machine.systemd().running().contains(endpoint.unit())) {
            breach.accept(what + " is announced by " + machine + ", where the unit does not run");
        }
        var before = highest.get(endpoint.service() + "/" + endpoint.unit());
        boolean stale = before != null && (endpoint.epoch() < before.epoch()
                || endpoint.epoch() == before.epoch() && !endpoint.machine().equals(before.machine()));
        if (stale) {
            breach.accept(what + " is announced by " + machine + " after epoch " + before.epoch() + " of "
                    + before.machine().shortened());
        }
        if (before == null || endpoint.epoch() >= before.epoch()) {
            highest.put(endpoint.service() + "/" + endpoint.unit(), endpoint);
        }
    }
}
