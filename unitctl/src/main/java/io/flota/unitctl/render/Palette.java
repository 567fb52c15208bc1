package io.flota.unitctl.render;

/// Colours for a terminal, or none at all.
public enum Palette {
    PLAIN,
    COLOURED;

    private static final String RESET = "\u001b[0m";
    private static final String[] UNITS = {
        "\u001b[36m", "\u001b[33m", "\u001b[32m", "\u001b[35m", "\u001b[34m",
        "\u001b[96m", "\u001b[93m", "\u001b[92m", "\u001b[95m", "\u001b[94m"
    };

    /// A word of systemd's, such as `failed`, in the colour that tells how bad it is.
    public String state(String active, String text) {
        return switch (active) {
            case "active" -> paint("\u001b[32m", text);
            case "failed" -> paint("\u001b[1;31m", text);
            case "activating", "deactivating", "reloading" -> paint("\u001b[33m", text);
            default -> text;
        };
    }

    /// A word of a health check's.
    public String health(String text) {
        return switch (text) {
            case "healthy" -> paint("\u001b[32m", text);
            case "unhealthy" -> paint("\u001b[1;31m", text);
            default -> paint("\u001b[33m", text);
        };
    }

    public String warning(String text) {
        return paint("\u001b[33m", text);
    }

    /// In a colour of the unit's own, the same in each call. Red is for what is wrong.
    public String unit(String unit, String text) {
        return paint(UNITS[Math.floorMod(unit.hashCode(), UNITS.length)], text);
    }

    public String faint(String text) {
        return paint("\u001b[2m", text);
    }

    private String paint(String colour, String text) {
        return this == PLAIN || text.isEmpty() ? text : colour + text + RESET;
    }
}
