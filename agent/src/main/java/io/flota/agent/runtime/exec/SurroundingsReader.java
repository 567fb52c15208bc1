package io.flota.agent.runtime.exec;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableListMultimap;
import com.google.common.collect.ImmutableMap;
import io.flota.agent.runtime.exec.ServiceSettings.Folder;
import io.flota.agent.runtime.exec.ServiceSettings.Sink;
import io.flota.agent.runtime.exec.ServiceSettings.Streams;
import io.flota.agent.runtime.exec.ServiceSettings.Surroundings;
import io.flota.agent.runtime.exec.ServiceSettings.Variables;
import io.flota.agent.runtime.setting.CgroupLimits;
import io.flota.agent.runtime.setting.EnvironmentSource;
import io.flota.agent.runtime.setting.SettingReader;
import io.flota.unit.BooleanValue;
import io.flota.unit.ByteSize;
import io.flota.unit.TimeSpan;
import io.flota.unit.Words;
import java.util.ArrayList;

/// Reads what `[Service]` says about the world of its processes.
final class SurroundingsReader {
    /// prlimit's name for each `Limit…=`.
    private static final ImmutableMap<String, String> RESOURCES = ImmutableMap.<String, String>builder()
            .put("LimitCPU", "cpu")
            .put("LimitFSIZE", "fsize")
            .put("LimitDATA", "data")
            .put("LimitSTACK", "stack")
            .put("LimitCORE", "core")
            .put("LimitRSS", "rss")
            .put("LimitNOFILE", "nofile")
            .put("LimitAS", "as")
            .put("LimitNPROC", "nproc")
            .put("LimitMEMLOCK", "memlock")
            .put("LimitLOCKS", "locks")
            .put("LimitSIGPENDING", "sigpending")
            .put("LimitMSGQUEUE", "msgqueue")
            .put("LimitNICE", "nice")
            .put("LimitRTPRIO", "rtprio")
            .buildOrThrow();
    private static final ImmutableMap<String, String> FOLDERS = ImmutableMap.of(
            "RuntimeDirectory", "/run",
            "StateDirectory", "/var/lib",
            "CacheDirectory", "/var/cache",
            "LogsDirectory", "/var/log",
            "ConfigurationDirectory", "/etc");

    private final SettingReader reader;

    SurroundingsReader(SettingReader reader) {
        this.reader = reader;
    }

    Surroundings read() {
        reader.service("StandardInput", value -> {
            if (!value.equals("null")) {
                reader.unheld("StandardInput=" + value);
            }
            return value;
        });
        return new Surroundings(
                reader.service("User", reader::expand),
                reader.service("Group", reader::expand),
                reader.service("WorkingDirectory", this::folder),
                reader.service("UMask", SurroundingsReader::umask).orElse("0022"),
                variables(), streams(), CgroupLimits.read(reader), prefix(),
                reader.service("NoNewPrivileges", BooleanValue::parse).orElse(false),
                folders());
    }

    private Folder folder(String value) {
        boolean mayMiss = value.startsWith("-");
        var path = reader.expand(mayMiss ? value.substring(1) : value);
        if (!path.startsWith("/") && !path.equals("~")) {
            throw new IllegalArgumentException("is not an absolute path");
        }
        return new Folder(path, mayMiss);
    }

    private static String umask(String value) {
        if (!value.matches("[0-7]{1,4}")) {
            throw new IllegalArgumentException("is not an octal number such as 0022");
        }
        return value;
    }

    private Variables variables() {
        return new Variables(
                EnvironmentSource.assignments(reader, "Service"), EnvironmentSource.files(reader, "Service"),
                reader.list("PassEnvironment", Words::split),
                reader.list("UnsetEnvironment", Words::split));
    }

    private Streams streams() {
        var output = reader.service("StandardOutput", this::sink).orElse(new Sink.Journal());
        var inherited = output instanceof Sink.Inherit ? new Sink.Journal() : output;
        return new Streams(inherited, reader.service("StandardError", this::sink).orElse(new Sink.Inherit()));
    }

    private Sink sink(String value) {
        if (value.startsWith("file:") || value.startsWith("append:") || value.startsWith("truncate:")) {
            var path = reader.expand(value.substring(value.indexOf(':') + 1));
            if (!path.startsWith("/")) {
                throw new IllegalArgumentException("is not an absolute path");
            }
            return new Sink.File(path, !value.startsWith("truncate:"));
        }
        return switch (value) {
            case "null" -> new Sink.Null();
            case "inherit" -> new Sink.Inherit();
            case "journal", "syslog", "kmsg", "journal+console", "syslog+console", "kmsg+console" -> new Sink.Journal();
            default -> {
                reader.unheld("\"" + value + "\" as standard output");
                yield new Sink.Journal();
            }
        };
    }

    private ImmutableList<String> prefix() {
        var limits = new ArrayList<String>();
        RESOURCES.forEach((key, name) ->
                reader.service(key, value -> limit(key, value)).ifPresent(limit -> limits.add(
                        "--" + name + "=" + limit)));
        var prefix = ImmutableList.<String>builder();
        if (!limits.isEmpty()) {
            prefix.add("prlimit").addAll(limits).add("--");
        }
        reader.service("Nice", value -> SettingReader.whole(value, -20, 19))
                .ifPresent(nice -> prefix.add("nice", "-n", Integer.toString(nice)));
        reader.service("OOMScoreAdjust", value -> SettingReader.whole(value, -1000, 1000))
                .ifPresent(score -> prefix.add("choom", "-n", Integer.toString(score), "--"));
        return prefix.build();
    }

    /// `soft:hard`, or one value for both; in bytes, seconds or a count.
    private static String limit(String key, String value) {
        var parts = value.split(":", 2);
        var soft = bound(key, parts[0]);
        return soft + ":" + (parts.length == 2 ? bound(key, parts[1]) : soft);
    }

    private static String bound(String key, String value) {
        if (value.equals("infinity")) {
            return "unlimited";
        }
        if (key.equals("LimitCPU")) {
            return Long.toString(TimeSpan.parse(value).toSeconds());
        }
        return Long.toString(ByteSize.parse(value));
    }

    private ImmutableListMultimap<String, String> folders() {
        var folders = ImmutableListMultimap.<String, String>builder();
        FOLDERS.forEach((key, base) -> folders.putAll(base, reader.list(key, value -> Words.split(value).stream()
                .map(word -> relative(reader.expand(word)))
                .collect(ImmutableList.toImmutableList()))));
        return folders.build();
    }

    private static String relative(String path) {
        if (path.startsWith("/") || ("/" + path + "/").contains("/../")) {
            throw new IllegalArgumentException("\"" + path + "\" is not a path below the system's folder");
        }
        return path;
    }
}
