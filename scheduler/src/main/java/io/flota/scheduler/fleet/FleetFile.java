package io.flota.scheduler.fleet;

import com.google.common.collect.ImmutableList;
import com.google.common.hash.Hashing;
import com.google.protobuf.ByteString;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;

/// A unit file as fleet knew it: its options and nothing else, each section once.
record FleetFile(ImmutableList<UnitOption> options) {
    static final FleetFile EMPTY = new FleetFile(ImmutableList.of());

    FleetFile {
        options = bySection(options);
    }

    /// What fleetctl would make of a registered file; empty if it would refuse it.
    static Optional<FleetFile> read(ByteString bytes) {
        return OptionReader.read(bytes.toStringUtf8()).map(FleetFile::new);
    }

    /// The file that a client describes.
    ///
    /// @throws FleetException if its options are such that no file has them, or have more in them than one
    static FleetFile described(List<UnitOption> options) throws FleetException {
        var wanted = new FleetFile(options.stream().map(UnitOption::stripped).collect(ImmutableList.toImmutableList()));
        var found = OptionReader.read(wanted.text()).map(FleetFile::new);
        if (!found.equals(Optional.of(wanted)) || !wanted.options.stream().allMatch(FleetFile::stands)) {
            throw FleetException.badRequest(wanted.options.stream()
                    .filter(option -> !stands(option))
                    .findFirst()
                    .map(option -> "option \"" + option.name() + "\" of section \"" + option.section()
                            + "\" cannot stand in a unit file as it is")
                    .orElse("the options cannot stand in a unit file together"));
        }
        return wanted;
    }

    private static boolean stands(UnitOption option) {
        var alone = new FleetFile(ImmutableList.of(option));
        return !option.section().isBlank() && !option.name().isEmpty()
                && OptionReader.read(alone.text()).equals(Optional.of(alone.options));
    }

    /// In fleet's normal form, which `fleetctl cat` prints.
    String text() {
        var text = new StringBuilder();
        String section = "";
        for (var option : options) {
            if (text.isEmpty() || !option.section().equals(section)) {
                section = option.section();
                text.append(text.isEmpty() ? "" : "\n").append('[').append(section).append("]\n");
            }
            text.append(option.name()).append('=').append(option.value());
            // Without the blank, which reading takes away, the next line would belong to the value.
            text.append(option.value().endsWith("\\") ? " \n" : "\n");
        }
        return text.toString();
    }

    /// SHA-1 of the normal form, hexadecimal.
    @SuppressWarnings("deprecation") // it is fleet's, and protects nothing
    String hash() {
        return Hashing.sha1().hashString(text(), StandardCharsets.UTF_8).toString();
    }

    private static ImmutableList<UnitOption> bySection(List<UnitOption> options) {
        var sections = new LinkedHashMap<String, List<UnitOption>>();
        options.forEach(option ->
                sections.computeIfAbsent(option.section(), _ -> new ArrayList<>()).add(option));
        return sections.values().stream().flatMap(List::stream).collect(ImmutableList.toImmutableList());
    }
}
