package io.flota.unitctl.command;

import java.util.Comparator;
import java.util.List;

/// What somebody may have meant.
public final class Nearest {
    private Nearest() {}

    /// `; did you mean start?`, or where to look if nothing is near.
    public static String suggestion(String word, List<String> known) {
        int tolerance = Math.max(1, (word.length() + 1) / 3);
        return known.stream()
                .filter(each -> isShortFor(word, each))
                .findFirst()
                .or(() -> known.stream()
                        .filter(each -> distance(word, each) <= tolerance)
                        .min(Comparator.comparingInt(each -> distance(word, each))))
                .map(each -> "; did you mean " + each + "?")
                .orElse("; unitctl help shows what there is");
    }

    /// Whether letters were left out, but not the first: `lsu` for `list-units`.
    private static boolean isShortFor(String word, String known) {
        if (word.length() < 2 || word.charAt(0) != known.charAt(0)) {
            return false;
        }
        int at = 0;
        for (int i = 0; i < known.length() && at < word.length(); i++) {
            at += known.charAt(i) == word.charAt(at) ? 1 : 0;
        }
        return at == word.length();
    }

    /// How many characters must be changed, added or dropped.
    private static int distance(String from, String to) {
        int[] row = new int[to.length() + 1];
        for (int j = 0; j <= to.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= from.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= to.length(); j++) {
                int change = diagonal + (from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(change, Math.min(row[j], row[j - 1]) + 1);
            }
        }
        return row[to.length()];
    }
}
