package io.flota.scheduler.api;

import com.google.common.collect.ImmutableList;
import com.google.protobuf.ByteString;
import io.flota.api.v1.DesiredState;
import io.flota.api.v1.UnitIntent;
import io.flota.registry.Fact.UnitFact;
import io.flota.registry.UnitChange;
import io.flota.scheduler.cluster.Cluster;
import io.flota.scheduler.cluster.RegisteredUnit;
import io.flota.scheduler.cluster.RegisteredUnit.Readable;
import io.flota.unit.PlacementRules;
import io.flota.unit.RenderRules;
import io.flota.unit.Unit;
import io.flota.unit.UnitFile;
import io.flota.unit.UnitFileException;
import io.flota.unit.UnitName;
import io.flota.unit.UnitProperties;
import io.grpc.Status.Code;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/// Decides what an Apply call makes of the registered units. Checks all of it and finds every problem; writes nothing.
final class Registration {
    /// As much of a name that is none as an operator needs to recognise it.
    private static final int MAX_SHOWN = 64;

    private final Cluster cluster;
    private final Problems problems = new Problems();
    private final Set<String> named = new HashSet<>();
    /// The files that this call brings for templates, which its instances may take.
    private final Map<UnitName, UnitFile> templates = new HashMap<>();

    private Registration(Cluster cluster) {
        this.cluster = cluster;
    }

    /// The changes that the intents ask for, in their order; units that are as they should be need none.
    ///
    /// @throws RefusedException with all problems of all intents
    static ImmutableList<UnitChange> of(Cluster cluster, List<UnitIntent> intents) throws RefusedException {
        return new Registration(cluster).changes(intents);
    }

    private ImmutableList<UnitChange> changes(List<UnitIntent> intents) throws RefusedException {
        var changes = ImmutableList.<UnitChange>builder();
        for (var intent : intents) {
            if (isTemplate(intent)) {
                change(intent).ifPresent(changes::add);
            }
        }
        for (var intent : intents) {
            if (!isTemplate(intent)) {
                change(intent).ifPresent(changes::add);
            }
        }
        problems.refuseIfAny();
        return changes.build();
    }

    private static boolean isTemplate(UnitIntent intent) {
        return UnitName.problem(intent.getName()).isEmpty() && new UnitName(intent.getName()).isTemplate();
    }

    private Optional<UnitChange> change(UnitIntent intent) {
        var illegal = UnitName.problem(intent.getName());
        if (illegal.isPresent()) {
            problems.add(Code.INVALID_ARGUMENT, quoted(shortened(intent.getName())) + ": " + illegal.get());
            return Optional.empty();
        }
        var name = new UnitName(intent.getName());
        if (!named.add(name.full())) {
            problems.add(Code.INVALID_ARGUMENT, "unit " + name + " is named twice in one call");
            return Optional.empty();
        }
        var before = Optional.ofNullable(cluster.units().get(name));
        checkDesired(name, intent);
        if (!checkProperties(name, intent, before)) {
            return Optional.empty();
        }
        return file(name, intent, before).flatMap(file -> change(intent, name, before, file));
    }

    private Optional<UnitChange> change(
            UnitIntent intent, UnitName name, Optional<RegisteredUnit> before, FileChoice file) {
        var desired = desired(intent, before);
        if (desired == io.flota.unit.DesiredState.UNKNOWN) {
            problems.add(Code.FAILED_PRECONDITION, "unit " + name + ": a newer version asks for something that this scheduler"
                    + " does not know; ask a newer one, or start, load, unload or destroy the unit");
            return Optional.empty();
        }
        var properties = before.map(unit -> unit.unit().properties()).orElse(UnitProperties.NONE)
                .with(intent.getSetPropertiesMap());
        var unread = before.map(unit -> unit.unit().unread()).orElse(ByteString.EMPTY);
        var after = new Unit(name, file.hash(), desired, generation(intent, before), properties, unread);
        return before.isPresent() && before.get().unit().equals(after)
                ? Optional.empty()
                : Optional.of(new UnitChange(before.map(Registration::fact), after, file.bytes()));
    }

    private static UnitFact fact(RegisteredUnit unit) {
        return new UnitFact(unit.unit(), unit.modRevision());
    }

    private void checkDesired(UnitName name, UnitIntent intent) {
        if (!intent.hasDesired()) {
            if (intent.getRestart() && name.isTemplate()) {
                problems.add(Code.INVALID_ARGUMENT, "cannot restart template " + quoted(name.full()));
            }
            return;
        }
        switch (intent.getDesired()) {
            case DESIRED_STATE_INACTIVE -> {}
            case DESIRED_STATE_LOADED, DESIRED_STATE_LAUNCHED -> {
                if (name.isTemplate()) {
                    problems.add(Code.INVALID_ARGUMENT, "cannot activate template " + quoted(name.full()));
                }
            }
            case DESIRED_STATE_UNSPECIFIED, UNRECOGNIZED ->
                problems.add(Code.INVALID_ARGUMENT, "unit " + name + ": \"" + intent.getDesiredValue()
                        + "\" is no desired state; known are inactive, loaded and launched");
        }
    }

