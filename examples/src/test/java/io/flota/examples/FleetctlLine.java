package io.flota.examples;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// One of fleetctl's command lines, and what fleetctl does with it.
///
/// @param environment variables that stand before it
/// @param out its standard output, lines sorted and what changes replaced by names; `*` is any text
/// @param note in what ours is to be another, and why; empty: in nothing
record FleetctlLine(
        String text, Map<String, String> environment, List<String> words, int status, String out, String note) {
    private static final Pattern ANY = Pattern.compile("\\*");
    private static final Pattern STATUS = Pattern.compile("exit status (\\d+)");

    /// @param line as `fleetctl.txt` has it
    static FleetctlLine parse(String line) {
        var parts = Arrays.stream(line.split("\\|", -1)).map(String::strip).toList();
        var environment = new TreeMap<String, String>();
        var words = new ArrayList<>(
                Arrays.stream(parts.getFirst().split(" +")).filter(word -> !word.isEmpty()).toList());
        while (!words.isEmpty() && words.getFirst().matches("FLEETCTL_[A-Z_]+=.*")) {
            String[] variable = words.removeFirst().split("=", 2);
            environment.put(variable[0], variable[1]);
        }
        if (!environment.isEmpty()) {
            words.removeFirst(); // "fleetctl"
        }
        String out = parts.get(2).replace("\\n", "\n");
        return new FleetctlLine(
                parts.getFirst(), environment, List.copyOf(words), Integer.parseInt(parts.get(1)), sorted(out),
                parts.size() > 3 ? parts.get(3) : "");
    }

    /// Whether a program that ends so does as fleetctl does.
    boolean isLike(int otherStatus, String otherOut) {
        return otherStatus == status
                && Pattern.compile(
                                Arrays.stream(ANY.split(out, -1)).map(Pattern::quote).collect(Collectors.joining(".*")),
                                Pattern.DOTALL)
                        .matcher(otherOut)
                        .matches();
    }

    /// Whether ours does with it what the note says, or the same as fleetctl. A note that names no exit status is of
    /// something that is done.
    boolean isAsNoted(int ownStatus, String ownOut) {
        if (note.isEmpty()) {
            return isLike(ownStatus, ownOut);
        }
        var noted = STATUS.matcher(note);
        return ownStatus == (noted.find() ? Integer.parseInt(noted.group(1)) : 0);
    }

    /// Output without what is another in each cluster: blanks, ids, addresses, hashes, and the order of lines.
    static String plain(String out) {
        String plain = out.replaceAll("[0-9a-f]{8}\\.\\.\\./127[0-9.]+", "<machine>")
                .replaceAll("[0-9a-f]{8}\\.\\.\\.", "<short>")
                .replaceAll("\\b[0-9a-f]{32}\\b", "<id>")
                .replaceAll("\\b[0-9a-f]{7}\\b|\\b[0-9a-f]{40,64}\\b", "<hash>")
                .replaceAll("\\b127\\.[0-9.]+", "<ip>")
                .replaceAll("since .* ago", "since …")
                .replaceAll("(?m)^[A-Z][a-z]{2} [ 0-9:]{11} [0-9a-f]{8} \\S+\\[[0-9]+\\]: ", "")
                .replaceAll("[ \t]+", " ");
        return sorted(plain);
    }

    private static String sorted(String text) {
        return text.lines()
                .map(String::strip)
                .filter(line -> !line.isEmpty())
                .sorted()
                .collect(Collectors.joining("\n"));
    }

    /// Of the table that operators read.
    String row(int ownStatus, String ownOut) {
        String verdict = note.isEmpty() ? "same" : note;
        String line = environment.isEmpty() ? ("fleetctl " + text).strip() : text;
        return "| `" + line + "` | " + ownStatus + " | " + cell(ownOut) + " | " + verdict + " |";
    }

    /// The first line, as far as a table takes it.
    private String cell(String ownOut) {
        if (ownOut.isEmpty() || out.equals("*")) {
            return "";
        }
        var lines = ownOut.lines().toList();
        String first = lines.getFirst()
                .replace("<short>", "85c0c595...")
                .replace("<machine>", "85c0c595.../10.0.0.1")
                .replace("<ip>", "10.0.0.1")
                .replace("<hash>", "245083a")
                .replace("<id>", "85c0c595" + "0".repeat(24));
        return "`" + first + (lines.size() > 1 ? "` …" : "`");
    }
}
