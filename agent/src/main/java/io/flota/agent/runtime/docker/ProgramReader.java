package io.flota.agent.runtime.docker;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import io.flota.agent.runtime.docker.ContainerSettings.Program;
import io.flota.agent.runtime.process.Signal;
import io.flota.agent.runtime.setting.EnvironmentSource;
import io.flota.agent.runtime.setting.SettingReader;
import io.flota.unit.BooleanValue;
import io.flota.unit.TimeSpan;
import io.flota.unit.Words;
import java.time.Duration;
import java.util.Optional;

/// Reads what runs in a container, and as whom.
final class ProgramReader {
    private final SettingReader reader;

    ProgramReader(SettingReader reader) {
        this.reader = reader;
    }

    Program read() {
        var entrypoint = last("Entrypoint")
                .or(() -> reader.isEmptied(ContainerReader.SECTION, "Entrypoint")
                        ? Optional.of(ImmutableList.of())
                        : Optional.empty());
        var command = reader.last(ContainerReader.SECTION, "Exec", value -> Words.split(value).stream()
                .map(word -> reader.expand(word).replace("$$", "$"))
                .collect(ImmutableList.toImmutableList()));
        return new Program(
                entrypoint,
                command.orElse(ImmutableList.of()),
                environment(), EnvironmentSource.files(reader, ContainerReader.SECTION), user(),
                reader.all(ContainerReader.SECTION, "GroupAdd", value -> ImmutableList.of(group(reader.expand(value)))),
                reader.last(ContainerReader.SECTION, "WorkingDir", value -> MountSetting.path(reader.expand(value))),
                reader.last(ContainerReader.SECTION, "RunInit", BooleanValue::parse).orElse(false),
                reader.last(ContainerReader.SECTION, "StopSignal", value -> Signal.named(value)
                        .orElseThrow(() -> new IllegalArgumentException("is not a signal, such as SIGTERM"))),
                reader.last(ContainerReader.SECTION, "StopTimeout", ProgramReader::seconds));
    }

    private ImmutableMap<String, String> environment() {
        return EnvironmentSource.assignments(reader, ContainerReader.SECTION);
    }

    private Optional<ImmutableList<String>> last(String key) {
        return reader.last(ContainerReader.SECTION, key, value -> {
            var expanded = reader.expand(value);
            return expanded.startsWith("[") ? JsonWords.parse(expanded) : ImmutableList.of(expanded);
        });
    }

    private Optional<String> user() {
        var user = reader.last(ContainerReader.SECTION, "User", value -> account(reader.expand(value)));
        var group = reader.last(ContainerReader.SECTION, "Group", value -> account(reader.expand(value)));
        if (group.isPresent() && !reader.isSet(ContainerReader.SECTION, "User")) {
            reader.problem("there is a Group= in [Container] and no User=. Add one.");
        }
        if (group.isPresent() && user.filter(name -> name.contains(":")).isPresent()) {
            reader.problem("User= in [Container] names a group, and so does Group=. Remove one of them.");
        }
        return user.map(name -> name + group.map(of -> ":" + of).orElse(""));
    }

    private static String account(String value) {
        if (!value.matches("[A-Za-z0-9_][A-Za-z0-9_.:-]*")) {
            throw new IllegalArgumentException("is neither a name nor a number");
        }
        return value;
    }

    private static String group(String value) {
        if (value.equals("keep-groups")) {
            throw new IllegalArgumentException("Docker cannot keep the agent's groups; name them");
        }
        return account(value);
    }

    /// Docker counts whole seconds.
    private static Duration seconds(String value) {
        var span = TimeSpan.parse(value);
        if (span.compareTo(Duration.ofDays(1)) > 0) {
            throw new IllegalArgumentException("is longer than a day");
        }
        return Duration.ofSeconds(span.plusSeconds(1).minusNanos(1).toSeconds());
    }
}
