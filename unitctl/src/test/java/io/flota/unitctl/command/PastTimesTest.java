package io.flota.unitctl.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.time.ZoneId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PastTimesTest {
    private static final Instant NOW = Instant.parse("2026-11-21T12:00:00Z");
    private static final ZoneId ZONE = ZoneId.of("Europe/Berlin");

    @ParameterizedTest
    @CsvSource(textBlock = """
            now,                   2026-11-21T12:00:00Z
            today,                 2026-11-20T23:00:00Z
            yesterday,             2026-11-19T23:00:00Z
            -5min,                 2026-11-21T11:55:00Z
            2h,                    2026-11-21T10:00:00Z
            2 days ago,            2026-11-19T12:00:00Z
            1 hour ago,            2026-11-21T11:00:00Z
            1h 30min ago,          2026-11-21T10:30:00Z
            1 week ago,            2026-11-14T12:00:00Z
            300 years ago,         1970-01-01T00:00:00Z
            09:30,                 2026-11-21T08:30:00Z
            2026-11-20,            2026-11-19T23:00:00Z
            2026-11-20 12:30,      2026-11-20T11:30:00Z
            2026-11-20 12:30:15,   2026-11-20T11:30:15Z
            2026-11-20T12:30:15Z,  2026-11-20T12:30:15Z
            """)
    void aMomentIsWrittenAsJournalctlTakesIt(String text, Instant moment) {
        assertThat(PastTimes.parse(text, NOW, ZONE)).isEqualTo(moment);
    }

    @Test
    void whatIsNoTimeIsToldHowToBeWritten() {
        assertThatThrownBy(() -> PastTimes.parse("soon", NOW, ZONE))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("\"soon\" is not a time: write it as 2026-11-21 12:30:00, 12:30, today, yesterday or 5min");
    }
}
