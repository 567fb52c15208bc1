package io.flota.simulation;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import java.util.function.Supplier;
import org.slf4j.LoggerFactory;

/// What the simulated processes log: told in a story, and else not even made.
final class LogLines {
    private LogLines() {}

    static void silence() {
        ours().setLevel(Level.OFF);
    }

    /// Adds what is logged meanwhile to the story.
    static <T> T during(Story story, Supplier<T> play) {
        var appender = new AppenderBase<ILoggingEvent>() {
            @Override
            protected void append(ILoggingEvent event) {
                story.addLog(event.getThreadName() + ": " + event.getFormattedMessage());
            }
        };
        appender.setContext((LoggerContext) LoggerFactory.getILoggerFactory());
        appender.start();
        var ours = ours();
        var before = ours.getLevel();
        ours.setLevel(Level.INFO);
        ours.setAdditive(false);
        ours.addAppender(appender);
        try {
            return play.get();
        } finally {
            ours.detachAppender(appender);
            ours.setAdditive(true);
            ours.setLevel(before);
        }
    }

    private static Logger ours() {
        return (Logger) LoggerFactory.getLogger("io.flota");
    }
}
