package io.flota.unitctl.client;

import java.util.List;
import javax.net.ssl.SSLException;

/// No scheduler could be reached; nothing was sent.
public final class UnreachableException extends ClusterException {
    /// @param failures for each endpoint that was tried, `host:port: why`
    UnreachableException(List<String> failures, Throwable cause) {
        super(
                "cannot reach a scheduler at " + String.join("; at ", failures)
                        + (cause instanceof SSLException
                                ? " (--ca-file, --cert-file, --key-file)"
                                : "; is flota-scheduler running? (--endpoint, UNITCTL_ENDPOINT)"),
                cause);
    }
}
