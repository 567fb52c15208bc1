package io.flota.agent.runtime.docker;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import com.google.common.collect.ImmutableSortedMap;
import com.google.common.hash.Hashing;
import io.flota.agent.runtime.docker.ContainerSettings.HealthOnFailure;
import io.flota.agent.runtime.docker.ContainerSettings.Logging;
import io.flota.agent.runtime.setting.CgroupLimits;
import io.flota.agent.runtime.setting.SettingReader;
import io.flota.unit.UnitName;
import io.flota.unit.Words;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.function.BinaryOperator;
import java.util.stream.Stream;

/// Reads `[Container]`, and what `[Service]` says about limits.
final class ContainerReader {
    static final String SECTION = "Container";

    /// Docker's least.
    private static final long LEAST_MEMORY = 6L << 20;

    private static final ImmutableMap<String, PullPolicy> POLICIES = ImmutableMap.of(
            "missing", PullPolicy.MISSING,
            "always", PullPolicy.ALWAYS,
            "newer", PullPolicy.NEWER,
            "never", PullPolicy.NEVER);
    private static final ImmutableMap<String, HealthOnFailure> ON_FAILURE = ImmutableMap.of(
            "none", HealthOnFailure.NONE,
            "kill", HealthOnFailure.KILL,
            "restart", HealthOnFailure.RESTART,
            "stop", HealthOnFailure.STOP);
    private static final ImmutableMap<String, Boolean> NOTIFY =
            ImmutableMap.of("healthy", true, "no", false, "false", false);
    private static final ImmutableSet<String> DRIVERS = ImmutableSet.of(
            "json-file", "local", "journald", "syslog", "none", "gelf", "fluentd", "awslogs", "splunk", "gcplogs",
            "loki");
    /// The service's own commands, and those that ask for the container.
    private static final long LEAST_TASKS = 16;
    private static final ImmutableSet<String> TYPES = ImmutableSet.of("notify", "simple", "exec", "oneshot");

    private final SettingReader reader;

    private ContainerReader(SettingReader reader) {
        this.reader = reader;
    }

    /// Empty if there is something wrong, which the reader keeps.
    static Optional<ContainerSettings> read(SettingReader reader) {
        return new ContainerReader(reader).read();
    }

    private Optional<ContainerSettings> read() {
        ContainerKeys.refuse(reader);
        ServiceKeys.refuse(reader);
        var _ = reader.service("Type", value -> {
            if (!TYPES.contains(value)) {
                throw new IllegalArgumentException("a container's type is notify or oneshot");
            }
            return value;
        });
        var image = reader.last(SECTION, "Image", value -> ImageReference.parse(reader.expand(value)));
        if (!reader.isSet(SECTION, "Image")) {
            reader.problem("there is no Image= in [Container], nothing to run. Add one.");
        }
        var health = new HealthReader(reader).read();
        boolean notifyHealthy = reader.choice(SECTION, "Notify", false, NOTIFY);
        if (notifyHealthy && health.filter(check -> check.test().equals(ContainerSettings.Health.NONE)).isPresent()) {
            reader.problem("Notify=healthy waits for ever with HealthCmd=none. Name a command, or remove one of them.");
        }
        var policy = reader.choice(SECTION, "Pull", PullPolicy.MISSING, POLICIES);
        var onFailure = reader.choice(SECTION, "HealthOnFailure", HealthOnFailure.NONE, ON_FAILURE);
        var program = new ProgramReader(reader).read();
        var networking = new NetworkReader(reader).read();
        var storage = new StorageReader(reader).read();
        var security = new SecurityReader(reader).read();
        var limits = limits();
        var logging = logging();
        var labels = labels();
        var name = name();
        return image.map(known -> new ContainerSettings(
                known, policy, name, program, networking, storage, security, limits, logging, health, onFailure,
                notifyHealthy, labels));
    }

    private String name() {
        return reader.last(SECTION, "ContainerName", value -> {
                    var name = reader.expand(value);
                    if (!name.matches("[a-zA-Z0-9][a-zA-Z0-9_.-]+")) {
                        throw new IllegalArgumentException(
                                "is not a name of Docker's: letters, digits, _ . - and at least two of them");
                    }
                    return name;
                })
                .orElse(nameOf(reader.unit()));
    }

    /// Different for each unit: what looks like another one's has a hash behind it.
    static String nameOf(UnitName unit) {
        var plain = "flota-" + unit.stem().replaceAll("[^a-zA-Z0-9.-]", "_");
        boolean plainOnly = unit.stem().matches("[a-zA-Z0-9.@-]*");
        var hash = Hashing.sha256().hashString(unit.full(), StandardCharsets.UTF_8).toString();
        return plainOnly ? plain : plain + "-" + hash.substring(0, 8);
    }

    private CgroupLimits limits() {
        var memory = reader.last(SECTION, "Memory", value -> DockerSize.parse(reader.expand(value)));
        var tasks = reader.last(SECTION, "PidsLimit", value -> value.equals("-1")
                ? Optional.<Long>empty()
                : Optional.of((long) SettingReader.whole(value, 1, Integer.MAX_VALUE)));
        var service = CgroupLimits.read(reader);
        var lower = lower(memory, service.memory());
        if (lower.isPresent() && lower.get() < LEAST_MEMORY) {
            reader.problem("Memory= or MemoryMax= is " + lower.get()
                    + " bytes; Docker gives no container less than 6M.");
        }
        if (service.tasks().filter(most -> most < LEAST_TASKS).isPresent()) {
            reader.problem("TasksMax= is " + service.tasks().get() + "; the service itself needs " + LEAST_TASKS
                    + ". Use PidsLimit= in [Container] for less.");
        }
        return new CgroupLimits(lower, service.cpu(), lower(tasks.orElse(Optional.empty()), service.tasks()));
    }

    private static Optional<Long> lower(Optional<Long> one, Optional<Long> other) {
        return Stream.of(one, other).flatMap(Optional::stream).reduce(BinaryOperator.minBy(Long::compare));
    }

    private Logging logging() {
        var driver = reader.last(SECTION, "LogDriver", value -> {
            if (!DRIVERS.contains(value)) {
                throw new IllegalArgumentException("\"" + value + "\" is none of Docker's: "
                        + String.join(", ", DRIVERS) + ". Podman's k8s-file is json-file");
            }
            return value;
        });
        return new Logging(driver, SettingReader.merged(reader.all(
                SECTION, "LogOpt", value -> ImmutableList.of(pair(reader.expand(value))))));
    }

    private ImmutableSortedMap<String, String> labels() {
        var labels = SettingReader.merged(reader.all(SECTION, "Label", value -> Words.split(value).stream()
                .map(word -> pair(reader.expand(word)))
                .toList()));
        labels.keySet().stream().filter(key -> key.startsWith(ContainerLabels.PREFIX)).forEach(key ->
                reader.problem("Label=" + key + " is the agent's own. Choose another name."));
        return ImmutableSortedMap.copyOf(labels);
    }

    /// `name=value`; without a value it is empty.
    private static ImmutableMap<String, String> pair(String word) {
        int equals = word.indexOf('=');
        if (equals == 0) {
            throw new IllegalArgumentException("\"" + word + "\" has no name in front of =");
        }
        return equals < 0
                ? ImmutableMap.of(word, "")
                : ImmutableMap.of(word.substring(0, equals), word.substring(equals + 1));
    }
}
