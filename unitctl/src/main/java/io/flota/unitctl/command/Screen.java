package io.flota.unitctl.command;

import java.io.File;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Pattern;

/// A terminal of which the whole is drawn again and again. It is as it was once this is closed, or the process is ended by a
/// signal that can be caught.
final class Screen implements AutoCloseable {
    private static final String ENTER = "\u001b[?1049h\u001b[?25l";
    private static final String LEAVE = "\u001b[?25h\u001b[?1049l";
    private static final String HOME = "\u001b[H";
    private static final String REST_OF_LINE = "\u001b[K";
    private static final String REST_OF_SCREEN = "\u001b[J";
    private static final Pattern SIZE = Pattern.compile("(\\d{1,4}) (\\d{1,4})");
    private static final int TAB = 8;
    private static final long STTY_SECONDS = 5;
    private static final File TERMINAL = new File("/dev/tty");

    /// In characters.
    record Size(int lines, int columns) {}

    private final PrintStream out;
    private final Optional<String> settings;
    private final Thread lastResort = new Thread(this::leave, "screen");
    private final AtomicBoolean left = new AtomicBoolean();
    private final AtomicBoolean quit = new AtomicBoolean();

    private Screen(PrintStream out) {
        this.out = out;
        this.settings = stty("-g");
    }

    /// Takes the terminal over. Keys are not seen there, but waited for: see [#isQuit].
    static Screen take(PrintStream out) {
        var screen = new Screen(out);
        Runtime.getRuntime().addShutdownHook(screen.lastResort);
        if (screen.settings.isPresent()) {
            stty("-icanon", "-echo", "min", "1");
            Thread.ofPlatform().daemon().name("keys").start(screen::readKeys);
        }
        out.print(ENTER);
        out.flush();
        return screen;
    }

    private void readKeys() {
        try (var keys = new FileInputStream(TERMINAL)) {
            for (int key = keys.read(); key >= 0; key = keys.read()) {
                if (key == 'q' || key == 'Q') {
                    quit.set(true);
                }
            }
        } catch (IOException _) {
            quit.set(true); // the terminal is gone
        }
    }

    /// Whether the user has pressed q.
    boolean isQuit() {
        return quit.get();
    }

    void draw(String text) {
        var size = size();
        var picture = new StringBuilder(HOME);
        var lines = text.lines().limit(Math.max(1, size.lines() - 1)).toList();
        for (String line : lines) {
            picture.append(clipped(line, size.columns())).append(REST_OF_LINE).append("\r\n");
        }
        out.print(picture.append(REST_OF_SCREEN));
        out.flush();
    }

    private static Size size() {
        var size = SIZE.matcher(stty("size").orElse(""));
        return size.matches() && !size.group(1).equals("0") && !size.group(2).equals("0")
                ? new Size(Integer.parseInt(size.group(1)), Integer.parseInt(size.group(2)))
                : new Size(24, 80);
    }

    /// With blanks for tabs, and not wider than the terminal; colours take no room.
    static String clipped(String line, int columns) {
        var clipped = new StringBuilder();
        int width = 0;
        boolean escaped = false;
        for (int i = 0; i < line.length(); i++) {
            char c = line.charAt(i);
            if (escaped || c == '\u001b') {
                escaped = c == '\u001b' || c != 'm';
                clipped.append(c);
            } else if (c == '\t') {
                int blanks = Math.min(TAB - width % TAB, columns - width);
                clipped.repeat(' ', Math.max(0, blanks));
                width += blanks;
            } else if (width < columns) {
                clipped.append(c);
                width += Character.isLowSurrogate(c) ? 0 : 1;
            }
        }
        return clipped.toString();
    }

    private void leave() {
        if (left.compareAndSet(false, true)) {
            out.print(LEAVE);
            out.flush();
            settings.ifPresent(Screen::stty);
        }
    }

    @Override
    public void close() {
        leave();
        Runtime.getRuntime().removeShutdownHook(lastResort);
    }

    /// Empty without a terminal that can be set.
    private static Optional<String> stty(String... arguments) {
        try {
            var command = new java.util.ArrayList<>(List.of("stty"));
            command.addAll(List.of(arguments));
            var process = new ProcessBuilder(command)
                    .redirectInput(TERMINAL)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            String said = new String(process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
            boolean done = process.waitFor(STTY_SECONDS, TimeUnit.SECONDS) && process.exitValue() == 0;
            return done ? Optional.of(said.strip()) : Optional.empty();
        } catch (IOException _) {
            return Optional.empty();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        }
    }
}
