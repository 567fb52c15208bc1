package io.flota.testing;

import com.google.common.collect.ImmutableList;
import com.google.protobuf.ByteString;
import io.flota.unit.UnitFile;
import io.flota.unit.UnitFile.Setting;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/// Well-formed unit files drawn by lot, in all the ways to write them.
public final class UnitFiles {
    private static final String VALUE_CHARACTERS = "ab1 \t=#;[]\"'%${}-/\\.é€";

    private UnitFiles() {}

    /// A file and what is in it.
    public record Written(ByteString bytes, ImmutableList<Setting> settings) {}

    /// Any keys and values, continued lines, comments between them, all line ends.
    public static Written any(Random random) {
        var text = new StringBuilder(random.nextInt(10) == 0 ? "\ufeff" : "");
        var settings = ImmutableList.<Setting>builder();
        String end = Draw.oneOf(random, "\n", "\n", "\r\n", "\r");
        String section = "";
        int line = 1;
        for (int i = random.nextInt(20); i > 0; i--) {
            var written = new ArrayList<String>();
            int kind = random.nextInt(section.isEmpty() ? 4 : 10);
            if (kind < 2) {
                written.add(Draw.text(random, 3, " \t") + Draw.oneOf(random, "", "# key=value", ";", "#[", "#é"));
            } else if (kind < 4) {
                section = Draw.oneOf(random, "Unit", "Service", "X-Fleet", "A b", "é");
                written.add(Draw.text(random, 3, " \t") + "[" + section + "]" + Draw.text(random, 3, " \t"));
            } else {
                settings.add(setting(random, section, line, written));
            }
            written.forEach(one -> text.append(one).append(end));
            line += written.size();
        }
        return new Written(ByteString.copyFromUtf8(text.toString()), settings.build());
    }

    /// Draws a setting and writes it in one or more lines.
    private static Setting setting(Random random, String section, int line, List<String> lines) {
        String key = Draw.oneOf(random, "Description", "ExecStart", "X-Key", "a-b", "clé", "k\\");
        var value = new StringBuilder();
        var written = new StringBuilder(Draw.text(random, 3, " \t") + key + Draw.oneOf(random, "=", " = ", "\t="));
        for (boolean more = true; more; ) {
            String part = Draw.text(random, 12, VALUE_CHARACTERS);
            more = random.nextInt(4) == 0;
            boolean comment = written.isEmpty() && part.strip().matches("(?s)[#;].*");
            part = (comment ? "x" : "") + part + (endsOpen(written + part) ? "." : "");
            value.append(part).append(more ? " " : "");
            lines.add(written + part + (more ? "\\" : ""));
            written.setLength(0);
            if (more && random.nextInt(4) == 0) {
                lines.add(Draw.oneOf(random, "# a comment in between \\", " ;k=v"));
            }
        }
        return new Setting(section, key, trimmed(value.toString()), line);
    }

    private static boolean endsOpen(String text) {
        return text.endsWith("\\");
    }

    /// systemd trims no more than this.
    private static String trimmed(String value) {
        return value.replaceAll("^[ \t]+|[ \t]+$", "");
    }

    /// A service as operators write it, for the name `name`, to be spoiled: each entry is one or more whole lines.
    static List<String> service(Random random) {
        var entries = new ArrayList<String>();
        entries.add("[Unit]");
        entries.add("Description=" + Draw.oneOf(random, "A page", "Das Café", "%n on %H", "\"quoted\""));
        if (random.nextBoolean()) {
            entries.add("After=network.target docker.service");
            entries.add("# started by hand, so no Wants=");
        }
        entries.add("");
        entries.add("[Service]");
        if (random.nextBoolean()) {
            entries.add("EnvironmentFile=-/etc/environment");
            entries.add("TimeoutStartSec=0");
        }
        entries.add("ExecStart=/usr/bin/env sh -c \\\n  'while :; do sleep " + (1 + random.nextInt(9)) + "; done'");
        entries.add("Restart=" + Draw.oneOf(random, "always", "no", "on-failure"));
        return entries;
    }

    static ByteString bytes(List<String> entries) {
        return ByteString.copyFrom(String.join("\n", entries) + "\n", StandardCharsets.UTF_8);
    }

    /// Whether two files say the same, wherever they say it.
    public static List<String> content(UnitFile file) {
        return file.settings().stream()
                .map(setting -> setting.section() + "|" + setting.key() + "|" + setting.value())
                .toList();
    }
}
