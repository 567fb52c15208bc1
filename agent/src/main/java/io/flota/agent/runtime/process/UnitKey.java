package io.flota.agent.runtime.process;

import com.google.common.hash.Hashing;
import io.flota.unit.UnitName;

/// A unit's name without anything that has a meaning to a shell, to systemd or to a file system.
public final class UnitKey {
    private static final int DIGITS = 16;

    private UnitKey() {}

    /// As many hexadecimal digits as tell all units of a machine apart.
    public static String of(UnitName unit) {
        return Hashing.sha256().hashUnencodedChars(unit.full()).toString().substring(0, DIGITS);
    }
}
