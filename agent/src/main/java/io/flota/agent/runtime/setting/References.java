package io.flota.agent.runtime.setting;

import com.google.common.base.CharMatcher;
import io.flota.unit.UnitFile;
import io.flota.unit.UnitFile.Setting;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// How unit files name other units. A container is a service; its file's name means that, too, as in Podman's Quadlet.
public final class References {
    private static final Pattern CONTAINER = Pattern.compile("\\.container(?=\\s|\\\\|$)");

    private References() {}

    /// The text of a file, each line in its place, in which `[Unit]` names containers as the services that they are.
    public static String toServices(UnitFile file) {
        var text = file.bytes().toStringUtf8();
        if (!text.contains(".container")) {
            return text;
        }
        List<String> lines = text.lines().collect(Collectors.toList());
        file.settings().stream()
                .filter(setting -> setting.section().equals("Unit") && !setting.key().equals("Description"))
                .forEach(setting -> change(lines, setting, line -> CONTAINER.matcher(line).replaceAll(".service")));
        return String.join("\n", lines) + "\n";
    }

    /// Changes all lines of a setting.
    public static void change(List<String> lines, Setting setting, UnaryOperator<String> change) {
        boolean goesOn = true;
        for (int at = setting.line() - 1; goesOn && at < lines.size(); at++) {
            var line = lines.get(at);
            int backslashes = line.length() - CharMatcher.is('\\').trimTrailingFrom(line).length();
            goesOn = backslashes % 2 == 1;
            lines.set(at, change.apply(line));
        }
    }
}
