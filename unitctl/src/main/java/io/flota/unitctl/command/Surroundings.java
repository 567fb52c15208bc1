package io.flota.unitctl.command;

import java.io.InputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.InstantSource;
import java.time.ZoneId;
import java.util.Map;
import java.util.function.Supplier;

/// Where a command runs: its streams, environment, working folder and time.
///
/// @param in raw: what is read of it is gone for others
/// @param zone asked only by commands that show times, because finding it takes a while
public record Surroundings(
        InputStream in,
        PrintStream out,
        PrintStream err,
        Map<String, String> environment,
        Path directory,
        InstantSource clock,
        Supplier<ZoneId> zone,
        boolean inIsTerminal,
        boolean outIsTerminal,
        boolean errIsTerminal) {

    /// Where there is nothing to read.
    public Surroundings(
            PrintStream out,
            PrintStream err,
            Map<String, String> environment,
            Path directory,
            InstantSource clock,
            Supplier<ZoneId> zone,
            boolean outIsTerminal,
            boolean errIsTerminal) {
        this(
                InputStream.nullInputStream(), out, err, environment, directory, clock, zone, false, outIsTerminal,
                errIsTerminal);
    }
}
