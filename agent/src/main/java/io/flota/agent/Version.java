package io.flota.agent;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Properties;

/// Which Flota this is.
final class Version {
    private static final String RESOURCE = "/META-INF/maven/io.flota/flota-agent/pom.properties";

    static final String OF_THIS_AGENT = read();

    private Version() {}

    /// Maven writes it into the jar. Classes that do not come from a jar are somebody's work in progress.
    private static String read() {
        try (var properties = Version.class.getResourceAsStream(RESOURCE)) {
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
