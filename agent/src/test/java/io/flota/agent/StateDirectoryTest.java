package io.flota.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StateDirectoryTest {
    @TempDir
    Path folder;

    @Test
    void twoAgentsDoNotShareAStateDirectory() throws Exception {
        var path = folder.resolve("deep/state");
        try (var first = StateDirectory.lock(path)) {
            assertThat(first.path()).isEqualTo(path);
            assertThatThrownBy(() -> StateDirectory.lock(path))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("another agent uses the state folder " + path);
        }
        StateDirectory.lock(path).close();
    }

    @Test
    void aFileInTheWayIsNamed() throws Exception {
        var file = Files.createFile(folder.resolve("file"));

        assertThatThrownBy(() -> StateDirectory.lock(file.resolve("state")))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("cannot write to the state folder " + file.resolve("state"));
    }
}
