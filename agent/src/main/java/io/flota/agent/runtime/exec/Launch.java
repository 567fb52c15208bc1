package io.flota.agent.runtime.exec;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;

/// A process as it is to be made: everything looked up, nothing left to expand.
///
/// @param command with all that sets it up in front
/// @param program what it is called in the journal
record Launch(
        ImmutableList<String> command, String program, ImmutableMap<String, String> environment, String folder,
        String umask, ServiceSettings.Streams streams) {

    /// It cannot be made.
    static final class ImpossibleException extends Exception {
        private final int status;

        /// @param status the exit status that systemd would show
        ImpossibleException(int status, String message) {
            super(message);
            this.status = status;
        }

        int status() {
            return status;
        }
    }
}
