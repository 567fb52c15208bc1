package io.flota.agent.runtime.docker;

import java.io.Closeable;
import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Closes streams that nobody reads any more: how that goes matters to none.
final class Quietly {
    private static final Logger LOG = LoggerFactory.getLogger(Quietly.class);

    private Quietly() {}

    static void close(Closeable stream) {
        try {
            stream.close();
        } catch (IOException e) {
            LOG.debug("a stream of docker was not closed because={}", e.toString());
        }
    }
}
