package io.flota.unitctl.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WordsTest {
    @ParameterizedTest(name = "{0}")
    @CsvSource(textBlock = """
            start web@1,                        start,      web@1
            --endpoint a:1 start web@1,         start,      --endpoint a:1 web@1
            --endpoint=a:1 start web@1,         start,      --endpoint=a:1 web@1
            -o json list-units,                 list-units, -o json
            --debug list-units --full,          list-units, --debug --full
            start --endpoint start web@1,       start,      --endpoint start web@1
            """)
    void flagsMayStandBeforeTheCommand(String line, String command, String others) {
        assertThat(Words.of(List.of(line.split(" "))))
                .isEqualTo(new Words(java.util.Optional.of(command), List.of(others.split(" "))));
    }
}
