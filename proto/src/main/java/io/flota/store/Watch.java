package io.flota.store;

/// A running watch. After [#close] its listener is not called any more.
public interface Watch extends AutoCloseable {
    /// How far the watch is known to have come. It follows the store's revision within seconds even if nothing under
    /// the prefix changes; a watch that stays behind has fallen silent. Not a revision to go on from.
    long revision();

    @Override
    void close();
}
