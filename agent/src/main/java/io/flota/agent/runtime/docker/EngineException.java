package io.flota.agent.runtime.docker;

/// Docker did not do what it was asked for. The message is one line for an operator.
abstract sealed class EngineException extends Exception permits EngineAwayException, EngineRefusedException {
    EngineException(String message, Throwable cause) {
        super(message, cause);
    }
}
