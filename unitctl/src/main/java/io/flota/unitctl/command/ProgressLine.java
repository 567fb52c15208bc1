package io.flota.unitctl.command;

/// One line on a terminal that says what is still awaited; nothing where no human looks.
final class ProgressLine {
    private static final String ERASE = "\r\u001b[K";
    private static final int USUAL_WIDTH = 80;

    private final Surroundings surroundings;
    private volatile String shown = "";

    private ProgressLine(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    /// Ctrl-C leaves no half of a line behind.
    static ProgressLine on(Surroundings surroundings) {
        var line = new ProgressLine(surroundings);
        if (surroundings.errIsTerminal()) {
            Runtime.getRuntime().addShutdownHook(new Thread(line::clear));
        }
        return line;
    }

    void show(String text) {
        String line = text.substring(0, Math.min(text.length(), width() - 1));
        if (surroundings.errIsTerminal() && !line.equals(shown)) {
            surroundings.err().print(ERASE + line);
            surroundings.err().flush();
            shown = line;
        }
    }

    /// Before anything else is written.
    void clear() {
        if (!shown.isEmpty()) {
            surroundings.err().print(ERASE);
            surroundings.err().flush();
            shown = "";
        }
    }

    private int width() {
        String columns = surroundings.environment().getOrDefault("COLUMNS", "");
        return columns.matches("[1-9]\\d{1,3}") ? Integer.parseInt(columns) : USUAL_WIDTH;
    }
}
