package io.flota.daemon.fleet;

import com.google.common.base.CharMatcher;
import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSortedMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;

/// The text of a `fleet.conf`, read by the rules of fleet's own reader: keys in any case, the last of several counts,
/// what follows a `[section]` is not fleet's, a backslash at the end of a line joins it with the next, comment or not.
///
/// @param settings by key, in lower case
/// @param problems each as `line: what`; fleet refused the whole file for one
record FleetIni(ImmutableSortedMap<String, Setting> settings, ImmutableList<String> problems) {
    /// @param line where it begins, from 1 on
    record Setting(String value, int line) {}

    private static final Pattern LINE_END = Pattern.compile("\r?\n");
    private static final CharMatcher BLANK = CharMatcher.whitespace();
    private static final String KEY = "([^= \t]+)[ \t]*=[ \t]*";
    /// What is quoted and nothing behind it, as it stands; else what goes up to a comment, quotes included.
    private static final List<Pattern> QUOTED =
            List.of(Pattern.compile(KEY + "\"([^\"]*)\""), Pattern.compile(KEY + "'([^']*)'"));
    private static final Pattern BARE = Pattern.compile(KEY + "([^#;]*).*", Pattern.DOTALL);

    static FleetIni parse(String text) {
        var settings = new TreeMap<String, Setting>();
        var problems = ImmutableList.<String>builder();
        var lines = Splitter.on(LINE_END).splitToList(text.replaceFirst("\r?\n\\z", ""));
        boolean ours = true;
        for (int at = 0; at < lines.size(); at++) {
            int first = at + 1;
            var line = BLANK.trimFrom(lines.get(at));
            while (line.endsWith("\\") && at + 1 < lines.size()) {
                line = line.substring(0, line.length() - 1) + BLANK.trimFrom(lines.get(++at));
            }
            if (line.endsWith("\\")) {
                problems.add(first + ": a backslash at its end joins it with the next line, and there is none");
            } else if (line.startsWith("[") && line.endsWith("]")) {
                ours = BLANK.trimFrom(line.substring(1, line.length() - 1)).isEmpty();
                if (ours) {
                    settings.clear(); // "[]" is where we are from the start; whatever section is named again begins anew
                }
            } else if (!isNothing(line)) {
                var setting = assignment(line, first);
                if (setting.isEmpty()) {
                    problems.add(first + ": this line is neither KEY=VALUE nor a comment"); // it may hold a secret
                } else if (ours) {
                    settings.put(setting.get().getKey().toLowerCase(Locale.ROOT), setting.get().getValue());
                }
            }
        }
        return new FleetIni(ImmutableSortedMap.copyOf(settings), problems.build());
    }

    private static boolean isNothing(String line) {
        return line.isEmpty() || line.startsWith("#") || line.startsWith(";");
    }

    private static Optional<Map.Entry<String, Setting>> assignment(String line, int number) {
        for (var form : QUOTED) {
            var match = form.matcher(line);
            if (match.matches()) {
                return Optional.of(Map.entry(match.group(1), new Setting(match.group(2), number)));
            }
        }
        var bare = BARE.matcher(line);
        return bare.matches()
                ? Optional.of(Map.entry(bare.group(1), new Setting(BLANK.trimFrom(bare.group(2)), number)))
                : Optional.empty();
    }
}
