package io.flota.unitctl.command;

import io.flota.unit.NearestName;
import java.util.List;

/// What somebody may have meant.
public final class Nearest {
    private Nearest() {}

    /// `; did you mean start?`, or where to look if nothing is near.
    public static String suggestion(String word, List<String> known) {
        return known.stream()
                .filter(each -> isShortFor(word, each))
                .findFirst()
                .or(() -> NearestName.of(word, known))
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
}
