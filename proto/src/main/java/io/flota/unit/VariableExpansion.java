package io.flota.unit;

import com.google.common.collect.ImmutableList;
import java.util.List;
import java.util.Map;

/// Environment variables in command lines, by systemd's rules, which are not a shell's.
///
/// `$FOO` as a word of its own becomes the words of the value, none if it is empty or not set. `${FOO}` anywhere
/// becomes the value as it is. `$$` becomes `$`. Any other `$` stays.
public final class VariableExpansion {
    private VariableExpansion() {}

    public static ImmutableList<String> expand(List<String> words, Map<String, String> variables) {
        var expanded = ImmutableList.<String>builder();
        for (var word : words) {
            if (word.startsWith("$") && !word.startsWith("${") && !word.startsWith("$$")) {
                expanded.addAll(Words.splitVariable(variables.getOrDefault(word.substring(1), "")));
            } else {
                expanded.add(expandWithin(word, variables));
            }
        }
        return expanded.build();
    }

    /// `${FOO}` and `$$` of one word.
    static String expandWithin(String word, Map<String, String> variables) {
        var expanded = new StringBuilder();
        int at = 0;
        for (int dollar = word.indexOf('$'); dollar >= 0; dollar = word.indexOf('$', at)) {
            expanded.append(word, at, dollar);
            int close = word.startsWith("${", dollar) ? word.indexOf('}', dollar) : -1;
            if (close >= 0) {
                expanded.append(variables.getOrDefault(word.substring(dollar + 2, close), ""));
                at = close + 1;
            } else {
                expanded.append('$');
                at = dollar + (word.startsWith("$$", dollar) ? 2 : 1);
            }
        }
        return expanded.append(word, at, word.length()).toString();
    }
}
