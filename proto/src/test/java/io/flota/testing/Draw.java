package io.flota.testing;

import java.util.List;
import java.util.Random;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// Small things drawn by lot.
public final class Draw {
    private static final String NAME_CHARACTERS = "abcxyzABC0189:-_.\\";

    private Draw() {}

    @SafeVarargs
    public static <T> T oneOf(Random random, T... choices) {
        return choices[random.nextInt(choices.length)];
    }

    public static <T> T oneOf(Random random, List<T> choices) {
        return choices.get(random.nextInt(choices.size()));
    }

    /// A text of fewer than `limit` pieces.
    public static String text(Random random, int limit, Supplier<String> piece) {
        return IntStream.range(0, random.nextInt(limit)).mapToObj(_ -> piece.get()).collect(Collectors.joining());
    }

    /// A text of fewer than `limit` of these characters.
    public static String text(Random random, int limit, String characters) {
        return text(random, limit, () -> String.valueOf(characters.charAt(random.nextInt(characters.length()))));
    }

    /// A legal name of a unit, template or instance.
    public static String unitName(Random random) {
        String prefix = oneOf(random, "a", "web", "-", "0", ".", "\\x2d") + text(random, 12, NAME_CHARACTERS);
        boolean at = random.nextBoolean();
        String stem = at ? prefix + "@" + text(random, 8, NAME_CHARACTERS + "@") : prefix;
        return stem + "." + (at
                ? oneOf(random, "service", "timer", "socket", "path", "target")
                : oneOf(random, "service", "mount", "slice", "swap", "device", "busname", "snapshot", "scope"));
    }

    /// What nearly is a legal name.
    public static String malformedUnitName(Random random) {
        String name = unitName(random);
        int dot = name.lastIndexOf('.');
        String stem = name.substring(0, dot);
        String type = name.substring(dot + 1);
        int at = random.nextInt(stem.length() + 1);
        return switch (random.nextInt(8)) {
            case 0 -> "";
            case 1 -> name.replace(".", "");
            case 2 -> name + ".";
            case 3 -> stem + "." + oneOf(random, "Service", "servic", "services", "conf", "1", " service", "service ");
            case 4 -> stem.replace("@", "") + "@x." + oneOf(random, "mount", "slice", "device", "swap", "automount");
            case 5 -> stem.substring(0, at)
                    + oneOf(random, " ", "/", "\n", "\0", "é", "\ud83d\ude00", "!", "*", "[", "%", "+", ",", "=", "\"")
                    + stem.substring(at) + "." + type;
            case 6 -> "@" + stem.replace("@", "") + ".service";
            default -> "x".repeat(257 - type.length() - 1) + "." + type;
        };
    }
}
