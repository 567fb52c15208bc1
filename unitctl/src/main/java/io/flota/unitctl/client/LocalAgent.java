package io.flota.unitctl.client;

import java.io.IOException;
import java.nio.file.Path;

/// The agent of this machine, by HTTP over its socket.
public final class LocalAgent {
    private final Path socket;

    public LocalAgent(Path socket) {
        this.socket = socket;
    }

    /// @param target path and query, encoded
    /// @throws IOException whose message says what an operator can do
    public SocketHttp.Answer ask(String method, String target) throws IOException {
        try {
            return SocketHttp.ask(socket, method, target);
        } catch (IOException e) {
            throw new IOException("cannot ask this machine's agent at " + socket + ": " + e.getMessage()
                    + "; is flota-agent running? (--socket, FLOTA_AGENT_SOCKET)", e);
        }
    }
}
