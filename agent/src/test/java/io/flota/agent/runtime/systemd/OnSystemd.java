package io.flota.agent.runtime.systemd;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;

/// A test whose units run under the systemd of the machine that it runs on. [OnANodeTest] boots one for the purpose.
@EnabledIfEnvironmentVariable(
        named = OnSystemd.ALLOWED,
        matches = "1",
        disabledReason = "makes units of this machine's systemd, as OnANodeTest does on a node of its own")
abstract class OnSystemd {
    static final String ALLOWED = "FLOTA_TEST_ON_THIS_SYSTEMD";

    SystemdMachine machine;

    @BeforeEach
    void open() throws Exception {
        machine = new SystemdMachine();
    }

    @AfterEach
    void close() throws Exception {
        machine.close();
    }
}
