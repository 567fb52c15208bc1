package io.flota.agent.runtime.docker;

import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableSet;
import java.util.Optional;
import java.util.regex.Pattern;

/// A `Volume=`: `/source:/target:ro`, `name:/target`, `/target`.
///
/// @param source a path of the machine, which is made if it is missing, or the name of a volume; a new one if empty
/// @param options as they are written
record VolumeSetting(Optional<String> source, String target, String options) {
    private static final Pattern NAME = Pattern.compile("[a-zA-Z0-9][a-zA-Z0-9_.-]*");
    private static final ImmutableSet<String> OPTIONS = ImmutableSet.<String>builder()
            .add("ro", "rw", "z", "Z", "nocopy")
            .addAll(MountSetting.PROPAGATIONS)
            .build();

    /// @throws IllegalArgumentException whose message says what is wrong
    static VolumeSetting parse(String text) {
        var parts = Splitter.on(':').splitToList(text);
        if (parts.size() == 1) {
            return new VolumeSetting(Optional.empty(), MountSetting.path(text), "");
        }
        if (parts.size() > 3) {
            throw new IllegalArgumentException("is not written as [SOURCE:]TARGET[:OPTIONS]");
        }
        var source = parts.getFirst();
        if (!source.startsWith("/")) {
            name(source);
        }
        var options = parts.size() == 3 ? parts.get(2) : "";
        for (var option : Splitter.on(',').omitEmptyStrings().split(options)) {
            if (!OPTIONS.contains(option)) {
                throw new IllegalArgumentException("its option \"" + option + "\" is none of Docker's, which are "
                        + String.join(", ", OPTIONS));
            }
        }
        return new VolumeSetting(Optional.of(source), MountSetting.path(parts.get(1)), options);
    }

    /// @throws IllegalArgumentException if it is not the name of a volume
    static void name(String text) {
        if (text.endsWith(".volume")) {
            throw new IllegalArgumentException("there are no .volume units; name the volume itself, Docker makes it");
        }
        if (!NAME.matcher(text).matches()) {
            throw new IllegalArgumentException(
                    "\"" + text + "\" is neither an absolute path nor the name of a volume");
        }
    }

    /// As Docker writes it.
    String bind() {
        return source.orElseThrow() + ":" + target + (options.isEmpty() ? "" : ":" + options);
    }
}
