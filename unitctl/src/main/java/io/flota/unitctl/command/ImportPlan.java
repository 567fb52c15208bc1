package io.flota.unitctl.command;

import com.google.protobuf.ByteString;
import io.flota.api.v1.ApplyRequest;
import io.flota.api.v1.DesiredState;
import io.flota.api.v1.MachineRecord;
import io.flota.api.v1.SetPolicyRequest;
import io.flota.api.v1.Unit;
import io.flota.api.v1.UnitIntent;
import io.flota.machine.Metadata;
import io.flota.unit.UnitFileException;
import io.flota.unit.UnitName;
import io.flota.unitctl.fleet.FleetCluster;
import io.flota.unitctl.fleet.FleetMachine;
import io.flota.unitctl.fleet.FleetUnit;
import io.flota.unitctl.render.Ids;
import io.flota.unitctl.render.UnitFileListing;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Decides what of a fleet cluster is copied to ours. Pure.
final class ImportPlan {
    /// @param text as in [#unitDeeds()]
    record MetadataDeed(SetPolicyRequest request, String text) {}

    private final boolean replace;
    private final boolean start;
    private final ApplyRequest.Builder request = ApplyRequest.newBuilder();
    private final List<MetadataDeed> metadata = new ArrayList<>();
    private final List<String> deeds = new ArrayList<>();
    private final List<String> notes = new ArrayList<>();
    private final List<String> problems = new ArrayList<>();

    private ImportPlan(boolean replace, boolean start) {
        this.replace = replace;
        this.start = start;
    }

    /// @param registered units of ours, by name
    /// @param machines of ours, by id, with the metadata that counts
    /// @param replace whether fleet's unit takes the place of another one
    /// @param start whether what fleet has launched is to be launched here, rather than loaded
    static ImportPlan of(
            FleetCluster fleet, Map<String, Unit> registered, Map<String, MachineRecord> machines, boolean replace,
            boolean start) {
        var plan = new ImportPlan(replace, start);
        fleet.units().forEach(unit -> plan.add(unit, Optional.ofNullable(registered.get(unit.name()))));
        fleet.poisoned().forEach(name -> plan.notes.add("warning: fleet cannot show unit " + name
                + " any more, so that it cannot be copied; what a machine runs of it is not touched"));
        fleet.machines().forEach(machine -> plan.add(machine, Optional.ofNullable(machines.get(machine.id()))));
        return plan;
    }

    ApplyRequest request() {
        return request.build();
    }

    /// To be done before the request, whose units may be waiting for it or be kept from a machine by it.
    List<MetadataDeed> metadata() {
        return metadata;
    }

    /// What the request does, a line each, as one says it to somebody who is to do it: `register …`.
    List<String> unitDeeds() {
        return deeds;
    }

    /// What is left out, and why.
    List<String> notes() {
        return notes;
    }

    /// With any of these nothing must be sent.
    List<String> problems() {
        return problems;
    }

    private void add(FleetUnit unit, Optional<Unit> known) {
        var desired = desired(unit);
        var illegal = UnitName.problem(unit.name());
        if (illegal.isPresent()) {
            problems.add(unit.name() + ": " + illegal.get());
            return;
        }
        var name = new UnitName(unit.name());
        if (desired == DesiredState.DESIRED_STATE_UNSPECIFIED) {
            problems.add(name + ": desired state \"" + unit.desired() + "\" is none of inactive, loaded, launched");
        } else if (name.isTemplate() && desired != DesiredState.DESIRED_STATE_INACTIVE) {
            problems.add(name + ": it is a template and is wanted " + unit.desired() + "; only instances of it can be");
        } else {
            addChecked(unit, name, desired, known);
        }
    }

    private DesiredState desired(FleetUnit unit) {
        return switch (unit.desired()) {
            case "inactive" -> DesiredState.DESIRED_STATE_INACTIVE;
            case "loaded" -> DesiredState.DESIRED_STATE_LOADED;
            case "launched" -> start ? DesiredState.DESIRED_STATE_LAUNCHED : DesiredState.DESIRED_STATE_LOADED;
            default -> DesiredState.DESIRED_STATE_UNSPECIFIED;
        };
    }

    private void addChecked(FleetUnit unit, UnitName name, DesiredState desired, Optional<Unit> known) {
        var bytes = ByteString.copyFromUtf8(unit.file());
        try {
            Verify.rules(unit.name(), name, bytes).warnings().forEach(warning -> notes.add("warning: " + warning));
        } catch (UnitFileException wrong) {
            problems.addAll(wrong.problems());
            return;
        }
        var intent = UnitIntent.newBuilder()
                .setName(unit.name()).setFile(bytes).setSource(unit.name()).setDesired(desired);
        if (known.isEmpty()) {
            request.addUnits(intent);
            deeds.add("register " + name + ", " + UnitFileListing.word(desired));
            return;
        }
        var other = difference(known.get(), new LocalFile(unit.name(), bytes, false).hash(), desired);
        if (other.isEmpty()) {
            notes.add("Unit " + name + " is here already");
        } else if (replace) {
            request.addUnits(intent.setReplace(true));
            deeds.add("replace " + name + ", " + UnitFileListing.word(desired) + ": " + other.get());
        } else {
            notes.add("warning: unit " + name + " is left as it is here: " + other.get()
                    + ". Add --replace to override.");
        }
    }

    private static Optional<String> difference(Unit known, String hash, DesiredState desired) {
        if (!known.getFileHash().equals(hash)) {
            return Optional.of("another file is registered");
        }
        return known.getDesired() == desired
                ? Optional.empty()
                : Optional.of("the same file is registered, and wanted " + UnitFileListing.word(known.getDesired()));
    }

    /// fleet tells in one what its fleetd was given and what was set later; what our agent tells by itself is left
    /// alone.
    private void add(FleetMachine machine, Optional<MachineRecord> known) {
        if (machine.metadata().isEmpty()) {
            return;
        }
        String shown = Ids.shortened(machine.id());
        if (known.isEmpty()) {
            notes.add("warning: machine " + shown + " of fleet is not among ours: its metadata "
                    + words(machine.metadata()) + " is not copied");
            return;
        }
        var illegal = illegal(machine);
        if (!illegal.isEmpty()) {
            problems.addAll(illegal);
            return;
        }
        var others = new TreeMap<>(machine.metadata());
        others.entrySet().removeAll(known.get().getMetadataMap().entrySet());
        if (!others.isEmpty()) {
            metadata.add(new MetadataDeed(
                    SetPolicyRequest.newBuilder().addMachineIds(machine.id()).putAllSetMetadata(others).build(),
                    "set metadata of machine " + shown + ": " + words(others)));
        }
    }

    /// By the rules of the scheduler, which would refuse it when other things are done already.
    private static List<String> illegal(FleetMachine machine) {
        return new TreeMap<>(machine.metadata())
                .entrySet().stream()
                .flatMap(pair -> Stream.of(
                                Metadata.problemOfKey(pair.getKey()),
                                Metadata.problemOfValue(pair.getKey(), pair.getValue()))
                        .flatMap(Optional::stream))
                .map(problem -> "machine " + Ids.shortened(machine.id()) + " of fleet: " + problem)
                .toList();
    }

    private static String words(Map<String, String> metadata) {
        return metadata.entrySet().stream()
                .map(pair -> pair.getKey() + "=" + pair.getValue())
                .collect(Collectors.joining(" "));
    }
}
