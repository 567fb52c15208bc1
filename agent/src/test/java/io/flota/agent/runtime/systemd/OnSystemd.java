package io.flota.agent.runtime.systemd;

import io.flota.daemon.IgnoredSignals;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;

/// A test whose units run under the systemd of the machine that it runs on. [OnANodeTest] boots one for the purpose.
@ExtendWith(OnSystemd.Consent.class)
abstract class OnSystemd {
    static final String ALLOWED = "FLOTA_TEST_ON_THIS_SYSTEMD";

    /// As the annotations for that are not inherited, and one that is forgotten does harm.
    static final class Consent implements ExecutionCondition {
        @Override
        public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
            return "1".equals(System.getenv(ALLOWED))
                    ? ConditionEvaluationResult.enabled("the machine is there for that")
                    : ConditionEvaluationResult.disabled(
                            "makes units of this machine's systemd, as OnANodeTest does on a node of its own");
        }
    }

    /// How systemd is reached, and whose it is: the next two; else the machine's, as an agent of this user does.
    static final String BUS = "FLOTA_TEST_BUS";

    static final String OVER_THE_BUS = "system";
    static final String OF_USER = "user";
    /// A folder that this user may write.
    static final String FOLDER = "FLOTA_TEST_FOLDER";

    SystemdMachine machine;

    /// As the agent does, whatever started these tests.
    @BeforeAll
    static void nothingIsIgnored() {
        IgnoredSignals.keepToOurselves();
    }

    @BeforeEach
    void open() throws Exception {
        machine = new SystemdMachine();
    }

    @AfterEach
    void close() throws Exception {
        machine.close();
    }
}
