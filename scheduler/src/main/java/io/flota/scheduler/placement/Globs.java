package io.flota.scheduler.placement;

import io.flota.unit.Glob;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;

/// Patterns, numbered, found by the names that match them. A pattern is looked up by the text before its first
/// special character, so that a name meets only patterns that begin as it does.
final class Globs {
    private final List<Glob> globs = new ArrayList<>();
    private final Map<Glob, Integer> numbers = new LinkedHashMap<>();
    private final Map<String, List<Integer>> byPrefix = new LinkedHashMap<>();
    private final BitSet prefixLengths = new BitSet();
    private final Map<String, int[]> matchesByName = new LinkedHashMap<>();

    int size() {
        return globs.size();
    }

    Glob get(int number) {
        return globs.get(number);
    }

    /// @return the pattern's number, the same for the same pattern
    int add(Glob glob) {
        var known = numbers.putIfAbsent(glob, globs.size());
        if (known != null) {
            return known;
        }
        matchesByName.clear();
        globs.add(glob);
        var prefix = glob.literalPrefix();
        prefixLengths.set(prefix.length());
        byPrefix.computeIfAbsent(prefix, _ -> new ArrayList<>()).add(globs.size() - 1);
        return globs.size() - 1;
    }

    /// The numbers of all patterns that match a name.
    int[] matching(String name) {
        return matchesByName.computeIfAbsent(name, this::match);
    }

    private int[] match(String name) {
        var found = new ArrayList<Integer>();
        for (int length = prefixLengths.nextSetBit(0);
                length >= 0 && length <= name.length();
                length = prefixLengths.nextSetBit(length + 1)) {
            for (int number : byPrefix.getOrDefault(name.substring(0, length), List.of())) {
                if (globs.get(number).matches(name)) {
                    found.add(number);
                }
            }
        }
        return found.stream().mapToInt(Integer::intValue).toArray();
    }

    /// Of things by name those whose name matches, in the map's order.
    static <V> Collection<V> select(Glob glob, NavigableMap<String, V> byName) {
        var prefix = glob.literalPrefix();
        return byName.tailMap(prefix, true).entrySet().stream()
                .takeWhile(entry -> entry.getKey().startsWith(prefix))
                .filter(entry -> glob.matches(entry.getKey()))
                .map(Map.Entry::getValue)
                .toList();
    }
}
