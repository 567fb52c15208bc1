package io.flota.unitctl.render;

import static org.assertj.core.api.Assertions.assertThat;

import io.flota.api.v1.JournalLine;
import java.time.ZoneId;
import org.junit.jupiter.api.Test;

class JournalTextTest {
    private static final String MACHINE = "85c0c5950123456789abcdef01234567";
    private static final JournalLine LINE = JournalLine.newBuilder()
            .setTimeMicros(1_795_255_200_000_042L)
            .setUnit("web.service")
            .setProcess("web[4711]")
            .setText("one\ntwo")
            .build();

    private static String line(JournalText form, JournalLine line) {
        return form.line(MACHINE, line, ZoneId.of("UTC"));
    }

    @Test
    void timesAreToldAsJournalctlDoesDownToMicroseconds() {
        var quiet = LINE.toBuilder().setText("x").build();

        assertThat(line(JournalText.SHORT_PRECISE, quiet)).isEqualTo("Nov 21 10:00:00.000042 85c0c595 web[4711]: x\n");
        assertThat(line(JournalText.SHORT_FULL, quiet))
                .isEqualTo("Sat 2026-11-21 10:00:00 UTC 85c0c595 web[4711]: x\n");
        assertThat(line(JournalText.SHORT_ISO, quiet)).isEqualTo("2026-11-21T10:00:00+00:00 85c0c595 web[4711]: x\n");
        assertThat(JournalText.SHORT_ISO_PRECISE.line(MACHINE, quiet, ZoneId.of("Asia/Kolkata")))
                .isEqualTo("2026-11-21T15:30:00.000042+05:30 85c0c595 web[4711]: x\n");
        assertThat(line(JournalText.SHORT_UNIX, quiet)).isEqualTo("1795255200.000042 85c0c595 web[4711]: x\n");
        assertThat(line(JournalText.WITH_UNIT, quiet))
                .isEqualTo("Sat 2026-11-21 10:00:00 UTC 85c0c595 web.service[4711]: x\n");
    }

    @Test
    void fieldsHaveJournaldsNames() {
        assertThat(line(JournalText.VERBOSE, LINE)).isEqualTo("""
                Sat 2026-11-21 10:00:00.000042 UTC
                    _MACHINE_ID=85c0c5950123456789abcdef01234567
                    _SYSTEMD_UNIT=web.service
                    SYSLOG_IDENTIFIER=web
                    _PID=4711
                    MESSAGE=one
                            two
                """);
        assertThat(line(JournalText.JSON, LINE)).endsWith(",\"__REALTIME_TIMESTAMP\":\"1795255200000042\","
                + "\"_MACHINE_ID\":\"" + MACHINE + "\",\"_SYSTEMD_UNIT\":\"web.service\",\"SYSLOG_IDENTIFIER\":\"web\","
                + "\"_PID\":\"4711\",\"MESSAGE\":\"one\\ntwo\"}\n");
    }

    @Test
    void whatSystemdTellsOfAUnitIsNotTheUnitsOwn() {
        var told = LINE.toBuilder().setProcess("systemd[1]").setText("Started web.service.").build();

        assertThat(line(JournalText.VERBOSE, told)).contains("    UNIT=web.service\n").doesNotContain("_SYSTEMD_UNIT");
    }

    @Test
    void aLineOfNobodyHasNoProcess() {
        var bare = LINE.toBuilder().clearProcess().build();

        assertThat(line(JournalText.VERBOSE, bare)).doesNotContain("_PID", "SYSLOG_IDENTIFIER");
        assertThat(line(JournalText.WITH_UNIT, bare)).contains(" web.service: one");
    }

    @Test
    void streamsOfValuesAreFramed() {
        assertThat(line(JournalText.JSON_SSE, LINE)).startsWith("data: {").endsWith("}\n\n");
        assertThat(line(JournalText.JSON_SEQ, LINE)).startsWith("\u001e{").endsWith("}\n");
        assertThat(line(JournalText.JSON_PRETTY, LINE)).startsWith("{\n").contains("  \"MESSAGE\": \"one\\ntwo\"\n}\n");
    }
}
