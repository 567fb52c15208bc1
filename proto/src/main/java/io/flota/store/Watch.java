package io.flota.store;

/// A running watch. After [#close] its listener is not called any more.
public interface Watch extends AutoCloseable {
    @Override
    void close();
}
