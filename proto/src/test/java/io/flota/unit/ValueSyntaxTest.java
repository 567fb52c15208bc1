package io.flota.unit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Spans, sizes, shares, booleans.
class ValueSyntaxTest {
    /// Microseconds as `systemd-analyze timespan` counts them.
    @ParameterizedTest
    @CsvSource({
        "0, 0",
        "90, 90000000",
        "1min 30s, 90000000",
        "5 5, 10000000",
        "5 min 3, 303000000",
        ".5, 500000",
        "12s.56, 12560000",
        "12.34 .56, 12900000",
        "55s500ms, 55500000",
        "300ms20s 5day, 432020300000",
        "1y12month, 63115200000000",
        "2 h, 7200000000",
        "48hr, 172800000000",
        "1M, 2629800000000",
        "1m, 60000000",
        "5us, 5",
        "5µs, 5",
        "1w, 604800000000"
    })
    void spansAreReadAsSystemdReadsThem(String text, long micros) {
        assertThat(TimeSpan.parse(text)).isEqualTo(Duration.ofNanos(micros * 1000));
    }

    @ParameterizedTest
    @ValueSource(strings = {"infinity", " infinity ", "10000y"})
    void spansMayLastForEver(String text) {
        assertThat(TimeSpan.parse(text)).isEqualTo(TimeSpan.FOREVER);
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "", " ", "-5", "5 x", "5ss", "1.5.5", "12.34.56", "1. s", "s", "99999999999999999999", "1e3", "+5"
    })
    void whatIsNoSpanIsRefused(String text) {
        assertThatThrownBy(() -> TimeSpan.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("is not a span of time");
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0", "65536, 65536", "64M, 67108864", "1.5G, 1610612736", "1G 512M, 1610612736", "1G512M, 1610612736",
        "3K7, 3079", "10B, 10", "1 K, 1024", "2T, 2199023255552", "infinity, 9223372036854775807"
    })
    void sizesAreReadAsSystemdReadsThem(String text, long bytes) {
        assertThat(ByteSize.parse(text)).isEqualTo(bytes);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "M", "64MB", "-1", "64m", "512M 1G", "1.2.3", "50%", "8E", "99999999999999999999"})
    void whatIsNoSizeIsRefused(String text) {
        assertThatThrownBy(() -> ByteSize.parse(text)).isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0B, 0B", "1023, 1023B, 1023B", "1024, 1K, 1K", "536870912, 512M, 512M", "1610612736, 1.5G, 1.5G",
        "2147483647, 1.9G, 2G", "1, 1B, 1B", "9223372036854775807, 7.9E, 8E"
    })
    void sizesAreWrittenInTheirLargestUnit(long bytes, String down, String up) {
        assertThat(ByteSize.roundedDown(bytes)).isEqualTo(down);
        assertThat(ByteSize.roundedUp(bytes)).isEqualTo(up);
    }

    @Test
    void sizesMayBeShares() {
        assertThat(ByteSize.parse("12.5%", 1000)).isEqualTo(125);
        assertThat(ByteSize.parse("1K", 1000)).isEqualTo(1024);
        assertThat(Percent.parse("150%")).isEqualByComparingTo("1.5");
        assertThatThrownBy(() -> Percent.parse("150")).hasMessageContaining("is not a share");
    }

    @ParameterizedTest
    @ValueSource(strings = {"1", "yes", "Y", "true", "T", "ON"})
    void yesHasManySpellings(String text) {
        assertThat(BooleanValue.parse(text)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "no", "N", "false", "F", "Off"})
    void noHasManySpellings(String text) {
        assertThat(BooleanValue.parse(text)).isFalse();
    }

    @Test
    void whatIsNeitherIsRefused() {
        assertThatThrownBy(() -> BooleanValue.parse("maybe")).hasMessage(
                "\"maybe\" is neither yes nor no. Write one of them");
        assertThatThrownBy(() -> BooleanValue.parse("")).isInstanceOf(IllegalArgumentException.class);
    }
}
