package io.flota.unitctl.model;

import com.google.protobuf.ByteString;
import io.flota.api.v1.DesiredState;
import io.flota.api.v1.PlacementRecord;
import io.flota.api.v1.Refusal;
import io.flota.api.v1.StateRecord;
import io.flota.api.v1.Unit;
import io.flota.api.v1.UnitOnMachine;
import io.flota.registry.Records;
import io.flota.unit.PlacementRules;
import io.flota.unit.Reservation;
import io.flota.unit.UnitFile;
import io.flota.unit.UnitFileException;
import io.flota.unit.UnitName;
import io.flota.unit.UnitProperties;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/// A registered unit of the model, and what the machines make of it, one step at a time.
final class ModelUnit {
    /// What becomes of a unit that is started.
    enum Nature {
        /// It runs.
        STEADY,
        /// It does what it is for, and ends.
        ONESHOT,
        /// It fails.
        FAILING,
        /// It runs, and its health check says that it is not well.
        UNHEALTHY,
        /// It never gets ready.
        STUCK,
        /// No machine takes it.
        HOMELESS
    }

    private static final long SINCE = Instant.parse("2026-11-21T09:55:00Z").toEpochMilli();

    private static final class There {
        final String placement;
        DesiredState target = DesiredState.DESIRED_STATE_LOADED;
        String active = "";
        String sub = "";
        String hash = "";
        long generation;

        There(String placement) {
            this.placement = placement;
        }
    }

    final String name;
    ByteString file;
    DesiredState desired = DesiredState.DESIRED_STATE_INACTIVE;
    long generation = 1;
    /// Whether the unit runs that this one stands by for.
    boolean spared;
    UnitProperties properties = UnitProperties.NONE;
    Nature nature = Nature.STEADY;
    String because = "";
    private final SortedMap<String, There> machines = new TreeMap<>();
    private int placements;

    ModelUnit(String name, ByteString file) {
        this.name = name;
        this.file = file;
    }

    String hash() {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(file.toByteArray()));
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    boolean isGlobal() {
        return file.toStringUtf8().contains("Global=true");
    }

    Reservation reservation() {
        try {
            return PlacementRules.of(name, new UnitName(name), UnitFile.parse(name, file)).reservation();
        } catch (UnitFileException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /// The unit that it stands by for; empty if none.
    String primary() {
        return file.toStringUtf8().lines()
                .filter(line -> line.startsWith("StandbyFor="))
                .findFirst()
                .map(line -> line.substring(line.indexOf('=') + 1))
                .orElse("");
    }

    boolean isActive() {
        return machines.values().stream().anyMatch(there -> there.active.equals("active"));
    }

    private DesiredState target() {
        return spared && desired == DesiredState.DESIRED_STATE_LAUNCHED ? DesiredState.DESIRED_STATE_LOADED : desired;
    }

    boolean isOn(String machine) {
        return machines.containsKey(machine);
    }

    void leave(String machine) {
        machines.remove(machine);
    }

    /// Whether it does not stop when it is told to.
    boolean clings(String machine) {
        return nature == Nature.STUCK && machines.get(machine).active.equals("activating");
    }

    boolean hasFailed() {
        return machines.values().stream().anyMatch(there -> there.active.equals("failed"));
    }

    /// @param targets where the unit is to be, if it is to be anywhere and is not there yet
    /// @return whether anything changed
    boolean step(Collection<String> targets) {
        boolean changed = false;
        if (desired != DesiredState.DESIRED_STATE_INACTIVE && nature != Nature.HOMELESS) {
            for (String target : targets) {
                if (isGlobal() ? !machines.containsKey(target) : machines.isEmpty()) {
                    machines.put(target, new There(name + "/" + ++placements));
                    changed = true;
                }
            }
        }
        for (String machine : List.copyOf(machines.keySet())) {
            changed |= step(machine, machines.get(machine));
        }
        return changed;
    }

    private boolean step(String machine, There there) {
        boolean retargeted = there.target != target();
        there.target = target();
        boolean up = there.active.equals("active") || there.active.equals("activating");
        boolean current = there.generation == generation && there.hash.equals(hash());
        if (there.active.equals("deactivating")) {
            there.generation = spared ? 0 : there.generation;
            become(there, "inactive", "dead");
        } else if (up && (target() != DesiredState.DESIRED_STATE_LAUNCHED || !current)) {
            become(there, "deactivating", "stop-sigterm");
        } else if (desired == DesiredState.DESIRED_STATE_INACTIVE) {
            machines.remove(machine);
        } else if (target() == DesiredState.DESIRED_STATE_LAUNCHED && !current) {
            there.generation = generation;
            there.hash = hash();
            become(there, "activating", "start");
        } else if (there.active.equals("activating") && nature != Nature.STUCK) {
            started(there);
        } else if (there.active.isEmpty()) {
            there.hash = hash();
            become(there, "inactive", "dead");
        } else {
            return retargeted;
        }
        return true;
    }

    private void started(There there) {
        switch (nature) {
            case STEADY, UNHEALTHY -> become(there, "active", "running");
            case ONESHOT -> become(there, "inactive", "dead");
            case FAILING -> become(there, "failed", "failed");
            case STUCK, HOMELESS -> throw new IllegalStateException(name + " does not get here");
        }
    }

    private static void become(There there, String active, String sub) {
        there.active = active;
        there.sub = sub;
    }

    Unit message(SortedMap<String, ModelMachine> alive) {
        var unit = Unit.newBuilder()
                .setName(name)
                .setFileHash(hash())
                .setDesired(desired)
                .setGeneration(generation)
                .setGlobal(isGlobal())
                .putAllProperties(properties.values())
                .setDescription(file.toStringUtf8().lines()
                        .filter(line -> line.startsWith("Description="))
                        .findFirst()
                        .map(line -> line.substring(line.indexOf('=') + 1))
                        .orElse(""));
        if (spared && desired == DesiredState.DESIRED_STATE_LAUNCHED && !machines.isEmpty()) {
            unit.setStandsByFor(primary());
        }
        if (!reservation().isNone()) {
            unit.setReservation(Records.of(reservation()));
        }
        machines.forEach((id, there) -> unit.addMachines(message(id, there, alive)));
        if (nature == Nature.HOMELESS && desired != DesiredState.DESIRED_STATE_INACTIVE) {
            alive.keySet().forEach(id ->
                    unit.addRefusals(Refusal.newBuilder().setMachineId(id).setReason(because)));
        }
        return unit.build();
    }

    private UnitOnMachine message(String id, There there, SortedMap<String, ModelMachine> alive) {
        var on = UnitOnMachine.newBuilder()
                .setMachineId(id)
                .setPublicIp(alive.containsKey(id) ? alive.get(id).ip() : "")
                .setPlacement(PlacementRecord.newBuilder()
                        .setId(there.placement)
                        .setFileHash(hash())
                        .setTarget(there.target)
                        .setGeneration(generation)
                        .setReason("carries least of the machines that fit"));
        if (!there.active.isEmpty()) {
            on.setState(StateRecord.newBuilder()
                    .setLoad("loaded")
                    .setActive(there.active)
                    .setSub(there.sub)
                    .setFileHash(there.hash)
                    .setPlacementId(there.placement)
                    .setGeneration(there.generation)
                    .setSinceMillis(SINCE)
                    .setMessage(there.active.equals("failed") || nature == Nature.UNHEALTHY ? because : "")
                    .setHealth(nature == Nature.UNHEALTHY && there.active.equals("active") ? "unhealthy" : "")
                    .setMainPid(there.active.equals("active") ? 4711 : 0));
        }
        return on.build();
    }
}
