package io.flota.unitctl.command;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// A command line, taken apart just so far that the command is known: flags may stand before it, too.
///
/// @param command the first word that is neither a flag nor the value of one
/// @param others all other words, in their order
public record Words(Optional<String> command, List<String> others) {
    public static Words of(List<String> arguments) {
        for (int i = 0; i < arguments.size(); i++) {
            String word = arguments.get(i);
            if (!word.startsWith("-")) {
                var others = new ArrayList<>(arguments);
                others.remove(i);
                return new Words(Optional.of(word), others);
            }
            if (Flags.GLOBAL_WITH_VALUE.contains(word)) {
                i++;
            }
        }
        return new Words(Optional.empty(), arguments);
    }

    public boolean has(String flag) {
        return others.contains(flag);
    }
}
