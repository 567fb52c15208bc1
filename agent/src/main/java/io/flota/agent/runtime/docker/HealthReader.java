package io.flota.agent.runtime.docker;

import com.google.common.collect.ImmutableList;
import io.flota.agent.runtime.docker.ContainerSettings.Health;
import io.flota.agent.runtime.setting.SettingReader;
import io.flota.unit.TimeSpan;
import java.time.Duration;
import java.util.Optional;
import java.util.stream.Stream;

/// Reads `HealthCmd=` and what goes with it.
final class HealthReader {
    /// Docker takes nothing shorter.
    private static final Duration LEAST = Duration.ofMillis(1);

    private final SettingReader reader;

    HealthReader(SettingReader reader) {
        this.reader = reader;
    }

    /// Empty if the image's own check is all there is.
    Optional<Health> read() {
        var test = reader.last(ContainerReader.SECTION, "HealthCmd", value -> test(reader.expand(value)));
        var interval = span("HealthInterval");
        var timeout = span("HealthTimeout");
        var startPeriod = span("HealthStartPeriod");
        var retries = reader.last(ContainerReader.SECTION, "HealthRetries", value ->
                SettingReader.whole(value, 1, 1_000));
        boolean said = Stream.of(test, interval, timeout, startPeriod, retries).anyMatch(Optional::isPresent);
        return said
                ? Optional.of(new Health(test.orElse(ImmutableList.of()), interval, timeout, startPeriod, retries))
                : Optional.empty();
    }

    private static ImmutableList<String> test(String value) {
        if (value.equals("none")) {
            return Health.NONE;
        }
        return value.startsWith("[")
                ? ImmutableList.<String>builder().add("CMD").addAll(JsonWords.parse(value)).build()
                : ImmutableList.of("CMD-SHELL", value);
    }

    private Optional<Duration> span(String key) {
        return reader.last(ContainerReader.SECTION, key, value -> {
            if (value.equals("disable")) {
                throw new IllegalArgumentException("Docker has no check without an interval; use HealthCmd=none");
            }
            var span = TimeSpan.parse(value);
            if (span.compareTo(LEAST) < 0 || span.equals(TimeSpan.FOREVER)) {
                throw new IllegalArgumentException("Docker takes no less than 1ms, and no infinity");
            }
            return span;
        });
    }
}
