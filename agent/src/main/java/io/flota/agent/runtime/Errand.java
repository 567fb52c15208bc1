package io.flota.agent.runtime;

import com.google.common.collect.ImmutableList;
import java.util.Optional;

/// Something that is to be done inside a unit that runs.
public sealed interface Errand {
    /// Runs a program.
    ///
    /// @param words the program and its arguments, at least one
    /// @param user name or number, as the unit knows them; empty: root
    record Command(ImmutableList<String> words, Optional<String> user, Optional<Terminal> terminal) implements Errand {}

    /// Tells a file or folder as a tar whose topmost entry it is. Of a link, what it leads to.
    ///
    /// @param path from the unit's root on
    record Read(String path) implements Errand {}

    /// Takes a tar with one topmost entry, which goes into the folder of this path, or takes this path itself if there
    /// is no such folder; [Session#entry] says which.
    ///
    /// @param path from the unit's root on
    record Write(String path) implements Errand {}

    /// @param type as `TERM` says it; may be empty
    record Terminal(String type, Size size) {}

    /// Of a terminal, in characters. Zeros: not known.
    record Size(int columns, int rows) {
        private static final int MOST = 0xffff;

        public Size {
            if (columns < 0 || columns > MOST || rows < 0 || rows > MOST) {
                throw new IllegalArgumentException("no terminal has " + columns + " columns and " + rows + " rows");
            }
        }
    }
}
