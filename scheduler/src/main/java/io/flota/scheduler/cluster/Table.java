package io.flota.scheduler.cluster;

import com.google.common.collect.ImmutableSortedMap;
import java.util.TreeMap;

/// An immutable map that is copied when it is first edited.
final class Table<K extends Comparable<K>, V> {
    private final ImmutableSortedMap<K, V> before;
    private TreeMap<K, V> edited;

    Table(ImmutableSortedMap<K, V> before) {
        this.before = before;
    }

    TreeMap<K, V> edited() {
        if (edited == null) {
            edited = new TreeMap<>(before);
        }
        return edited;
    }

    ImmutableSortedMap<K, V> result() {
        return edited == null ? before : ImmutableSortedMap.copyOfSorted(edited);
    }
}
