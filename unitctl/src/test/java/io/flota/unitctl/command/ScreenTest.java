package io.flota.unitctl.command;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ScreenTest {
    @Test
    void aLineIsAsWideAsTheTerminalAtMost() {
        assertThat(Screen.clipped("abc\tdef", 80)).isEqualTo("abc     def");
        assertThat(Screen.clipped("abc\tdef", 9)).isEqualTo("abc     d");
        assertThat(Screen.clipped("abc\tdef", 5)).isEqualTo("abc  ");
        assertThat(Screen.clipped("abcdef", 3)).isEqualTo("abc");
    }

    @Test
    void coloursTakeNoRoomAndEndThoughTheTextIsCut() {
        assertThat(Screen.clipped("\u001b[32mabc\u001b[0m\tx", 9)).isEqualTo("\u001b[32mabc\u001b[0m     x");
        assertThat(Screen.clipped("\u001b[1;31mabcdef\u001b[0m", 2)).isEqualTo("\u001b[1;31mab\u001b[0m");
    }
}
