package io.flota.unitctl.client;

import io.flota.tls.PemFiles;
import java.io.IOException;
import java.util.Optional;
import javax.net.SocketFactory;

/// How to reach a scheduler.
public final class Sockets {
    private Sockets() {}

    /// Plain sockets if there are no files, else TLS.
    ///
    /// @throws IOException whose message names the file that cannot be used, and why
    public static SocketFactory of(Optional<PemFiles> files) throws IOException {
        return files.isEmpty()
                ? SocketFactory.getDefault()
                : files.get().read().context().getSocketFactory();
    }
}
