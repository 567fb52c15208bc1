package io.flota.unit;

import com.google.common.collect.ImmutableList;
import io.flota.unit.UnitFile.Setting;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.ObjIntConsumer;
import java.util.stream.Collectors;

/// The options of `[X-Fleet]`, each with the older names that fleet 1.0 still read.
enum PlacementOption {
    // MachineBootID is older than machine ids and has meant one ever since.
    MACHINE_ID("MachineID", "X-ConditionMachineID", "X-ConditionMachineBootID"),
    MACHINE_OF("MachineOf", "X-ConditionMachineOf"),
    MACHINE_METADATA("MachineMetadata", "X-ConditionMachineMetadata"),
    CONFLICTS("Conflicts", "X-Conflicts"),
    GLOBAL("Global"),
    REPLACES("Replaces");

    /// fleet does not read the second one, so what stands there leaves a file good for fleet.
    static final ImmutableList<String> SECTIONS = ImmutableList.of("X-Fleet", "X-Flota");

    private final ImmutableList<String> names;

    PlacementOption(String... names) {
        this.names = ImmutableList.copyOf(names);
    }

    /// The newest first.
    ImmutableList<String> names() {
        return names;
    }

    static Optional<PlacementOption> named(String key) {
        return Arrays.stream(values()).filter(option -> option.names.contains(key)).findFirst();
    }

    static ImmutableList<String> allNames() {
        return Arrays.stream(values())
                .flatMap(option -> option.names.stream())
                .collect(ImmutableList.toImmutableList());
    }

    private static String currentNames() {
        return Arrays.stream(values()).map(option -> option.names.getFirst()).collect(Collectors.joining(", "));
    }

    /// Takes note, by line, of what looks as if it were to rule placement and does not.
    static void warnings(UnitFile file, ObjIntConsumer<String> sink) {
        String lastSection = "";
        for (var setting : file.settings()) {
            boolean ours = SECTIONS.contains(setting.section());
            if (ours && named(setting.key()).isEmpty()) {
                sink.accept(setting.key() + "= is not an option of [" + setting.section() + "]. "
                        + NearestName.of(setting.key(), allNames())
                                .map(nearest -> "Did you mean " + nearest + "=?")
                                .orElse("Its options are " + currentNames() + "."), setting.line());
            } else if (!ours && !setting.section().equals(lastSection)) {
                nearestSection(setting).ifPresent(warning -> sink.accept(warning, setting.line()));
            }
            if (!ours && belongsToUs(setting)) {
                sink.accept(setting.key() + "= has no effect in [" + setting.section() + "]. Move it to [X-Fleet].",
                        setting.line());
            }
            lastSection = setting.section();
        }
    }

    private static Optional<String> nearestSection(Setting setting) {
        return NearestName.of(setting.section(), SECTIONS)
                .map(nearest ->
                        "section [" + setting.section() + "] has no effect. Did you mean [" + nearest + "]?");
    }

    /// `Conflicts=` alone is systemd's as well, and other programs may own sections that begin with `X-`.
    private static boolean belongsToUs(Setting setting) {
        return !setting.section().startsWith("X-")
                && !setting.key().equals("Conflicts")
                && named(setting.key()).isPresent();
    }
}
