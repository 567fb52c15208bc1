package io.flota.unitctl.render;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TableTest {
    @Test
    void aColumnIsAsWideAsItsWidestCellAndOneMoreUpToTheNextTabStop() {
        var rows = List.of(
                List.of("UNIT", "MACHINE", "SUB"), List.of("1234567", "12345678", "x"), List.of("", "a", ""));

        assertThat(Table.render(rows)).isEqualTo("UNIT\tMACHINE\t\tSUB\n1234567\t12345678\tx\n-\ta\t\t-\n");
    }

    @Test
    void coloursTakeNoRoom() {
        String failed = Palette.COLOURED.state("failed", "failed");

        assertThat(Table.render(List.of(List.of("ACTIVE", "SUB"), List.of(failed, "x"))))
                .isEqualTo("ACTIVE\tSUB\n" + failed + "\tx\n");
        assertThat(failed).startsWith("\u001b[");
    }

    @Test
    void anEmptyTableIsNothing() {
        assertThat(Table.render(List.of())).isEmpty();
    }

    @ParameterizedTest(name = "{0} s is {1}")
    @CsvSource({"0, 0s", "-5, 0s", "59, 59s", "60, 1min", "61, 1min 1s", "3600, 1h", "7500, 2h 5min", "86400, 1 day",
        "266400, 3 days 2h"})
    void spansShowTheirTwoLargestParts(long seconds, String shown) {
        assertThat(Times.span(Duration.ofSeconds(seconds))).isEqualTo(shown);
    }
}
