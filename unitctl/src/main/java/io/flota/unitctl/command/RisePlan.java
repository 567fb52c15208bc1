package io.flota.unitctl.command;

import io.flota.api.v1.ApplyRequest;
import io.flota.api.v1.DesiredState;
import io.flota.api.v1.Unit;
import io.flota.api.v1.UnitIntent;
import io.flota.unit.PlacementRules;
import io.flota.unit.UnitFileException;
import io.flota.unit.UnitName;
import io.flota.unitctl.render.UnitFileListing;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Decides what submit, load and start ask of the cluster, from what is registered and what files lie here. Pure.
final class RisePlan {
    /// A unit as it was asked for.
    record Wanted(UnitName name, Optional<LocalFile> file) {}

    private final Rise rise;
    private final boolean replace;
    private final Map<String, Unit> registered;
    private final List<UnitName> wanted;
    private final ApplyRequest.Builder request = ApplyRequest.newBuilder();
    private final List<String> changed = new ArrayList<>();
    private final Set<String> global = new HashSet<>();
    private final List<String> notes = new ArrayList<>();
    private final Set<String> warnings = new LinkedHashSet<>();
    private final Set<String> problems = new LinkedHashSet<>();

    private RisePlan(Rise rise, boolean replace, List<UnitName> wanted, Map<String, Unit> registered) {
        this.rise = rise;
        this.replace = replace;
        this.wanted = wanted;
        this.registered = registered;
    }

    /// @param registered by name; has the wanted units and their templates as far as they are registered
    static RisePlan of(Rise rise, boolean replace, List<Wanted> wanted, Map<String, Unit> registered) {
        var plan = new RisePlan(rise, replace, wanted.stream().map(Wanted::name).toList(), registered);
        wanted.forEach(plan::add);
        return plan;
    }

    ApplyRequest request() {
        return request.build();
    }

    /// In the order in which they were asked for.
    List<UnitName> wanted() {
        return wanted;
    }

    /// The units that are new or have a new file.
    List<String> changed() {
        return changed;
    }

    boolean isGlobal(UnitName name) {
        return global.contains(name.full());
    }

    /// For standard output.
    List<String> notes() {
        return notes;
    }

    Set<String> warnings() {
        return warnings;
    }

    /// With any of these nothing must be sent.
    Set<String> problems() {
        return problems;
    }

    private void add(Wanted wanted) {
        UnitName name = wanted.name();
        if (name.isTemplate() && rise != Rise.SUBMIT) {
            problems.add("Unit " + name + " is a template: " + rise.word() + " an instance of it, such as "
                    + name.prefix() + "@1." + name.type());
            return;
        }
        var intent = UnitIntent.newBuilder().setName(name.full());
        Unit known = registered.get(name.full());
        if (known == null) {
            create(wanted, intent);
        } else {
            change(known, wanted, intent);
        }
    }

    private void create(Wanted wanted, UnitIntent.Builder intent) {
        UnitName name = wanted.name();
        Optional<Unit> template = name.template().map(UnitName::full).map(registered::get);
        boolean own = wanted.file().isPresent() && !wanted.file().get().isTemplate();
        if (template.isPresent() && !own && !(replace && wanted.file().isPresent())) {
            wanted.file().ifPresent(file -> compare(template.get(), file));
            remember(name, template.get().getGlobal());
        } else if (wanted.file().isPresent()) {
            send(name, wanted.file().get(), intent);
        } else {
            problems.add("Error creating units: " + missing(name));
            return;
        }
        changed.add(name.full());
        if (rise != Rise.SUBMIT) {
            intent.setDesired(rise.desired());
        }
        request.addUnits(intent);
    }

    private void change(Unit known, Wanted wanted, UnitIntent.Builder intent) {
        boolean replaces = wanted.file().isPresent() && replaces(known, wanted.file().get());
        if (replaces) {
            send(wanted.name(), wanted.file().get(), intent);
            intent.setReplace(true);
            changed.add(known.getName());
        } else {
            remember(wanted.name(), known.getGlobal());
        }
        if (rise != Rise.SUBMIT) {
            intent.setDesired(rise.desired()).setRestart(rise == Rise.START && isOver(known));
            request.addUnits(intent);
        } else if (replaces) {
            request.addUnits(intent);
        }
    }

    private boolean replaces(Unit known, LocalFile file) {
        if (known.getFileHash().equals(file.hash())) {
            if (replace) {
                notes.add("Found same Unit(" + known.getName() + ") in Registry, nothing to do");
            }
            return false;
        }
        if (!replace) {
            compare(known, file);
            return false;
        }
        if (!rise.mayReplace(known.getDesired())) {
            warnings.add("Warning: can not replace Unit(" + known.getName() + ") in state '"
                    + UnitFileListing.word(known.getDesired()) + "', use the appropriate command");
            return false;
        }
        return true;
    }

    private void compare(Unit known, LocalFile file) {
        if (!known.getFileHash().equals(file.hash())) {
            warnings.add("WARNING: Unit " + known.getName() + " in registry differs from local "
                    + (file.isTemplate() ? "template " : "") + "unit file " + file.source()
                    + ". Add --replace to override.");
        }
    }

    /// Checked here already, so that all problems of all files come at once and before anything is sent.
    private void send(UnitName name, LocalFile file, UnitIntent.Builder intent) {
        intent.setFile(file.bytes()).setSource(file.source());
        try {
            PlacementRules rules = Verify.rules(file.source(), name, file.bytes());
            rules.warnings().forEach(warning -> warnings.add("warning: " + warning));
            remember(name, rules.global());
        } catch (UnitFileException wrong) {
            problems.addAll(wrong.problems());
        }
    }

    private void remember(UnitName name, boolean isGlobal) {
        if (isGlobal) {
            global.add(name.full());
        }
    }

    private static String missing(UnitName name) {
        return name.template()
                .map(template -> "failed getting Unit(" + name + ") from template: unable to find template Unit("
                        + template + ") in Registry or on filesystem")
                .orElse("unable to find Unit(" + name + ") in Registry or on filesystem");
    }

    /// Whether the unit has run and does so no more, anywhere: to start it is to run it anew. One that was stopped
    /// needs it said, too, for its machine tells by the generation what it has run already.
    private static boolean isOver(Unit unit) {
        boolean hasRun = unit.getMachinesList().stream()
                .anyMatch(on -> on.getState().getGeneration() == unit.getGeneration());
        boolean runs = unit.getDesired() == DesiredState.DESIRED_STATE_LAUNCHED
                && unit.getMachinesList().stream().anyMatch(on -> !on.hasState() || !Goal.isDown(on.getState()));
        return hasRun && !runs;
    }
}
