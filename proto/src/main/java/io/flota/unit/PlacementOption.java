package io.flota.unit;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSetMultimap;
import io.flota.unit.UnitFile.Setting;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.ObjIntConsumer;
import java.util.stream.Collectors;

/// The options of `[X-Fleet]`, each with the older names that fleet 1.0 still read, and those of `[X-Flota]` alone.
enum PlacementOption {
    // MachineBootID is older than machine ids and has meant one ever since.
    MACHINE_ID("MachineID", "X-ConditionMachineID", "X-ConditionMachineBootID"),
    MACHINE_OF("MachineOf", "X-ConditionMachineOf"),
    MACHINE_METADATA("MachineMetadata", "X-ConditionMachineMetadata"),
    CONFLICTS("Conflicts", "X-Conflicts"),
    GLOBAL("Global"),
    REPLACES("Replaces"),
    EXCLUSIVE("Exclusive", Sections.OURS),
    ON_DISCONNECT("OnDisconnect", Sections.OURS),
    DISCONNECT_GRACE("DisconnectGrace", Sections.OURS),
    ON_RECONNECT("OnReconnect", Sections.OURS),
    CPU("CPU", Sections.OURS),
    MEMORY("Memory", Sections.OURS),
    ANNOUNCE("Announce", Reading.LINES),
    ANNOUNCE_DRAIN("AnnounceDrain", Reading.LINES),
    HEALTH_HTTP("HealthHttp", Reading.LINES),
    HEALTH_TCP("HealthTcp", Reading.LINES),
    HEALTH_EXEC("HealthExec", Reading.LINES),
    HEALTH_INTERVAL("HealthInterval", Reading.LINES),
    HEALTH_TIMEOUT("HealthTimeout", Reading.LINES),
    HEALTH_RETRIES("HealthRetries", Reading.LINES),
    HEALTH_START_PERIOD("HealthStartPeriod", Reading.LINES),
    RENDER("Render", Reading.LINES),
    ON_RENDER("OnRender", Reading.LINES),
    RENDER_CHECK("RenderCheck", Reading.LINES),
    RENDER_SOCKET("RenderSocket", Reading.LINES),
    STANDBY_FOR("StandbyFor", Sections.OURS),
    STANDBY_HOLD("StandbyHold", Sections.OURS);

    private static final class Sections {
        /// fleet does not read this one, so what stands there leaves a file good for fleet.
        static final ImmutableList<String> OURS = ImmutableList.of("X-Flota");

        static final ImmutableList<String> ALL = ImmutableList.of("X-Fleet", "X-Flota");
    }

    /// How the values of an option are written.
    enum Reading {
        /// By fleet's rules of quoting.
        VALUES,
        /// One on a line, by rules of its own.
        LINES
    }

    /// Options that sections of other programs have as well, with a meaning there.
    private static final ImmutableSetMultimap<String, String> FOREIGN = ImmutableSetMultimap.<String, String>builder()
            .putAll("Container", "Memory", "HealthInterval", "HealthTimeout", "HealthRetries", "HealthStartPeriod")
            .build();

    private final ImmutableList<String> names;
    private final ImmutableList<String> sections;
    private final Reading reading;

    PlacementOption(String... names) {
        this.names = ImmutableList.copyOf(names);
        this.sections = Sections.ALL;
        this.reading = Reading.VALUES;
    }

    PlacementOption(String name, ImmutableList<String> sections) {
        this.names = ImmutableList.of(name);
        this.sections = sections;
        this.reading = Reading.VALUES;
    }

    PlacementOption(String name, Reading reading) {
        this.names = ImmutableList.of(name);
        this.sections = Sections.OURS;
        this.reading = reading;
    }

    Reading reading() {
        return reading;
    }

    /// Whether a setting is this option, under any of its names and where it counts.
    boolean is(Setting setting) {
        return sections.contains(setting.section()) && names.contains(setting.key());
    }

    /// Whether it is Flota's own: fleet does not know it.
    boolean isOurs() {
        return sections.equals(Sections.OURS);
    }

    /// The newest first.
    ImmutableList<String> names() {
        return names;
    }

    static Optional<PlacementOption> named(String key) {
        return Arrays.stream(values()).filter(option -> option.names.contains(key)).findFirst();
    }

    private static ImmutableList<PlacementOption> of(String section) {
        return Arrays.stream(values())
                .filter(option -> option.sections.contains(section))
                .collect(ImmutableList.toImmutableList());
    }

    /// Takes note, by line, of what looks as if it were to rule placement and does not.
    static void warnings(UnitFile file, ObjIntConsumer<String> sink) {
        String lastSection = "";
        for (var setting : file.settings()) {
            boolean ours = Sections.ALL.contains(setting.section());
            if (ours && named(setting.key()).isEmpty()) {
                sink.accept(noOption(setting), setting.line());
            } else if (!ours && !setting.section().equals(lastSection)) {
                nearestSection(setting).ifPresent(warning -> sink.accept(warning, setting.line()));
            }
            misplaced(setting).ifPresent(option -> sink.accept(
                    setting.key() + "= has no effect in [" + setting.section() + "]. Move it to ["
                            + option.sections.getFirst() + "].",
                    setting.line()));
            lastSection = setting.section();
        }
    }

    private static String noOption(Setting setting) {
        var options = of(setting.section());
        var names = options.stream().flatMap(option -> option.names.stream()).toList();
        var current = options.stream().map(option -> option.names.getFirst()).collect(Collectors.joining(", "));
        return setting.key() + "= is not an option of [" + setting.section() + "]. "
                + NearestName.of(setting.key(), names)
                        .map(nearest -> "Did you mean " + nearest + "=?")
                        .orElse("Its options are " + current + ".");
    }

    private static Optional<String> nearestSection(Setting setting) {
        return NearestName.of(setting.section(), Sections.ALL)
                .map(nearest ->
                        "section [" + setting.section() + "] has no effect. Did you mean [" + nearest + "]?");
    }

    /// The option that a setting would be in another section. `Conflicts=` is systemd's as well, and other programs may
    /// own sections that begin with `X-`.
    private static Optional<PlacementOption> misplaced(Setting setting) {
        boolean foreign = setting.section().startsWith("X-") && !Sections.ALL.contains(setting.section())
                || FOREIGN.containsEntry(setting.section(), setting.key());
        return named(setting.key()).filter(option -> !foreign && option != CONFLICTS && !option.is(setting));
    }
}
