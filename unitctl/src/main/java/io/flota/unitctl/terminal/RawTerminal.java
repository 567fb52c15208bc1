package io.flota.unitctl.terminal;

import java.io.BufferedReader;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.function.Consumer;

/// This process's terminal, which hands on every key as it is, Ctrl-C included, until this is closed.
///
/// `stty` does it, which is wherever there is a terminal, and loads nothing into a command that has to start fast. A shell
/// keeps watch, and puts the terminal right when its input ends: when this is closed, or when this process is gone,
/// whatever ended it, SIGKILL included.
public final class RawTerminal implements AutoCloseable {
    /// In characters.
    public record Size(int columns, int rows) {}

    private static final String WATCH = """
            trap '' INT QUIT HUP TERM TSTP TTIN TTOU PIPE
            exec 3</dev/tty || exit 1
            saved=$(stty -g <&3) && stty raw -echo <&3 || exit 1
            echo raw
            read -r _
            stty "$saved" <&3
            """;

    private final Process watch;
    private final Thread lastResort = new Thread(this::restore, "terminal");

    private RawTerminal(Process watch) {
        this.watch = watch;
    }

    /// @throws IOException if there is no terminal
    public static RawTerminal open() throws IOException {
        var watch = new ProcessBuilder("/bin/sh", "-c", WATCH).redirectError(Redirect.DISCARD).start();
        var terminal = new RawTerminal(watch);
        // What ends this process ends it only once the terminal is right: its next user is there by then.
        Runtime.getRuntime().addShutdownHook(terminal.lastResort);
        var said = new BufferedReader(watch.inputReader(StandardCharsets.US_ASCII)).readLine();
        if (!"raw".equals(said)) {
            terminal.close();
            throw new IOException("the terminal (/dev/tty) does not let itself be set up by stty");
        }
        return terminal;
    }

    /// Empty if it is not known.
    public static Optional<Size> size() {
        try {
            var stty = new ProcessBuilder("stty", "size")
                    .redirectInput(Redirect.from(new java.io.File("/dev/tty")))
                    .redirectError(Redirect.DISCARD)
                    .start();
            try (var reader = stty.inputReader(StandardCharsets.US_ASCII)) {
                return Optional.ofNullable(reader.readLine()).flatMap(RawTerminal::size);
            }
        } catch (IOException _) {
            return Optional.empty();
        }
    }

    private static Optional<Size> size(String rowsAndColumns) {
        if (!rowsAndColumns.matches("[1-9]\\d{0,4} [1-9]\\d{0,4}")) {
            return Optional.empty();
        }
        var words = rowsAndColumns.split(" ");
        return Optional.of(new Size(Integer.parseInt(words[1]), Integer.parseInt(words[0])));
    }

    /// Calls this, on another thread, whenever the terminal has got another size.
    public void onResize(Consumer<Size> told) {
        WindowSignal.onEach(() -> size().ifPresent(told));
    }

    private void restore() {
        try {
            watch.getOutputStream().close();
            watch.waitFor();
        } catch (IOException _) {
            // the watch is gone; and with it whoever could do anything about the terminal
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    /// Puts the terminal right.
    @Override
    public void close() {
        restore();
        try {
            Runtime.getRuntime().removeShutdownHook(lastResort);
        } catch (IllegalStateException _) {
            // this process is about to end already
        }
    }
}
