package io.flota.agent.runtime.exec;

import io.flota.agent.runtime.process.Signal;
import java.util.Locale;

/// How a process ended.
sealed interface Exit {
    record Code(int status) implements Exit {
        @Override
        public String toString() {
            return "code=exited, status=" + ExitStatus.words(status);
        }
    }

    record Killed(Signal signal) implements Exit {
        @Override
        public String toString() {
            return "code=killed, status=" + signal.number() + "/" + signal.name();
        }
    }

    /// It is gone, and nobody saw how: it was no child of its shim, or the shim is gone too.
    record Unseen() implements Exit {
        @Override
        public String toString() {
            return "code=unknown";
        }
    }

    /// `$EXIT_CODE` of the stop commands.
    default String codeWord() {
        return switch (this) {
            case Code _ -> "exited";
            case Killed _ -> "killed";
            case Unseen _ -> "unknown";
        };
    }

    /// `$EXIT_STATUS` of the stop commands.
    default String statusWord() {
        return switch (this) {
            case Code(int status) -> Integer.toString(status);
            case Killed(Signal signal) -> signal.name().toUpperCase(Locale.ROOT);
            case Unseen _ -> "";
        };
    }
}
