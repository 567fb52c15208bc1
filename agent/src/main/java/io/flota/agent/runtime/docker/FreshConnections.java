package io.flota.agent.runtime.docker;

import com.github.dockerjava.transport.DockerHttpClient;
import java.io.IOException;

/// Sends a request again whose connection turns out to have ended before: those that wait in the pool do not hear that
/// dockerd was restarted. On a unix socket that is a broken pipe at the first byte, so that nothing was asked yet.
///
/// @param most connections that the pool has
record FreshConnections(DockerHttpClient pool, int most) implements DockerHttpClient {
    @Override
    public Response execute(Request request) {
        for (int stale = 0; ; stale++) {
            try {
                return pool.execute(request);
            } catch (RuntimeException e) {
                if (stale == most || !isBroken(e)) {
                    throw e;
                }
            }
        }
    }

    private static boolean isBroken(Throwable failure) {
        for (var cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof IOException && "Broken pipe".equals(cause.getMessage())) {
                return true;
            }
        }
        return false;
    }

    @Override
    public void close() throws IOException {
        pool.close();
    }
}
