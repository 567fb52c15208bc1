package io.flota.agent.runtime.docker;

import com.google.common.base.Ascii;
import io.flota.unit.ByteSize;
import java.util.regex.Pattern;

/// Sizes as Podman and Docker write them: `65536`, `64m`, `1.5g`, `512MB`; k is 1024.
final class DockerSize {
    private static final Pattern FORM = Pattern.compile("(\\d{1,19}(?:\\.\\d{1,9})?)([bkmgtpBKMGTP]?)(?:[iI]?[bB])?");

    private DockerSize() {}

    /// @throws IllegalArgumentException whose message says what is wrong
    static long parse(String value) {
        var form = FORM.matcher(value);
        if (!form.matches()) {
            throw new IllegalArgumentException("\"" + value + "\" is not a size. Write it as 65536, 64m or 1.5g");
        }
        return ByteSize.parse(form.group(1) + Ascii.toUpperCase(form.group(2)));
    }
}
