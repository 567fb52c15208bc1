package io.flota.unit;

import com.google.common.base.Ascii;
import java.util.Collection;
import java.util.Optional;

/// Guesses what was meant by a name that is not known.
public final class NearestName {
    private NearestName() {}

    /// The known name that takes the fewest changes, if they are few enough to be a slip of the pen. Of several, the
    /// first.
    public static Optional<String> of(String name, Collection<String> known) {
        int fewest = Math.max(2, name.length() / 3) + 1;
        Optional<String> nearest = Optional.empty();
        for (var candidate : known) {
            int changes = changes(Ascii.toLowerCase(name), Ascii.toLowerCase(candidate));
            if (changes < fewest) {
                fewest = changes;
                nearest = Optional.of(candidate);
            }
        }
        return nearest;
    }

    /// Levenshtein's distance.
    private static int changes(String from, String to) {
        int[] row = new int[to.length() + 1];
        for (int j = 0; j <= to.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= from.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= to.length(); j++) {
                int replaced = diagonal + (from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(replaced, Math.min(row[j], row[j - 1]) + 1);
            }
        }
        return row[to.length()];
    }
}
