package io.flota.scheduler;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Properties;

/// Which Flota this is.
final class Version {
    static final String OF_THIS_SCHEDULER = read();

    private Version() {}

    /// Maven writes it into the jar. Classes that do not come from a jar are somebody's work in progress.
    private static String read() {
        String path = "/META-INF/maven/io.flota/flota-scheduler/pom.properties";
        try (var properties = Version.class.getResourceAsStream(path)) {
            if (properties == null) {
                return "unreleased";
            }
            var values = new Properties();
            values.load(properties);
            return values.getProperty("version", "unreleased");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
