package io.flota.agent.runtime.exec;

import io.flota.daemon.IgnoredSignals;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;

/// A test with real processes on a machine of its own.
abstract class MachineTest {
    Units units;

    /// As the agent does, whatever started these tests.
    @BeforeAll
    static void nothingIsIgnored() {
        IgnoredSignals.keepToOurselves();
    }

    @BeforeEach
    void machine() throws Exception {
        units = new Units();
    }

    @AfterEach
    void nothingIsLeft() throws Exception {
        units.close();
    }
}