    private boolean checkProperties(UnitName name, UnitIntent intent, Optional<RegisteredUnit> before) {
        var set = new TreeMap<>(intent.getSetPropertiesMap());
        if (!set.isEmpty() && before.isEmpty()) {
            problems.add(Code.NOT_FOUND, "unit " + name + " is not registered, so that nothing can be set for it");
            return false;
        }
        var wrong = set.entrySet().stream()
                .flatMap(property -> UnitProperties.problem(name, property.getKey(), property.getValue()).stream())
                .toList();
        problems.addAll(Code.INVALID_ARGUMENT, wrong);
        return wrong.isEmpty();
    }

    private static io.flota.unit.DesiredState desired(UnitIntent intent, Optional<RegisteredUnit> before) {
        return switch (intent.getDesired()) {
            case DESIRED_STATE_INACTIVE -> io.flota.unit.DesiredState.INACTIVE;
            case DESIRED_STATE_LOADED -> io.flota.unit.DesiredState.LOADED;
            case DESIRED_STATE_LAUNCHED -> io.flota.unit.DesiredState.LAUNCHED;
            case DESIRED_STATE_UNSPECIFIED, UNRECOGNIZED ->
                before.map(unit -> unit.unit().desired()).orElse(io.flota.unit.DesiredState.INACTIVE);
        };
    }

    /// A new unit starts with 1, so that 0 can mean that no generation was started. To start a unit again that has
    /// failed is to ask for a new run of it.
    private long generation(UnitIntent intent, Optional<RegisteredUnit> before) {
        if (before.isEmpty()) {
            return 1;
        }
        boolean again = intent.getDesired() == DesiredState.DESIRED_STATE_LAUNCHED
                && before.get().unit().desired() == io.flota.unit.DesiredState.LAUNCHED
                && hasFailed(before.get().name());
        return before.get().unit().generation() + (intent.getRestart() || again ? 1 : 0);
    }

    private boolean hasFailed(UnitName name) {
        var states = cluster.statesOf(name);
        return cluster.placementsOf(name).keySet().stream()
                .anyMatch(machine -> Optional.ofNullable(states.get(machine))
                        .filter(state -> state.active().equals("failed"))
                        .isPresent());
    }

    /// @param bytes empty if the unit keeps the file that it has
    private record FileChoice(String hash, Optional<ByteString> bytes) {}

    private Optional<FileChoice> file(UnitName name, UnitIntent intent, Optional<RegisteredUnit> before) {
        if (intent.hasFile()) {
            return given(name, intent, before);
        }
        if (before.isPresent()) {
            return Optional.of(new FileChoice(before.get().unit().fileHash(), Optional.empty()));
        }
        var template = name.template().flatMap(this::templateFile);
        if (template.isEmpty()) {
            problems.add(Code.NOT_FOUND, "unit " + name + " is not registered and no file was given");
            return Optional.empty();
        }
        String source = name.template().map(UnitName::full).orElse(name.full());
        return checkRules(source, name, template.get())
                .map(file -> new FileChoice(file.hash(), Optional.of(file.bytes())));
    }

    private Optional<UnitFile> templateFile(UnitName template) {
        return Optional.ofNullable(templates.get(template))
                .or(() -> Optional.ofNullable(cluster.units().get(template))
                        .flatMap(unit -> unit.contents() instanceof Readable(var file, var _)
                                ? Optional.of(file)
                                : Optional.empty()));
    }

    private Optional<FileChoice> given(UnitName name, UnitIntent intent, Optional<RegisteredUnit> before) {
        String source = intent.getSource().isEmpty() ? name.full() : intent.getSource();
        UnitFile parsed;
        try {
            parsed = UnitFile.parse(source, intent.getFile());
        } catch (UnitFileException e) {
            problems.addAll(Code.INVALID_ARGUMENT, e.problems());
            return Optional.empty();
        }
        if (name.isTemplate()) {
            templates.put(name, parsed);
        }
        if (checkRules(source, name, parsed).isEmpty()) {
            return Optional.empty();
        }
        boolean same = before.isPresent() && before.get().unit().fileHash().equals(parsed.hash());
        if (before.isPresent() && !same && !intent.getReplace()) {
            problems.add(Code.FAILED_PRECONDITION, "unit " + name + " is registered with another file than " + source
                    + ": replace it (--replace), or destroy the unit first");
            return Optional.empty();
        }
        return Optional.of(new FileChoice(parsed.hash(), same ? Optional.empty() : Optional.of(parsed.bytes())));
    }

    private Optional<UnitFile> checkRules(String source, UnitName name, UnitFile file) {
        try {
            PlacementRules.of(source, name, file);
            RenderRules.of(source, name, file);
            return Optional.of(file);
        } catch (UnitFileException e) {
            problems.addAll(Code.INVALID_ARGUMENT, e.problems());
            return Optional.empty();
        }
    }

    private static String quoted(String text) {
        return "\"" + text + "\"";
    }

    private static String shortened(String name) {
        return name.length() <= MAX_SHOWN ? name : name.substring(0, MAX_SHOWN) + "…";
    }
}
