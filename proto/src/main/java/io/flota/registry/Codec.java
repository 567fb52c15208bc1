package io.flota.registry;

import io.flota.store.Entry;
import java.util.Optional;

/// Between the registry's keys and values as bytes and the domain's records.
public final class Codec {
    private final Keys keys;

    public Codec(Keys keys) {
        this.keys = keys;
    }

    /// The fact that an entry holds; empty if its key is none of ours or its value cannot be read (which is logged).
    public Optional<Fact> decode(Entry entry) {
        throw new IllegalStateException("not implemented " + keys + entry);
    }
}
