package io.flota.daemon;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import java.util.Locale;
import org.slf4j.LoggerFactory;

/// How much a daemon logs of what it does.
enum LogLevel {
    ERROR(Level.ERROR),
    WARN(Level.WARN),
    INFO(Level.INFO),
    DEBUG(Level.DEBUG);

    private static final String OURS = "io.flota";

    private final Level level;

    LogLevel(Level level) {
        this.level = level;
    }

    /// @throws IllegalArgumentException whose message is for the operator
    static LogLevel parse(String text) {
        for (var level : values()) {
            if (level.toString().equals(text.toLowerCase(Locale.ROOT))) {
                return level;
            }
        }
        throw new IllegalArgumentException("\"" + text + "\" is not error, warn, info or debug");
    }

    /// Holds from now on.
    void set() {
        if (LoggerFactory.getILoggerFactory() instanceof LoggerContext logback) {
            logback.getLogger(OURS).setLevel(level);
        }
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
