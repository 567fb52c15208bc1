package io.flota.unitctl;

import io.flota.unitctl.command.Surroundings;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.time.ZoneId;

/// The process.
public final class UnitctlMain {
    private UnitctlMain() {}

    public static void main(String[] arguments) {
        var surroundings = ofProcess();
        int status = Unitctl.run(surroundings, arguments);
        surroundings.out().flush();
        surroundings.err().flush();
        if (status != 0) {
            System.exit(status);
        }
    }

    private static Surroundings ofProcess() {
        return new Surroundings(
                new FileInputStream(FileDescriptor.in),
                stream(FileDescriptor.out),
                stream(FileDescriptor.err),
                System.getenv(),
                Path.of(""),
                InstantSource.system(),
                ZoneId::systemDefault,
                isTerminal(0),
                isTerminal(1),
                isTerminal(2));
    }

    /// UTF-8 whatever the locale says, as unit files are; written when it is full or when the process ends.
    private static PrintStream stream(FileDescriptor descriptor) {
        return new PrintStream(new FileOutputStream(descriptor), false, StandardCharsets.UTF_8);
    }

    /// System.console() would load a line editor to find out.
    private static boolean isTerminal(int descriptor) {
        try {
            String target = Files.readSymbolicLink(Path.of("/proc/self/fd/" + descriptor)).toString();
            return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty") || target.equals("/dev/console");
        } catch (IOException | UnsupportedOperationException _) {
            return false; // without /proc nothing is lost but colours
        }
    }
}
