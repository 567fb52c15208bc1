package io.flota.agent.runtime;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.Optional;

/// An [Errand] under way inside a unit. Its streams may each be used by a thread of their own, and block: what is not read
/// is not produced.
public interface Session extends AutoCloseable {
    /// What it reads. Closing it tells that no more comes. Writing fails once nobody reads any more.
    OutputStream input();

    /// What it writes; with a terminal all of it, else what does not go to [#error].
    InputStream output();

    /// Empty with a terminal.
    InputStream error();

    /// What the topmost entry of the tar has to be called that an [Errand.Write] takes; empty: anything.
    default Optional<String> entry() {
        return Optional.empty();
    }

    /// Does nothing without a terminal.
    void resize(Errand.Size size) throws IOException;

    /// Waits for its end, at most so long. What it wrote may still have to be read.
    ///
    /// @return the exit status, or 128 and the number of the signal that ended it; empty if it runs on
    Optional<Integer> await(Duration patience) throws InterruptedException;

    /// Ends what still runs of it, and lets go of the streams. What it has started and sent away, as daemons are, belongs
    /// to the unit and runs on.
    @Override
    void close();
}
