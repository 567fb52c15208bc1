package io.flota.agent.runtime.docker;

import com.google.common.base.CharMatcher;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import com.google.protobuf.ByteString;
import io.flota.agent.runtime.process.UnitKey;
import io.flota.agent.runtime.setting.References;
import io.flota.unit.UnitFile;
import io.flota.unit.UnitFile.Setting;
import io.flota.unit.UnitFileException;
import io.flota.unit.UnitName;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// A unit with a `[Container]` section as a service, which is what the machine's runtime gets: a program that asks the
/// agent for the container, and ends when that does. So all that `[Unit]` and `[Service]` say holds as for any other
/// service, and services and containers depend on each other. (Podman's Quadlet turns such files into services, too.)
///
/// Each line stays where it is, so that complaints about the service name the lines of the unit's own file.
final class ContainerService {
    private static final String SERVICE = "Service";
    /// How long the runtime waits for a stop: so much longer than Docker does.
    private static final Duration MARGIN = Duration.ofSeconds(30);
    private static final Duration DOCKERS_STOP_TIMEOUT = Duration.ofSeconds(10);
    private static final Duration SYSTEMDS_STOP_TIMEOUT = Duration.ofSeconds(90);
    /// Those to which [#added] adds commands: an empty one would take them away.
    private static final ImmutableSet<String> OURS =
            ImmutableSet.of("ExecStartPre", "ExecStartPost", "ExecStop", "ExecStopPost");

    private ContainerService() {}

    /// Whether a file describes a container.
    static boolean isContainer(UnitFile file) {
        return file.settings().stream().anyMatch(setting -> setting.section().equals(ContainerReader.SECTION));
    }

    /// @param root the folder of [Asks]
    static UnitFile of(UnitName unit, UnitFile file, ContainerSettings settings, Path root) {
        List<String> lines = References.toServices(file).lines().collect(Collectors.toList());
        var after = file.all(SERVICE, "ExecStartPost");
        after.forEach(setting -> References.change(lines, setting, ContainerService::commented));
        lines.replaceAll(ContainerService::hidden);
        var text = String.join("\n", lines) + "\n\n" + added(unit, file, settings, root, after);
        try {
            return UnitFile.parse(unit.full(), ByteString.copyFromUtf8(text));
        } catch (UnitFileException e) {
            throw new IllegalStateException("a file that can be read became one that cannot: " + e.getMessage(), e);
        }
    }

    /// What is wrong with a file for this; empty if nothing is.
    static ImmutableList<String> problems(UnitName unit, UnitFile file) {
        var problems = new TreeSet<String>();
        for (var setting : file.settings()) {
            if (setting.section().equals(SERVICE) && OURS.contains(setting.key()) && setting.value().isEmpty()) {
                problems.add(unit + ":" + setting.line() + ": an empty " + setting.key()
                        + "= would take away what ends the container. Leave it out.");
            }
        }
        return ImmutableList.copyOf(problems);
    }

    /// systemd passes over sections whose names begin so.
    private static String hidden(String line) {
        boolean header = CharMatcher.whitespace().trimFrom(line).equals("[" + ContainerReader.SECTION + "]");
        return header ? "[X-" + ContainerReader.SECTION + "]" : line;
    }

    /// A comment must not seem to go on.
    private static String commented(String line) {
        return "# " + CharMatcher.is('\\').trimTrailingFrom(line);
    }

    private static String added(
            UnitName unit, UnitFile file, ContainerSettings settings, Path root, ImmutableList<Setting> after) {
        var key = UnitKey.of(unit);
        boolean oneshot = file.last(SERVICE, "Type").filter("oneshot"::equals).isPresent();
        var text = new StringBuilder("# What Flota adds.\n[Service]\n");
        if (isUnset(file, "TimeoutStartSec", "TimeoutSec")) {
            text.append("TimeoutStartSec=infinity\n"); // an image may be long in coming
        }
        if (isUnset(file, "TimeoutStopSec", "TimeoutSec")) {
            text.append("TimeoutStopSec=").append(stopTimeout(settings).toSeconds()).append("\n");
        }
        text.append("Type=").append(oneshot ? "oneshot" : "simple").append('\n');
        text.append("ExecStartPre=").append(Asks.command(root, key, Ask.Verb.IMAGE)).append('\n');
        text.append("ExecStart=").append(Asks.command(root, key, Ask.Verb.RUN)).append('\n');
        if (!oneshot) {
            text.append("ExecStartPost=").append(Asks.command(root, key, Ask.Verb.READY)).append('\n');
        }
        after.forEach(setting -> text.append("ExecStartPost=").append(setting.value()).append('\n'));
        text.append("ExecStop=").append(Asks.command(root, key, Ask.Verb.STOP)).append('\n');
        text.append("ExecStopPost=").append(Asks.command(root, key, Ask.Verb.CLEAR)).append('\n');
        return text.toString();
    }

    private static boolean isUnset(UnitFile file, String... keys) {
        return Stream.of(keys)
                .allMatch(key -> file.last(SERVICE, key).filter(value -> !value.isEmpty()).isEmpty());
    }

    private static Duration stopTimeout(ContainerSettings settings) {
        var own = settings.program().stopTimeout().orElse(DOCKERS_STOP_TIMEOUT).plus(MARGIN);
        return own.compareTo(SYSTEMDS_STOP_TIMEOUT) > 0 ? own : SYSTEMDS_STOP_TIMEOUT;
    }
}
