package io.flota.scheduler.valve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ShareTest {
    @ParameterizedTest(name = "{0}: {1} of {2} is too many: {3}")
    @CsvSource({
        "50%, 1, 1, false", "50%, 1, 2, false", "50%, 2, 2, true", "50%, 1, 3, false", "50%, 2, 3, true",
        "50%, 2, 4, false", "50%, 3, 4, true", "50%, 500, 1000, false", "50%, 501, 1000, true",
        "10%, 1, 3, false", "10%, 2, 3, true", "10%, 2, 20, false", "10%, 3, 20, true",
        "99%, 99, 100, false", "99%, 100, 100, true", "off, 100, 100, false"
    })
    void moreThanThatAndAtLeastTwoAreTooMany(String share, int vanished, int machines, boolean tooMany) {
        assertThat(Share.parse(share).isExceededBy(vanished, machines)).isEqualTo(tooMany);
    }

    @Test
    void itIsWrittenAsItIsRead() {
        assertThat(Share.parse("50%")).isEqualTo(Share.HALF).hasToString("50%");
        assertThat(Share.parse("off")).isEqualTo(Share.OFF).hasToString("off");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "0", "0%", "50", "100%", "5.5%", "-1%", "Off", "half"})
    void anythingElseIsRefused(String text) {
        assertThatThrownBy(() -> Share.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("\"" + text + "\" is neither a part of the machines, from 1% to 99%, nor off");
    }
}
