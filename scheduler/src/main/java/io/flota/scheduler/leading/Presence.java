package io.flota.scheduler.leading;

import com.google.common.collect.ImmutableList;
import io.flota.machine.MachineId;
import io.flota.registry.Happening;
import io.flota.registry.Happening.Kind;
import io.flota.scheduler.cluster.Cluster;
import io.flota.scheduler.cluster.Departure;
import java.time.Instant;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;

/// Which machines there were, and which of them somebody has told to be lost. Every scheduler keeps count of it, so
/// that one which comes to lead tells what its predecessor could not, and nothing twice.
final class Presence {
    private final String self;
    private Cluster latest = Cluster.EMPTY;
    /// The host of every machine that was ever here.
    private final TreeMap<MachineId, String> seen = new TreeMap<>();
    private final TreeSet<MachineId> away = new TreeSet<>();
    private boolean begun;

    /// @param self the id of this scheduler
    Presence(String self) {
        this.self = self;
    }

    /// A machine that has placements and was not here when we began to look may have been told to be lost long ago.
    synchronized void see(Cluster cluster) {
        if (!begun) {
            begun = true;
            away.addAll(cluster.missed());
        }
        if (latest.machines() != cluster.machines()) {
            cluster.machines().forEach((id, machine) -> seen.put(id, machine.hostname()));
        }
        latest = cluster;
    }

    /// Somebody has told of a machine.
    synchronized void told(Happening happening) {
        happening.machine().ifPresent(machine -> {
            if (happening.kind() == Kind.MACHINE_LOST) {
                away.add(machine);
            } else if (happening.kind() == Kind.MACHINE_RETURNED) {
                away.remove(machine);
            }
        });
    }

    /// What nobody has told yet.
    synchronized ImmutableList<Happening> news(Instant now) {
        var news = ImmutableList.<Happening>builder();
        seen.forEach((machine, host) -> {
            boolean here = latest.machines().containsKey(machine);
            if (!here && !away.contains(machine)) {
                news.add(happening(now, Kind.MACHINE_LOST, machine, "host " + host + why(machine)));
            } else if (here && away.contains(machine)) {
                news.add(happening(now, Kind.MACHINE_RETURNED, machine, "host " + host + " is registered again"));
            }
        });
        return news.build();
    }

    private String why(MachineId machine) {
        return Optional.ofNullable(latest.gone().get(machine)).filter(Departure::onPurpose).isPresent()
                ? " has left: its agent has handed its units over"
                : " is not registered any more: its agent was not heard while its lease lasted";
    }

    private Happening happening(Instant now, Kind kind, MachineId machine, String reason) {
        return new Happening(now, kind, Optional.empty(), Optional.of(machine), reason, self, "");
    }
}
