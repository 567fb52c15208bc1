package io.flota.agent.runtime.exec;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/// A test with real processes on a machine of its own.
abstract class MachineTest {
    Units units;

    @BeforeEach
    void machine() throws Exception {
        units = new Units();
    }

    @AfterEach
    void nothingIsLeft() throws Exception {
        units.close();
    }
}
